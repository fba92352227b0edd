import { SsmError } from '../core/errors';
import type { LayerSystems } from '../core/systems/layer';
import type { TensorEdit } from '../formats/checkpoint';
import type { TensorValues } from '../formats/tensor';
import { bandLimitOf, masked } from './bandLimit';
import { systemsOf, weightProducts } from './diagonalLayer';
import { diagonalSite, optionalTensor, shapeOf, untieGroups } from './diagonalSite';
import { storedDiagonal } from './storedDiagonal';
import { type Discretiser, discretiserNamed } from './discretisation';
import { evenSlots } from './evenOrder';
import type { Family, FamilyId, LayerSite } from './family';
import type { HyperValues } from './hyperParameters';
import { complexValues, decodePoles, interleaved, interleavedOnes } from './poleCode';
import { implausibleDecay } from './plausibility';
import { discretisation, sequenceLength } from './s4HyperParameters';
import { poleCode, poleHyperParameters, shapeFrom, stepsOf, storedSteps } from './s4v4Parameters';
import { type Tensors, prefixesOf, siblings, storedComplexShape } from './siblings';
import { layerTensors, storedEdit } from './values';

/**
 * S4D of state-spaces/s4, version 4: tensors below `<layer>.kernel`
 *     inv_dt (H, 1) or (H, n)   A_real, A_imag (S, n)   B (1, S, n, 2)   C (channels, H, n, 2)
 * with A = -f(A_real) - i g(A_imag), steps f(inv_dt), weights B C, and S = n_ssm sets of A and B that the H features
 * use in turn. An order N (`d_state`) is stored as n = N / 2 complex pairs.
 */
export const s4v4Diagonal: Family = diagonalFamily('s4v4-diagonal', 'S4D (version 4)', true);

/**
 * The same with real states (`is_real`): no A_imag, and B and C are real. Here `d_state` counts slots.
 */
export const s4v4Real: Family = diagonalFamily(
  's4v4-real',
  'S4D with real states (version 4)',
  false,
);

function diagonalFamily(id: FamilyId, title: string, complex: boolean): Family {
  const statesPerSlot = complex ? 2 : 1;
  return {
    id,
    title,
    orderSettings: ['d_state', 'N'],
    hyperParameters: () => [discretisation('zoh'), sequenceLength, ...poleHyperParameters],
    smallestOrder: statesPerSlot,
    recognise: (tensors) =>
      prefixesOf(tensors, 'inv_dt')
        .map((prefix) => siteAt(prefix, tensors, id, complex))
        .filter((site) => site !== undefined),
    slotsForOrder: (order) => slotsForOrder(order, statesPerSlot),
    orderForSlots: (slots) => statesPerSlot * slots,
    parameters: (site, order) => {
      const { features, channels, groups, stepPerSlot } = shapeOf(site);
      const slots = slotsForOrder(order, statesPerSlot);
      const numbers = complex ? 2 : 1;
      const steps = features * (stepPerSlot ? slots : 1);
      return steps + numbers * slots * (channels * features + 2 * groups);
    },
    implausible: (site, values, hyper) => implausibleDecay(read(site, values, hyper, complex)),
    untie: (site) => untieGroups(site, { A_real: 0, A_imag: 0, B: 1 }),
    read: (site, values, hyper) => read(site, values, hyper, complex),
    write: (site, reduced, original, hyper) => write(site, reduced, original, hyper, complex),
  };
}

function siteAt(
  prefix: string,
  tensors: Tensors,
  family: FamilyId,
  complex: boolean,
): LayerSite | undefined {
  const found = siblings(tensors, prefix, ['inv_dt', 'A_real', 'B', 'C']);
  const imaginary = siblings(tensors, prefix, ['A_imag']);
  if (found === undefined || (imaginary !== undefined) !== complex) return undefined;
  if (tensors.has(`${prefix}P`)) return undefined; // the DPLR kernel
  const shape = shapeFrom(found, imaginary?.A_imag);
  if (shape === undefined) return undefined;
  const order = complex ? 2 * shape.slots : shape.slots;
  const parts = { family, prefix, inner: 'kernel.', order, shape };
  return diagonalSite(tensors, { ...parts, found: { ...found, ...imaginary } });
}

function slotsForOrder(order: number, statesPerSlot: number): number {
  if (statesPerSlot === 2) return evenSlots(order, 'S4D');
  if (Number.isInteger(order) && order >= 1) return order;
  throw new SsmError(
    'bad-request',
    `The order (d_state) must be a whole number from 1 up, not ${order}.`,
  );
}

function discretiser(hyper: HyperValues): Discretiser {
  return discretiserNamed(hyper.disc, hyper.l_max);
}

function read(
  site: LayerSite,
  values: ReadonlyMap<string, TensorValues>,
  hyper: HyperValues,
  complex: boolean,
): LayerSystems {
  const tensors = layerTensors(site, values);
  const { inv_dt: invDt, A_real: real, B, C } = tensors;
  const imaginary = optionalTensor(tensors, 'A_imag');
  const shape = shapeOf(site);
  const layer = {
    shape,
    poles: decodePoles(poleCode(hyper), real.values, imaginary?.values),
    weights: weightProducts(
      complexValues(B.values, complex),
      complexValues(C.values, complex),
      shape,
    ),
    steps: stepsOf(invDt, hyper),
  };
  const limited = masked(layer, bandLimitOf(hyper));
  const systems = systemsOf(limited, discretiser(hyper), { place: `tensor ${real.info.name}` });
  return complex ? systems : withRealPoles(systems, real.info.name);
}

/** Real systems as such. Throws where the reduction would not keep them real or the original code gives NaN. */
function withRealPoles(systems: LayerSystems, name: string): LayerSystems {
  if (systems.kind !== 'independent') {
    throw new SsmError(
      'unsupported-file',
      'Real states that several kernels share cannot be reduced: the reduction would make them complex.',
      { place: `tensor ${name}` },
    );
  }
  if (systems.batch.poleIm.some((y) => y !== 0)) {
    throw new SsmError(
      'unstable',
      'A step is so large that the bilinear transform makes a real pole negative, of which the original code takes the logarithm.',
      { place: `tensor ${name}` },
    );
  }
  return { ...systems, poles: 'real' };
}

/** B = 1, and C holds the weights. */
function write(
  site: LayerSite,
  reduced: LayerSystems,
  original: ReadonlyMap<string, TensorValues>,
  hyper: HyperValues,
  complex: boolean,
): TensorEdit[] {
  const tensors = layerTensors(site, original);
  const { inv_dt: invDt, A_real: real, B, C } = tensors;
  const imaginary = optionalTensor(tensors, 'A_imag');
  const shape = shapeOf(site);
  const { features, channels, groups, stepPerSlot } = shape;
  const stored = storedDiagonal(reduced, {
    shape,
    steps: stepsOf(invDt, hyper),
    discretiser: discretiser(hyper),
    bandLimit: bandLimitOf(hyper),
    code: poleCode(hyper),
    side: -1,
    real,
    imaginary,
    // as they will be read
    roundSteps: (steps) => {
      const edit = storedEdit(invDt, [], storedSteps(steps, hyper));
      return stepsOf({ info: invDt.info, values: edit.values }, hyper);
    },
  });
  const { slots } = stored;
  const shaped = (sizes: number[], tensor: TensorValues): number[] =>
    complex ? storedComplexShape(tensor.info, sizes) : sizes;
  return [
    storedEdit(C, shaped([channels, features, slots], C), interleaved(stored.weights, complex)),
    storedEdit(B, shaped([1, groups, slots], B), interleavedOnes(groups * slots, complex)),
    { name: real.info.name, shape: [groups, slots], values: stored.realParts },
    ...(imaginary === undefined
      ? []
      : [{ name: imaginary.info.name, shape: [groups, slots], values: stored.imaginaryParts }]),
    ...(stepPerSlot
      ? [storedEdit(invDt, [features, slots], storedSteps(stored.steps, hyper))]
      : []),
  ];
}
