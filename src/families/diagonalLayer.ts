import { SsmError } from '../core/errors';
import { type ComplexVector, complexVector } from '../core/linalg/complex';
import { complexMatrix } from '../core/linalg/matrix';
import type { LayerSystems, TiedGroup } from '../core/systems/layer';
import { type ModalSystem, emptyModalBatch, systemOf } from '../core/systems/modal';
import { channelModes } from '../core/systems/tied';
import { type Discretiser, continuousPole, discretePoles, gain, polesRule } from './discretisation';
import { showComplex } from './values';

/** How a layer's parameters are shared. Feature h uses the poles of group h mod groups. */
export interface DiagonalShape {
  readonly features: number;
  /** Kernels per feature; twice as many where the layer runs in both directions. */
  readonly channels: number;
  readonly groups: number;
  readonly slots: number;
  /** Whether every slot has a step of its own. */
  readonly stepPerSlot: boolean;
}

/** A layer with diagonal states in continuous time, before the discretisation. */
export interface DiagonalLayer {
  readonly shape: DiagonalShape;
  /** A, groups × slots. */
  readonly poles: ComplexVector;
  /** W = B C, kernels × slots; kernel c * features + h leads from feature h to channel c. */
  readonly weights: ComplexVector;
  /** Delta, one a feature; features × slots where `stepPerSlot`. */
  readonly steps: Float64Array;
}

/** Poles and steps for the systems of a reduction. */
export interface DiagonalPoles extends Pick<DiagonalLayer, 'poles' | 'steps'> {
  /** 1 where the pole is the conjugate of the systems' (and its weights are to be), else 0; groups × slots. */
  readonly conjugated: Uint8Array;
}

/** W = B C of every kernel, kernels × slots, from B (groups × slots) and C (kernels × slots). */
export function weightProducts(
  B: ComplexVector,
  C: ComplexVector,
  { features, groups, slots }: DiagonalShape,
): ComplexVector {
  const W = complexVector(C.re.length);
  for (let i = 0; i < C.re.length; i++) {
    const group = (Math.floor(i / slots) % features) % groups;
    const at = group * slots + (i % slots);
    W.re[i] = B.re[at] * C.re[i] - B.im[at] * C.im[i];
    W.im[i] = B.re[at] * C.im[i] + B.im[at] * C.re[i];
  }
  return W;
}

/**
 * The layer's systems as the network convolves with them. Kernels with a pole set of their own are independent; where
 * several features or several channels share poles they are tied.
 * @throws SsmError `unstable` where a mode does not decay, `bad-request` where shared poles have steps of their own for
 * each slot, which no tied system can have
 */
export function systemsOf(
  layer: DiagonalLayer,
  how: Discretiser,
  place: { readonly place: string },
): LayerSystems {
  const { features, channels, groups, stepPerSlot } = layer.shape;
  if (stepPerSlot && groups < features) {
    throw new SsmError(
      'bad-request',
      'Features share their poles, but each slot of a feature has a step of its own, so the kernels have no poles in common. Give every feature poles of its own (n_ssm) to compress this layer.',
      place,
    );
  }
  requireSteps(layer.steps, place);
  requireDecay(layer, place);
  return groups === features && channels === 1 ? independent(layer, how) : tied(layer, how);
}

/** Throws `unstable` for a step that is not positive: modes would grow, or not be defined. */
export function requireSteps(steps: Float64Array, place: { readonly place: string }): void {
  const at = steps.findIndex((step) => !(step > 0 && Number.isFinite(step)));
  if (at < 0) return;
  throw new SsmError(
    'unstable',
    `Step ${at} is ${steps[at]}, which is not a positive number.`,
    place,
  );
}

function requireDecay({ poles, shape }: DiagonalLayer, place: { readonly place: string }): void {
  for (let k = 0; k < poles.re.length; k++) {
    if (poles.re[k] < 0 && Number.isFinite(poles.re[k]) && Number.isFinite(poles.im[k])) continue;
    throw new SsmError(
      'unstable',
      `Group ${Math.floor(k / shape.slots)}, slot ${k % shape.slots}: the pole ${showComplex(poles.re[k], poles.im[k])} does not decay or is out of range.`,
      place,
    );
  }
}

function independent(layer: DiagonalLayer, how: Discretiser): LayerSystems {
  const { features, slots } = layer.shape;
  const batch = emptyModalBatch(features, slots);
  for (let h = 0; h < features; h++) {
    const own = featureModes(layer, how, h, h);
    batch.poleRe.set(own.poles.re, h * slots);
    batch.poleIm.set(own.poles.im, h * slots);
    batch.weightRe.set(own.weights.re, h * slots);
    batch.weightIm.set(own.weights.im, h * slots);
    batch.step[h] = own.step;
  }
  return { kind: 'independent', batch, poles: 'complex' };
}

function tied(layer: DiagonalLayer, how: Discretiser): LayerSystems {
  const { features, groups, slots, stepPerSlot } = layer.shape;
  const all: TiedGroup[] = [];
  for (let g = 0; g < groups; g++) {
    const kernels = groupKernels(layer.shape, g);
    const weights = complexMatrix(kernels.length, slots);
    const steps = new Float64Array(kernels.length);
    let poles: ComplexVector = slice(layer.poles, g * slots, slots);
    kernels.forEach((kernel, row) => {
      const own = featureModes(layer, how, kernel, kernel % features);
      weights.re.set(own.weights.re, row * slots);
      weights.im.set(own.weights.im, row * slots);
      steps[row] = own.step;
      // steps of their own for the slots of a feature: its log-poles at steps of 1 are what its channels share
      if (stepPerSlot) poles = own.poles;
    });
    if (stepPerSlot) steps.fill(1);
    const discretisation = stepPerSlot ? 'exponential' : polesRule(how);
    all.push({ kernels, system: { poles, weights, steps, discretisation } });
  }
  return { kind: 'tied', groups: all };
}

/** The kernels of a group in rising order: all channels of the features h with h mod groups = g. */
export function groupKernels({ features, channels, groups }: DiagonalShape, g: number): Int32Array {
  const kernels: number[] = [];
  for (let kernel = 0; kernel < channels * features; kernel++) {
    if ((kernel % features) % groups === g) kernels.push(kernel);
  }
  return Int32Array.from(kernels);
}

/** One kernel as discrete modes; its step is the mean one where slots have steps of their own. */
function featureModes(
  { shape, poles, weights, steps }: DiagonalLayer,
  how: Discretiser,
  kernel: number,
  h: number,
): ModalSystem {
  const { groups, slots, stepPerSlot } = shape;
  const A = slice(poles, (h % groups) * slots, slots);
  const W = slice(weights, kernel * slots, slots);
  const own = { re: W.re.slice(), im: W.im.slice() };
  const logs = complexVector(slots);
  const factor = new Float64Array(2);
  for (let n = 0; n < slots; n++) {
    const step = stepPerSlot ? steps[h * slots + n] : steps[h];
    const log = discretePoles(how, slice(A, n, 1), step);
    logs.re[n] = log.re[0];
    logs.im[n] = log.im[0];
    gain(how, A.re[n], A.im[n], step, factor);
    own.re[n] = W.re[n] * factor[0] - W.im[n] * factor[1];
    own.im[n] = W.re[n] * factor[1] + W.im[n] * factor[0];
  }
  const step = stepPerSlot ? meanStep(steps.subarray(h * slots, (h + 1) * slots)) : steps[h];
  return { poles: logs, weights: own, step };
}

/** The geometric mean. */
function meanStep(steps: Float64Array): number {
  return Math.exp(steps.reduce((sum, step) => sum + Math.log(step), 0) / steps.length);
}

/**
 * Poles and steps for which the layer has these systems. Shared steps stay as they are; those of slots become the mean
 * one of their feature, which any poles go with.
 * @param side -1 or 1: poles are conjugated so that their imaginary parts have this sign; 0 leaves them
 */
export function continuousPoles(
  systems: LayerSystems,
  { shape, steps }: Pick<DiagonalLayer, 'shape' | 'steps'>,
  how: Discretiser,
  side: -1 | 0 | 1,
): DiagonalPoles {
  const slots = slotsOf(systems);
  const { groups, features, stepPerSlot } = shape;
  const kept = stepPerSlot ? featureSteps(steps, features) : steps;
  const poles = complexVector(groups * slots);
  const conjugated = new Uint8Array(groups * slots);
  const discrete = systems.kind === 'independent' || stepPerSlot;
  const pole = new Float64Array(2);
  for (let g = 0; g < groups; g++) {
    const own = polesOfGroup(systems, g);
    for (let n = 0, at = g * slots; n < slots; n++, at++) {
      pole[0] = own.re[n];
      pole[1] = own.im[n];
      if (discrete) continuousPole(how, own.re[n], own.im[n], kept[g], pole);
      conjugated[at] = Number(side * pole[1] < 0);
      poles.re[at] = pole[0];
      poles.im[at] = conjugated[at] === 1 ? -pole[1] : pole[1];
    }
  }
  return { poles, steps: stepPerSlot ? repeated(kept, slots) : kept, conjugated };
}

/** The poles that the kernels of a group share; log-poles where they are discrete, see `systemsOf`. */
function polesOfGroup(systems: LayerSystems, g: number): ComplexVector {
  return systems.kind === 'independent'
    ? systemOf(systems.batch, g).poles
    : tiedGroups(systems)[g].system.poles;
}

/**
 * W of every kernel, kernels × slots, for poles and steps as they are stored: their rounding is known by then, so it
 * need not be paid twice.
 */
export function continuousWeights(
  systems: LayerSystems,
  { features, channels, groups, stepPerSlot }: DiagonalShape,
  { poles, steps, conjugated }: DiagonalPoles,
  how: Discretiser,
): ComplexVector {
  const slots = slotsOf(systems);
  const weights = complexVector(features * channels * slots);
  const factor = new Float64Array(2);
  for (const [kernel, own] of kernelModes(systems)) {
    const h = kernel % features;
    for (let n = 0; n < slots; n++) {
      const at = (h % groups) * slots + n;
      gain(how, poles.re[at], poles.im[at], steps[stepPerSlot ? h * slots + n : h], factor);
      const [wr, im] = [own.weights.re[n], own.weights.im[n]];
      const wi = conjugated[at] === 1 ? -im : im;
      const size = factor[0] ** 2 + factor[1] ** 2;
      weights.re[kernel * slots + n] = (wr * factor[0] + wi * factor[1]) / size;
      weights.im[kernel * slots + n] = (wi * factor[0] - wr * factor[1]) / size;
    }
  }
  return weights;
}

/** Every kernel of a layer by its number, as discrete modes. */
function* kernelModes(systems: LayerSystems): Generator<[number, ModalSystem]> {
  if (systems.kind === 'independent') {
    for (let k = 0; k < systems.batch.count; k++) yield [k, systemOf(systems.batch, k)];
    return;
  }
  for (const { kernels, system } of tiedGroups(systems)) {
    for (const [row, kernel] of kernels.entries()) yield [kernel, channelModes(system, row)];
  }
}

/** Slots of each kernel. */
export function slotsOf(systems: LayerSystems): number {
  return systems.kind === 'independent'
    ? systems.batch.slots
    : tiedGroups(systems)[0].system.poles.re.length;
}

function tiedGroups(systems: LayerSystems): readonly TiedGroup[] {
  if (systems.kind === 'tied') return systems.groups;
  throw new SsmError(
    'internal',
    `Systems of kind ${systems.kind} where a diagonal layer has none.`,
  );
}

function featureSteps(steps: Float64Array, features: number): Float64Array {
  const slots = steps.length / features;
  return Float64Array.from({ length: features }, (_, h) =>
    meanStep(steps.subarray(h * slots, (h + 1) * slots)),
  );
}

function repeated(steps: Float64Array, times: number): Float64Array {
  return Float64Array.from(
    { length: steps.length * times },
    (_, i) => steps[Math.floor(i / times)],
  );
}

function slice({ re, im }: ComplexVector, from: number, length: number): ComplexVector {
  return { re: re.subarray(from, from + length), im: im.subarray(from, from + length) };
}
