import type { LayerSystems } from '../core/systems/layer';
import type { ComplexVector } from '../core/linalg/complex';
import type { TensorEdit } from '../formats/checkpoint';
import type { TensorInfo, TensorValues } from '../formats/tensor';
import { complexExpm1 } from '../core/scalars';
import type { DiagonalShape } from './diagonalLayer';
import { diagonalSite, optionalTensor, shapeOf } from './diagonalSite';
import { bilinear, conjugated, systemsOf } from './lowRankLayer';
import { discretePoles } from './discretisation';
import { evenSlots } from './evenOrder';
import type { Family, LayerSite } from './family';
import type { HyperValues } from './hyperParameters';
import {
  type PoleCode,
  complexValues,
  decodePoles,
  interleaved,
  interleavedOnes,
} from './poleCode';
import { liquidKernel, refuseLiquid } from './s4HyperParameters';
import {
  type Tensors,
  complexShape,
  hasShape,
  prefixesOf,
  siblings,
  storedComplexShape,
} from './siblings';
import { type StoredDiagonal, storedDiagonal } from './storedDiagonal';
import { type LayerTensors, layerTensors, storedEdit } from './values';

/**
 * S4 of state-spaces/s4, version 2, with states diag(w) - P Q^T: tensors below `<layer>.kernel.kernel`
 *     log_dt (H)   P (R, S, n, 2)   B (1, S, n, 2)   C (channels, H, n, 2)   omega, z (L / 2 + 1, 2)
 * and either w (S, n, 2), Q (R, S, n, 2) or, with `hurwitz`, log_w_real and w_imag (S, n) with w = -e^log_w_real +
 * i w_imag and Q = conj P. S is H, or 1 where the state is tied. Always bilinear; C holds C (I - dA^L) from the
 * beginning. A reduced layer is stored with P = Q = 0 in this form; omega and z depend on L alone.
 */
export const s4v2Nplr: Family = {
  id: 's4v2-nplr',
  title: 'S4 (version 2, NPLR)',
  orderSettings: ['d_state', 'N'],
  hyperParameters: () => [liquidKernel],
  smallestOrder: 2,
  recognise: (tensors) =>
    prefixesOf(tensors, 'omega')
      .map((prefix) => siteAt(prefix, tensors))
      .filter((site) => site !== undefined),
  slotsForOrder: (order) => evenSlots(order, 'S4'),
  orderForSlots: (slots) => 2 * slots,
  parameters: (site, order) => {
    const { features, channels, groups } = shapeOf(site);
    const { ranks = 1 } = site.sizes ?? {};
    const low = 'Q' in site.tensors ? 2 * ranks : ranks;
    return features + order * (channels * features + (2 + low) * groups);
  },
  read,
  write,
};

function siteAt(prefix: string, tensors: Tensors): LayerSite | undefined {
  const common = siblings(tensors, prefix, ['log_dt', 'B', 'C', 'P']);
  const nodes = siblings(tensors, prefix, ['omega', 'z']);
  const poles =
    siblings(tensors, prefix, ['w', 'Q']) ?? siblings(tensors, prefix, ['log_w_real', 'w_imag']);
  if (common === undefined || nodes === undefined || poles === undefined) return undefined;
  const shape = shapeFrom(common, poles);
  const length = complexShape(nodes.omega);
  if (shape === undefined || !hasShape(length, [undefined])) return undefined;
  const site = diagonalSite(tensors, {
    family: 's4v2-nplr',
    prefix,
    inner: 'kernel.kernel.',
    order: 2 * shape.slots,
    shape,
    found: { ...common, ...poles },
    facts: 'w' in poles ? {} : { hurwitz: 'true' },
  });
  const ranks = complexShape(common.P)?.[0] ?? 1;
  return { ...site, sizes: { ...site.sizes, ranks, length: 2 * ((length?.[0] ?? 1) - 1) } };
}

function shapeFrom(
  { log_dt: logStep, B, C, P }: Readonly<Record<'log_dt' | 'B' | 'C' | 'P', TensorInfo>>,
  poles: Readonly<Record<string, TensorInfo>>,
): DiagonalShape | undefined {
  const shapeC = complexShape(C);
  const [channels, features, slots] = shapeC ?? [];
  const groups = complexShape(B)?.[1] ?? 0;
  const [first, second] = Object.values(poles);
  const ranks = complexShape(P)?.[0];
  const fits =
    hasShape(shapeC, [undefined, undefined, undefined]) &&
    hasShape(complexShape(B), [1, undefined, slots]) &&
    hasShape(complexShape(P), [undefined, groups, slots]) &&
    hasShape('w' in poles ? complexShape(first) : first.shape, [groups, slots]) &&
    ('w' in poles
      ? hasShape(complexShape(second), [ranks, groups, slots])
      : hasShape(second.shape, [groups, slots])) &&
    hasShape(logStep.shape, [features]) &&
    (groups === features || groups === 1);
  return fits ? { features, channels, groups, slots, stepPerSlot: false } : undefined;
}

const hurwitz: PoleCode = {
  real: 'exp',
  imaginary: 'none',
  imaginarySign: 1,
  reluOffset: 0,
};

/** w; without `hurwitz` its parts are stored as they are. */
function diagonalOf(tensors: LayerTensors): ComplexVector {
  const w = optionalTensor(tensors, 'w');
  return w === undefined
    ? decodePoles(hurwitz, tensors.log_w_real.values, tensors.w_imag.values)
    : complexValues(w.values);
}

function read(
  site: LayerSite,
  values: ReadonlyMap<string, TensorValues>,
  hyper: HyperValues,
): LayerSystems {
  refuseLiquid(hyper);
  const tensors = layerTensors(site, values);
  const P = complexValues(tensors.P.values);
  const Q = optionalTensor(tensors, 'Q');
  const { length = 0 } = site.sizes ?? {};
  const w = optionalTensor(tensors, 'w') ?? tensors.log_w_real;
  return systemsOf(
    {
      shape: shapeOf(site),
      diagonal: diagonalOf(tensors),
      P,
      Q: Q === undefined ? conjugated(P) : complexValues(Q.values),
      B: complexValues(tensors.B.values),
      C: complexValues(tensors.C.values),
      steps: tensors.log_dt.values.map(Math.exp),
      length,
    },
    { place: `tensor ${w.info.name}` },
  );
}

function write(
  site: LayerSite,
  reduced: LayerSystems,
  original: ReadonlyMap<string, TensorValues>,
): TensorEdit[] {
  const tensors = layerTensors(site, original);
  const { B, C, P } = tensors;
  const shape = shapeOf(site);
  const { features, channels, groups } = shape;
  const w = optionalTensor(tensors, 'w');
  const steps = tensors.log_dt.values.map(Math.exp);
  const stored = storedDiagonal(reduced, {
    shape,
    steps,
    discretiser: bilinear,
    bandLimit: Infinity,
    code: w === undefined ? hurwitz : { ...hurwitz, real: 'none' },
    side: 0,
    real: w ?? tensors.log_w_real,
    imaginary: w ?? tensors.w_imag,
  });
  const { slots } = stored;
  const { ranks = 1, length = 0 } = site.sizes ?? {};
  const zeros = (tensor: TensorValues): TensorEdit =>
    storedEdit(
      tensor,
      storedComplexShape(tensor.info, [ranks, groups, slots]),
      new Float64Array(2 * ranks * groups * slots),
    );
  const C0 = withEndRemoved(stored, shape, steps, length);
  const poles =
    w === undefined
      ? [
          edit(tensors.log_w_real, [groups, slots], stored.realParts),
          edit(tensors.w_imag, [groups, slots], stored.imaginaryParts),
        ]
      : [edit(w, storedComplexShape(w.info, [groups, slots]), interleaved(stored.poles))];
  return [
    storedEdit(C, storedComplexShape(C.info, [channels, features, slots]), interleaved(C0)),
    storedEdit(B, storedComplexShape(B.info, [1, groups, slots]), interleavedOnes(groups * slots)),
    zeros(P),
    ...Object.entries(tensors).flatMap(([role, Q]) => (role === 'Q' ? [zeros(Q)] : [])),
    ...poles,
  ];
}

function edit({ info }: TensorValues, shape: readonly number[], values: Float64Array): TensorEdit {
  return { name: info.name, shape, values };
}

/** C (1 - z^length), kernels × slots. */
function withEndRemoved(
  { poles, weights, slots }: StoredDiagonal,
  { features, groups }: DiagonalShape,
  steps: Float64Array,
  length: number,
): ComplexVector {
  const re = weights.re.slice();
  const im = weights.im.slice();
  const end = new Float64Array(2);
  for (let i = 0; i < re.length; i++) {
    const h = Math.floor(i / slots) % features;
    const at = (h % groups) * slots + (i % slots);
    const pole = { re: poles.re.subarray(at, at + 1), im: poles.im.subarray(at, at + 1) };
    const log = discretePoles(bilinear, pole, steps[h]);
    complexExpm1(length * log.re[0], length * log.im[0], end, 0);
    re[i] = -(weights.re[i] * end[0] - weights.im[i] * end[1]);
    im[i] = -(weights.re[i] * end[1] + weights.im[i] * end[0]);
  }
  return { re, im };
}
