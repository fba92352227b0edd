import type { LayerSystems } from '../core/systems/layer';
import type { TensorEdit } from '../formats/checkpoint';
import type { TensorInfo, TensorValues } from '../formats/tensor';
import { bandLimitOf, masked } from './bandLimit';
import type { DiagonalShape } from './diagonalLayer';
import { diagonalSite, shapeOf, untieGroups } from './diagonalSite';
import { evenSlots } from './evenOrder';
import type { Family, LayerSite } from './family';
import type { HyperValues } from './hyperParameters';
import { bilinear, conjugated, systemsOf } from './lowRankLayer';
import {
  type PoleCode,
  complexValues,
  decodePoles,
  interleaved,
  interleavedOnes,
} from './poleCode';
import { implausibleDecay } from './plausibility';
import { bandLimit, liquidKernel, refuseLiquid, transform } from './s4HyperParameters';
import {
  type Tensors,
  complexShape,
  hasShape,
  prefixesOf,
  siblings,
  storedComplexShape,
} from './siblings';
import { storedDiagonal } from './storedDiagonal';
import { transformNamed } from './transforms';
import { hyperValue, layerTensors, storedEdit } from './values';

/**
 * S4 of state-spaces/s4, version 3, with states diag(w) - P P^H: tensors below `<layer>.kernel.kernel`
 *     log_dt (H)   inv_w_real, w_imag (S, n)   P (R, S, n, 2)   B (1, S, n, 2)   C (channels, H, n, 2)   L ()
 * with w = -f(inv_w_real) + i w_imag, always bilinear. Once the layer has run, C holds C (I - dA^L). A reduced layer is
 * stored with P = 0, which makes it diagonal, and L = 0: then C is C, and the layer sets up what it needs when it runs.
 */
export const s4v3Nplr: Family = {
  id: 's4v3-nplr',
  title: 'S4 (version 3, NPLR)',
  orderSettings: ['d_state', 'N'],
  hyperParameters: () => [
    transform('real_type', 'Transform of the decay rates', 'exp'),
    bandLimit,
    liquidKernel,
  ],
  smallestOrder: 2,
  recognise: (tensors) =>
    prefixesOf(tensors, 'inv_w_real')
      .map((prefix) => siteAt(prefix, tensors))
      .filter((site) => site !== undefined),
  slotsForOrder: (order) => evenSlots(order, 'S4'),
  orderForSlots: (slots) => 2 * slots,
  parameters: (site, order) => {
    const { features, channels, groups } = shapeOf(site);
    const { ranks = 1 } = site.sizes ?? {};
    return features + order * (channels * features + (2 + ranks) * groups);
  },
  implausible: (site, values, hyper) => implausibleDecay(read(site, values, hyper)),
  untie: (site) => untieGroups(site, { inv_w_real: 0, w_imag: 0, B: 1, P: 1 }),
  read,
  write,
};

const roles = ['log_dt', 'inv_w_real', 'w_imag', 'P', 'B', 'C', 'L'] as const;

function siteAt(prefix: string, tensors: Tensors): LayerSite | undefined {
  const found = siblings(tensors, prefix, roles);
  const shape = found === undefined ? undefined : shapeFrom(found);
  if (found === undefined || shape === undefined) return undefined;
  const site = diagonalSite(tensors, {
    family: 's4v3-nplr',
    prefix,
    inner: 'kernel.kernel.',
    order: 2 * shape.slots,
    shape,
    found,
  });
  return { ...site, sizes: { ...site.sizes, ranks: complexShape(found.P)?.[0] ?? 1 } };
}

function shapeFrom(
  found: Readonly<Record<(typeof roles)[number], TensorInfo>>,
): DiagonalShape | undefined {
  const [groups, slots] = found.inv_w_real.shape;
  const C = complexShape(found.C);
  const [channels, features] = C ?? [];
  const fits =
    hasShape(found.inv_w_real.shape, [undefined, undefined]) &&
    hasShape(found.w_imag.shape, [groups, slots]) &&
    hasShape(complexShape(found.B), [1, groups, slots]) &&
    hasShape(complexShape(found.P), [undefined, groups, slots]) &&
    hasShape(C, [undefined, undefined, slots]) &&
    hasShape(found.log_dt.shape, [features]) &&
    found.L.shape.length <= 1 &&
    features % groups === 0;
  return fits ? { features, channels, groups, slots, stepPerSlot: false } : undefined;
}

function poleCode(hyper: HyperValues): PoleCode {
  return {
    real: transformNamed(hyperValue(hyper, 'real_type')),
    imaginary: 'none',
    imaginarySign: 1,
    reluOffset: 0,
  };
}

function read(
  site: LayerSite,
  values: ReadonlyMap<string, TensorValues>,
  hyper: HyperValues,
): LayerSystems {
  refuseLiquid(hyper);
  const tensors = layerTensors(site, values);
  const { log_dt: logStep, inv_w_real: real, w_imag: imaginary, B, C, P } = tensors;
  const shape = shapeOf(site);
  const steps = logStep.values.map(Math.exp);
  const poles = decodePoles(poleCode(hyper), real.values, imaginary.values);
  // the mask of the band limit looks at the diagonal part alone
  const limited = masked(
    { shape, poles, weights: complexValues(C.values), steps },
    bandLimitOf(hyper),
  );
  const low = complexValues(P.values);
  return systemsOf(
    {
      shape,
      diagonal: poles,
      P: low,
      Q: conjugated(low),
      B: complexValues(B.values),
      C: limited.weights,
      steps,
      length: tensors.L.values[0],
    },
    { place: `tensor ${real.info.name}` },
  );
}

function write(
  site: LayerSite,
  reduced: LayerSystems,
  original: ReadonlyMap<string, TensorValues>,
  hyper: HyperValues,
): TensorEdit[] {
  const {
    log_dt: logStep,
    inv_w_real: real,
    w_imag: imaginary,
    B,
    C,
    P,
    L,
  } = layerTensors(site, original);
  const shape = shapeOf(site);
  const { features, channels, groups } = shape;
  const stored = storedDiagonal(reduced, {
    shape,
    steps: logStep.values.map(Math.exp),
    discretiser: bilinear,
    bandLimit: bandLimitOf(hyper),
    code: poleCode(hyper),
    side: 0,
    real,
    imaginary,
  });
  const { slots } = stored;
  const { ranks = 1 } = site.sizes ?? {};
  return [
    storedEdit(
      C,
      storedComplexShape(C.info, [channels, features, slots]),
      interleaved(stored.weights),
    ),
    storedEdit(B, storedComplexShape(B.info, [1, groups, slots]), interleavedOnes(groups * slots)),
    { name: real.info.name, shape: [groups, slots], values: stored.realParts },
    { name: imaginary.info.name, shape: [groups, slots], values: stored.imaginaryParts },
    storedEdit(
      P,
      storedComplexShape(P.info, [ranks, groups, slots]),
      new Float64Array(2 * ranks * groups * slots),
    ),
    { name: L.info.name, shape: L.info.shape, values: Float64Array.of(0) },
  ];
}
