import type { TensorValues } from '../formats/tensor';
import { shapeOf } from './diagonalSite';
import type { LayerSite } from './family';
import { complexShape } from './siblings';
import { valuesOf } from './values';

/** A layer with the values of its tensors. */
export interface LayerValues {
  readonly site: LayerSite;
  readonly values: ReadonlyMap<string, TensorValues>;
}

/** Tensors that number the features along their first axis: steps, and real and imaginary parts of poles. */
const alongFirst = new Set(
  'inv_dt log_dt A_real A_imag inv_A_real inv_w_real log_w_real w_imag'.split(' '),
);
/** Those of complex numbers that number them along the last axis but one. */
const beforeSlots = new Set('A B C P Q w'.split(' '));

/**
 * A layer of the S4 world with poles of its own for every feature, cut down to its first features: the same systems for
 * those, and less to compute. Other layers are returned as they are.
 */
export function firstFeatures(layer: LayerValues, count: number): LayerValues {
  const { site, values } = layer;
  const { features, groups, channels } = shapeOf(site);
  if (site.sizes?.groups === undefined || groups !== features || count >= features) return layer;
  const cut = new Map(values);
  for (const [role, name] of Object.entries(site.tensors)) {
    const tensor = valuesOf(values, name);
    const axis = axisOf(role, tensor);
    if (axis === undefined) continue;
    if (tensor.info.shape[axis] !== features) return layer;
    cut.set(name, firstAlong(tensor, axis, count));
  }
  const sizes = { ...site.sizes, features: count, groups: count };
  return { site: { ...site, channels: channels * count, sizes }, values: cut };
}

function axisOf(role: string, { info }: TensorValues): number | undefined {
  if (alongFirst.has(role)) return 0;
  return beforeSlots.has(role) ? (complexShape(info)?.length ?? 0) - 2 : undefined;
}

function firstAlong({ info, values }: TensorValues, axis: number, count: number): TensorValues {
  const { shape } = info;
  const outer = shape.slice(0, axis + 1).reduce((product, size) => product * size, 1);
  const inner = values.length / outer;
  return {
    info: { ...info, shape: shape.map((size, i) => (i === axis ? count : size)) },
    values: values.filter((_, i) => Math.floor(i / inner) % shape[axis] < count),
  };
}
