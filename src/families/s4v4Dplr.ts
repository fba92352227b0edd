import { SsmError } from '../core/errors';
import type { LayerSystems } from '../core/systems/layer';
import type { TensorEdit } from '../formats/checkpoint';
import type { TensorValues } from '../formats/tensor';
import { bandLimitOf, masked } from './bandLimit';
import { diagonalSite, shapeOf, untieGroups } from './diagonalSite';
import { evenSlots } from './evenOrder';
import type { Family, LayerSite } from './family';
import type { HyperValues } from './hyperParameters';
import { bilinear, conjugated, systemsOf } from './lowRankLayer';
import { complexValues, decodePoles, interleaved, interleavedOnes } from './poleCode';
import { implausibleDecay } from './plausibility';
import { poleCode, poleHyperParameters, shapeFrom, stepsOf } from './s4v4Parameters';
import {
  type Tensors,
  complexShape,
  hasShape,
  prefixesOf,
  siblings,
  storedComplexShape,
} from './siblings';
import { storedDiagonal } from './storedDiagonal';
import { layerTensors, storedEdit } from './values';

/**
 * S4 of state-spaces/s4, version 4, with states diag(A) - P P^H: the tensors of the diagonal kernel and
 *     P (R, S, n, 2)   l_kernel ()
 * always bilinear. Once the layer has run, C holds C (I - dA^l_kernel). A reduced layer is stored with P = 0, which
 * makes it diagonal, and l_kernel = 0: then C is C, and the layer sets up what it needs when it runs.
 */
export const s4v4Dplr: Family = {
  id: 's4v4-dplr',
  title: 'S4 (version 4, DPLR)',
  orderSettings: ['d_state', 'N'],
  hyperParameters: () => poleHyperParameters,
  smallestOrder: 2,
  recognise: (tensors) =>
    prefixesOf(tensors, 'l_kernel')
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
  untie: (site) => untieGroups(site, { A_real: 0, A_imag: 0, B: 1, P: 1 }),
  read,
  write,
};

function siteAt(prefix: string, tensors: Tensors): LayerSite | undefined {
  const found = siblings(tensors, prefix, [
    'inv_dt',
    'A_real',
    'A_imag',
    'B',
    'C',
    'P',
    'l_kernel',
  ]);
  const shape = found === undefined ? undefined : shapeFrom(found, found.A_imag);
  if (found === undefined || shape === undefined) return undefined;
  const { groups, slots } = shape;
  const shapeP = complexShape(found.P);
  if (!hasShape(shapeP, [undefined, groups, slots])) return undefined;
  if (found.l_kernel.shape.length > 1) return undefined;
  const site = diagonalSite(tensors, {
    family: 's4v4-dplr',
    prefix,
    inner: 'kernel.',
    order: 2 * slots,
    shape,
    found,
  });
  return { ...site, sizes: { ...site.sizes, ranks: shapeP?.[0] ?? 1 } };
}

function read(
  site: LayerSite,
  values: ReadonlyMap<string, TensorValues>,
  hyper: HyperValues,
): LayerSystems {
  const tensors = layerTensors(site, values);
  const { inv_dt: invDt, A_real: real, A_imag: imaginary, B, C, P } = tensors;
  const shape = shapeOf(site);
  if (shape.stepPerSlot) {
    throw new SsmError(
      'unsupported-file',
      'Low-rank states with a step for each slot (dt_tie false) cannot be read.',
      { place: `tensor ${invDt.info.name}` },
    );
  }
  const steps = stepsOf(invDt, hyper);
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
      length: tensors.l_kernel.values[0],
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
  const tensors = layerTensors(site, original);
  const { inv_dt: invDt, A_real: real, A_imag: imaginary, B, C, P } = tensors;
  const shape = shapeOf(site);
  const { features, channels, groups } = shape;
  const stored = storedDiagonal(reduced, {
    shape,
    steps: stepsOf(invDt, hyper),
    discretiser: bilinear,
    bandLimit: bandLimitOf(hyper),
    code: poleCode(hyper),
    side: -1,
    real,
    imaginary,
  });
  const { slots } = stored;
  const { ranks = 1 } = site.sizes ?? {};
  const zeros = new Float64Array(2 * ranks * groups * slots);
  return [
    storedEdit(
      C,
      storedComplexShape(C.info, [channels, features, slots]),
      interleaved(stored.weights),
    ),
    storedEdit(B, storedComplexShape(B.info, [1, groups, slots]), interleavedOnes(groups * slots)),
    { name: real.info.name, shape: [groups, slots], values: stored.realParts },
    { name: imaginary.info.name, shape: [groups, slots], values: stored.imaginaryParts },
    storedEdit(P, storedComplexShape(P.info, [ranks, groups, slots]), zeros),
    {
      name: tensors.l_kernel.info.name,
      shape: tensors.l_kernel.info.shape,
      values: Float64Array.of(0),
    },
  ];
}
