import { SsmError } from '../core/errors';
import { type ComplexVector, complexVector } from '../core/linalg/complex';
import { type ComplexMatrix, complexMatrix } from '../core/linalg/matrix';
import { complexExpm1 } from '../core/scalars';
import type { LayerSystems, TiedGroup } from '../core/systems/layer';
import { type LowRankModes, lowRankModes } from '../core/systems/lowRankModes';
import { emptyModalBatch } from '../core/systems/modal';
import { type DiagonalShape, groupKernels, requireSteps } from './diagonalLayer';
import { type Discretiser, discretePoles, gain } from './discretisation';

/**
 * A layer with states diag(d) - sum_r p_r q_r^T on pairs of conjugates, always discretised bilinearly (S4's DPLR and
 * NPLR kernels).
 */
export interface LowRankLayer {
  /** `slots` is the number of pairs. */
  readonly shape: DiagonalShape;
  /** d, groups × slots. */
  readonly diagonal: ComplexVector;
  /** ranks × groups × slots. */
  readonly P: ComplexVector;
  readonly Q: ComplexVector;
  /** groups × slots. */
  readonly B: ComplexVector;
  /** kernels × slots. */
  readonly C: ComplexVector;
  readonly steps: Float64Array;
  /** Where not 0, C stands for C (I - dA^length): the form in which the original code keeps it. */
  readonly length: number;
}

export const bilinear: Discretiser = { method: 'bilinear', length: 0 };

/**
 * The layer's systems in modal form. Real poles take a slot each, so there may be more slots than stored pairs; systems
 * with fewer modes are filled with modes of weight 0.
 * @throws SsmError `unstable` where a mode does not decay, `bad-parameters` where the modes cannot be computed,
 * `unsupported-file` for corrections of a rank above 2
 */
export function systemsOf(layer: LowRankLayer, place: { readonly place: string }): LayerSystems {
  const { features, channels, groups } = layer.shape;
  requireSteps(layer.steps, place);
  const ranks = rowsInUse(layer);
  const modes = Array.from({ length: groups }, (_, g) => groupModes(layer, ranks, g));
  modes.forEach(({ poles }, g) => {
    requireDecay(poles, g, place);
  });
  const slots = Math.max(...modes.map(({ poles }) => poles.re.length));
  const all = modes.map((own, g) => discreteGroup(layer, own, g, slots));
  return groups === features && channels === 1
    ? independent(all, slots)
    : { kind: 'tied', groups: all };
}

/** Q = conj P. */
export function conjugated({ re, im }: ComplexVector): ComplexVector {
  return { re, im: im.map((y) => -y) };
}

/** The rows of P and Q that are not zero throughout the layer. */
function rowsInUse({ shape, P, Q }: LowRankLayer): number[] {
  const size = shape.groups * shape.slots;
  const isZero = ({ re, im }: ComplexVector, r: number): boolean =>
    [re, im].every((part) => part.subarray(r * size, (r + 1) * size).every((x) => x === 0));
  const used = Array.from({ length: P.re.length / size }, (_, r) => r).filter(
    (r) => !isZero(P, r) && !isZero(Q, r),
  );
  if (used.length <= 2) return used;
  throw new SsmError(
    'unsupported-file',
    `The low-rank part of the states has rank ${used.length}; ranks up to 2 can be read.`,
  );
}

/** Continuous modes of a group for all of its kernels. */
function groupModes(layer: LowRankLayer, ranks: readonly number[], g: number): LowRankModes {
  const { shape, diagonal, P, Q, B, C } = layer;
  const { groups, slots } = shape;
  const rows = (of: ComplexVector, numbers: Iterable<number>): ComplexMatrix => {
    const picked = [...numbers];
    const M = complexMatrix(Math.max(picked.length, 1), slots);
    picked.forEach((from, row) => {
      M.re.set(of.re.subarray(from * slots, (from + 1) * slots), row * slots);
      M.im.set(of.im.subarray(from * slots, (from + 1) * slots), row * slots);
    });
    return M;
  };
  const ofRanks = ranks.map((r) => r * groups + g);
  return lowRankModes(
    {
      halves: true,
      diagonal: rows(diagonal, [g]),
      P: rows(P, ofRanks),
      Q: rows(Q, ofRanks),
      b: rows(B, [g]),
    },
    rows(C, groupKernels(shape, g)),
  );
}

function requireDecay(poles: ComplexVector, g: number, place: { readonly place: string }): void {
  const at = poles.re.findIndex((x) => !(x < 0));
  if (at < 0) return;
  throw new SsmError(
    'unstable',
    `Group ${g}: the state matrix has the eigenvalue ${poles.re[at]} + ${poles.im[at]}i, which does not decay.`,
    place,
  );
}

/** The modes of a group, discretised for each of its kernels and filled up to `slots`. */
function discreteGroup(
  { shape, steps, length }: LowRankLayer,
  modes: LowRankModes,
  g: number,
  slots: number,
): TiedGroup {
  const kernels = groupKernels(shape, g);
  const count = modes.poles.re.length;
  const ownSteps = Float64Array.from(kernels, (kernel) => steps[kernel % shape.features]);
  const poles = complexVector(slots);
  poles.re.fill(-1 / ownSteps[0]);
  poles.re.set(modes.poles.re);
  poles.im.set(modes.poles.im);
  const weights = complexMatrix(kernels.length, slots);
  const factor = new Float64Array(2);
  kernels.forEach((_, row) => {
    for (let n = 0; n < count; n++) {
      discreteFactor(modes.poles, n, ownSteps[row], length, factor);
      const [re, im] = [modes.weights.re[row * count + n], modes.weights.im[row * count + n]];
      weights.re[row * slots + n] = re * factor[0] - im * factor[1];
      weights.im[row * slots + n] = re * factor[1] + im * factor[0];
    }
  });
  return { kernels, system: { poles, weights, steps: ownSteps, discretisation: 'bilinear' } };
}

/** Delta / (1 - Delta s / 2), over 1 - z^length where C is kept in that form (length not 0). */
export function discreteFactor(
  poles: ComplexVector,
  n: number,
  step: number,
  length: number,
  out: Float64Array,
): void {
  gain(bilinear, poles.re[n], poles.im[n], step, out);
  const [re, im] = [out[0] / 2, out[1] / 2];
  out[0] = re;
  out[1] = im;
  if (length === 0) return;
  const one: ComplexVector = { re: poles.re.subarray(n, n + 1), im: poles.im.subarray(n, n + 1) };
  const log = discretePoles(bilinear, one, step);
  complexExpm1(length * log.re[0], length * log.im[0], out, 0);
  const size = -(out[0] ** 2 + out[1] ** 2);
  const [dr, di] = [out[0] / size, -out[1] / size];
  out[0] = re * dr - im * di;
  out[1] = re * di + im * dr;
}

/** Groups of one kernel each as a batch. */
function independent(groups: readonly TiedGroup[], slots: number): LayerSystems {
  const batch = emptyModalBatch(groups.length, slots);
  groups.forEach(({ system }, h) => {
    const logs = discretePoles(bilinear, system.poles, system.steps[0]);
    batch.poleRe.set(logs.re, h * slots);
    batch.poleIm.set(logs.im, h * slots);
    batch.weightRe.set(system.weights.re, h * slots);
    batch.weightIm.set(system.weights.im, h * slots);
    batch.step[h] = system.steps[0];
  });
  return { kind: 'independent', batch, poles: 'complex' };
}
