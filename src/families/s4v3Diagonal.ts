import type { LayerSystems } from '../core/systems/layer';
import type { TensorEdit } from '../formats/checkpoint';
import type { TensorInfo, TensorValues } from '../formats/tensor';
import { bandLimitOf, masked } from './bandLimit';
import { type DiagonalShape, systemsOf, weightProducts } from './diagonalLayer';
import { diagonalSite, optionalTensor, shapeOf, untieGroups } from './diagonalSite';
import { discretiserNamed } from './discretisation';
import { evenSlots } from './evenOrder';
import type { Family, FamilyId, LayerSite } from './family';
import type { HyperValues } from './hyperParameters';
import {
  type PoleCode,
  complexValues,
  decodePoles,
  interleaved,
  interleavedOnes,
} from './poleCode';
import { implausibleDecay } from './plausibility';
import {
  bandLimit,
  discretisation,
  liquidKernel,
  refuseLiquid,
  sequenceLength,
  transform,
} from './s4HyperParameters';
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
 * S4D of state-spaces/s4, version 3: tensors below `<layer>.kernel.kernel`
 *     log_dt (H)   inv_A_real, A_imag (S, n)   B (S, n, 2)   C (channels, H, n, 2)   A (S, n, 2)
 * with A = -f(inv_A_real) + i A_imag, steps e^log_dt and weights B C. The tensor A is not used, but the original class
 * has it, so it must be there. An order N (`d_state`) is stored as n = N / 2 complex pairs.
 */
export const s4v3Diagonal: Family = diagonalFamily({
  id: 's4v3-diagonal',
  title: 'S4D (version 3)',
  inner: 'kernel.kernel.',
  unusedA: true,
  orderSettings: ['d_state', 'N'],
});

/**
 * The diagonal kernel of H3, the same without the tensor A. The other kernel of the layer, a filter of `d_state` taps,
 * is not reduced, so `d_state` stays as it is and the tensors are loaded at sizes of their own.
 */
export const h3: Family = diagonalFamily({
  id: 'h3',
  title: 'H3, diagonal kernel',
  inner: 'kernel.kernel.',
  unusedA: false,
  orderSettings: [],
});

interface Version {
  readonly id: FamilyId;
  readonly title: string;
  readonly inner: string;
  readonly unusedA: boolean;
  readonly orderSettings: readonly string[];
}

function diagonalFamily(version: Version): Family {
  const perPole = version.unusedA ? 6 : 4;
  return {
    id: version.id,
    title: version.title,
    orderSettings: version.orderSettings,
    hyperParameters: () => [
      discretisation('bilinear'),
      sequenceLength,
      transform('real_type', 'Transform of the decay rates', 'exp'),
      bandLimit,
      ...(version.id === 'h3' ? [] : [liquidKernel]),
    ],
    smallestOrder: 2,
    recognise: (tensors) =>
      prefixesOf(tensors, 'inv_A_real')
        .map((prefix) => siteAt(prefix, tensors, version))
        .filter((site) => site !== undefined),
    slotsForOrder: (order) => evenSlots(order, 'S4D'),
    orderForSlots: (slots) => 2 * slots,
    parameters: (site, order) => {
      const { features, channels, groups } = shapeOf(site);
      return features + evenSlots(order, 'S4D') * (2 * channels * features + perPole * groups);
    },
    implausible: (site, values, hyper) => implausibleDecay(read(site, values, hyper)),
    untie: (site) => untieGroups(site, { A: 0, inv_A_real: 0, A_imag: 0, B: 0 }),
    read: (site, values, hyper) => {
      if (version.id !== 'h3') refuseLiquid(hyper);
      return read(site, values, hyper);
    },
    write,
  };
}

function siteAt(prefix: string, tensors: Tensors, version: Version): LayerSite | undefined {
  const found = siblings(tensors, prefix, ['log_dt', 'inv_A_real', 'A_imag', 'B', 'C']);
  const unused = siblings(tensors, prefix, ['A']);
  if (found === undefined || (unused !== undefined) !== version.unusedA) return undefined;
  const shape = shapeFrom(found);
  if (shape === undefined) return undefined;
  const { groups, slots } = shape;
  if (unused !== undefined && !hasShape(complexShape(unused.A), [groups, slots])) return undefined;
  return diagonalSite(tensors, {
    family: version.id,
    prefix,
    inner: version.inner,
    order: 2 * slots,
    shape,
    found: { ...found, ...unused },
  });
}

function shapeFrom(
  found: Readonly<Record<'log_dt' | 'inv_A_real' | 'A_imag' | 'B' | 'C', TensorInfo>>,
): DiagonalShape | undefined {
  const [groups, slots] = found.inv_A_real.shape;
  const C = complexShape(found.C);
  const [channels, features] = C ?? [];
  const fits =
    hasShape(found.inv_A_real.shape, [undefined, undefined]) &&
    hasShape(found.A_imag.shape, [groups, slots]) &&
    hasShape(complexShape(found.B), [groups, slots]) &&
    hasShape(C, [undefined, undefined, slots]) &&
    hasShape(found.log_dt.shape, [features]) &&
    features % groups === 0;
  return fits ? { features, channels, groups, slots, stepPerSlot: false } : undefined;
}

function poleCode(hyper: HyperValues): PoleCode {
  return {
    real: transformNamed(hyperValue(hyper, 'real_type')),
    imaginary: 'none',
    imaginarySign: 1,
    reluOffset: 1e-4,
  };
}

function read(
  site: LayerSite,
  values: ReadonlyMap<string, TensorValues>,
  hyper: HyperValues,
): LayerSystems {
  const { log_dt: logStep, inv_A_real: real, A_imag: imaginary, B, C } = layerTensors(site, values);
  const shape = shapeOf(site);
  const layer = {
    shape,
    poles: decodePoles(poleCode(hyper), real.values, imaginary.values),
    weights: weightProducts(complexValues(B.values), complexValues(C.values), shape),
    steps: logStep.values.map(Math.exp),
  };
  return systemsOf(masked(layer, bandLimitOf(hyper)), discretiserNamed(hyper.disc, hyper.l_max), {
    place: `tensor ${real.info.name}`,
  });
}

/** B = 1, and C holds the weights. */
function write(
  site: LayerSite,
  reduced: LayerSystems,
  original: ReadonlyMap<string, TensorValues>,
  hyper: HyperValues,
): TensorEdit[] {
  const tensors = layerTensors(site, original);
  const { log_dt: logStep, inv_A_real: real, A_imag: imaginary, B, C } = tensors;
  const unused = optionalTensor(tensors, 'A');
  const shape = shapeOf(site);
  const { features, channels, groups } = shape;
  const stored = storedDiagonal(reduced, {
    shape,
    steps: logStep.values.map(Math.exp),
    discretiser: discretiserNamed(hyper.disc, hyper.l_max),
    bandLimit: bandLimitOf(hyper),
    code: poleCode(hyper),
    side: 0,
    real,
    imaginary,
  });
  const { slots } = stored;
  return [
    storedEdit(
      C,
      storedComplexShape(C.info, [channels, features, slots]),
      interleaved(stored.weights),
    ),
    storedEdit(B, storedComplexShape(B.info, [groups, slots]), interleavedOnes(groups * slots)),
    { name: real.info.name, shape: [groups, slots], values: stored.realParts },
    { name: imaginary.info.name, shape: [groups, slots], values: stored.imaginaryParts },
    ...(unused === undefined
      ? []
      : [
          storedEdit(
            unused,
            storedComplexShape(unused.info, [groups, slots]),
            interleaved(stored.poles),
          ),
        ]),
  ];
}
