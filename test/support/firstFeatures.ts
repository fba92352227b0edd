import type { FileLayer } from './layers';

/** The axis along which each tensor of the S4 families numbers the features. */
const axes: Readonly<Record<string, number>> = {
  inv_dt: 0,
  log_dt: 0,
  A_real: 0,
  A_imag: 0,
  w: 0,
  C: 1,
  B: 1,
  P: 1,
  Q: 1,
};

/** A layer with poles of its own for every feature, cut down to its first features: less to compute. */
export function firstFeatures({ site, values }: FileLayer, count: number): FileLayer {
  const cut = new Map(values);
  for (const [role, name] of Object.entries(site.tensors)) {
    const tensor = values.get(name)!;
    if (!Object.hasOwn(axes, role)) continue;
    const axis = axes[role];
    const { shape } = tensor.info;
    const inner = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
    const kept = tensor.values.filter((_, i) => Math.floor(i / inner) % shape[axis] < count);
    const info = { ...tensor.info, shape: shape.map((size, i) => (i === axis ? count : size)) };
    cut.set(name, { info, values: kept });
  }
  const sizes = { ...site.sizes, features: count, groups: count };
  const channels = (site.channels / (site.sizes?.features ?? count)) * count;
  return { site: { ...site, channels, sizes }, values: cut };
}
