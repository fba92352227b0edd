import type { TensorInfo, TensorValues } from '../formats/tensor';
import type { DiagonalShape } from './diagonalLayer';
import type { FamilyId, LayerSite, Untying } from './family';
import { type Tensors, hasShape, namesOf } from './siblings';
import { type LayerTensors, valuesOf } from './values';

/** What a site of the S4 world is made of. */
export interface SiteParts {
  readonly family: FamilyId;
  /** With its separator: `model.s4_layers.0.layer.kernel.`. */
  readonly prefix: string;
  /** The part of the prefix that belongs to the kernel: `kernel.`. */
  readonly inner: string;
  readonly order: number;
  readonly shape: DiagonalShape;
  readonly found: Readonly<Record<string, TensorInfo>>;
  readonly facts?: Readonly<Record<string, string>>;
}

/** The site of a layer whose kernels follow from a `DiagonalShape`; that shape is in its `sizes`. */
export function diagonalSite(tensors: Tensors, parts: SiteParts): LayerSite {
  const { prefix, inner, shape, order } = parts;
  const { features, channels, groups, slots, stepPerSlot } = shape;
  const outer = prefix.endsWith(inner) ? prefix.slice(0, -inner.length) : prefix;
  const skip = tensors.get(`${outer}D`);
  const skips = hasShape(skip?.shape, [features]) || hasShape(skip?.shape, [undefined, features]);
  return {
    family: parts.family,
    name: outer.replace(/[./]$/, '') || inner.replace(/\.$/, ''),
    order,
    slots,
    channels: channels * features,
    tying: groups < features || channels > 1 ? 'tied' : 'independent',
    tensors: namesOf(parts.found),
    ...(skip !== undefined && skips ? { skip: skip.name } : {}),
    facts: {
      ...(channels > 1 ? { channels: String(channels) } : {}),
      ...(groups < features ? { n_ssm: String(groups) } : {}),
      ...(stepPerSlot ? { dt_tie: 'false' } : {}),
      ...parts.facts,
    },
    sizes: { features, channels, groups, stepPerSlot: Number(stepPerSlot) },
  };
}

/** A layer's tensor by role where the layer may do without it. */
export function optionalTensor(tensors: LayerTensors, role: string): TensorValues | undefined {
  return Object.hasOwn(tensors, role) ? tensors[role] : undefined;
}

/** The shape of a site made by `diagonalSite`. */
export function shapeOf({ sizes, slots }: LayerSite): DiagonalShape {
  const { features = 1, channels = 1, groups = 1, stepPerSlot = 0 } = sizes ?? {};
  return { features, channels, groups, slots, stepPerSlot: stepPerSlot === 1 };
}

/** Poles for every feature by the setting `n_ssm`; `axes` tells the group's axis of each tensor that has one. */
export function untieGroups(
  site: LayerSite,
  axes: Readonly<Record<string, number>>,
): Untying | undefined {
  const { features, channels, groups } = shapeOf(site);
  if (groups === features) return undefined;
  return {
    setting: 'n_ssm',
    value: features,
    description: `Each of the ${features} features gets poles of its own instead of sharing ${groups === 1 ? 'one set' : `${groups} sets`} with others.`,
    site: {
      ...site,
      facts: Object.fromEntries(
        Object.entries(site.facts ?? {}).filter(([name]) => name !== 'n_ssm'),
      ),
      tying: channels > 1 ? 'tied' : 'independent',
      sizes: { ...site.sizes, groups: features },
    },
    apply: (values) => {
      const untied = new Map(values);
      for (const [role, axis] of Object.entries(axes)) {
        if (!Object.hasOwn(site.tensors, role)) continue;
        const name = site.tensors[role];
        untied.set(name, tiled(valuesOf(values, name), axis, features));
      }
      return untied;
    },
  };
}

/** A tensor whose rows along an axis are repeated as 0, 1, …, n - 1, 0, 1, … up to `count`. */
function tiled({ info, values }: TensorValues, axis: number, count: number): TensorValues {
  const { shape } = info;
  const rows = shape[axis];
  const outer = shape.slice(0, axis).reduce((product, size) => product * size, 1);
  const inner = values.length / (outer * rows);
  const result = new Float64Array(outer * count * inner);
  for (let o = 0; o < outer; o++) {
    for (let k = 0; k < count; k++) {
      const from = (o * rows + (k % rows)) * inner;
      result.set(values.subarray(from, from + inner), (o * count + k) * inner);
    }
  }
  return {
    info: { ...info, shape: shape.map((size, i) => (i === axis ? count : size)) },
    values: result,
  };
}
