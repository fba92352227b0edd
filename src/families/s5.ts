import { SsmError } from '../core/errors';
import { type ComplexVector, complexVector } from '../core/linalg/complex';
import { type ComplexMatrix, scaleRows, stackColumns, stackRows } from '../core/linalg/matrix';
import { combine } from '../core/linalg/multiply';
import { floorLogPoles } from '../core/systems/check';
import type { DiagonalSystem } from '../core/systems/diagonal';
import { over } from './complexPair';
import { type Discretiser, continuousPole, discretePoles, gain } from './discretisation';
import type { HyperParameter } from './hyperParameters';
import { halfColumns } from './matrices';

/**
 * What the S5 layers of different frameworks have in common (arXiv 2208.04933): x_k = z x_{k-1} + Bbar u_k and
 * y_k = scale Re(C x_k), with z and Bbar from Lambda, B and a step a state, by a zero-order hold or bilinearly. In a
 * bidirectional layer C has a second half of columns, for the states that run backwards from the last input.
 */
export interface S5Parameters {
  /** Lambda, P of them. */
  readonly poles: ComplexVector;
  /** Delta of each state. */
  readonly steps: Float64Array;
  /** P × H. */
  readonly B: ComplexMatrix;
  /** H × P, or H × 2P. */
  readonly C: ComplexMatrix;
}

export const discretization: HyperParameter = {
  name: 'discretization',
  title: 'Discretisation',
  options: [
    { value: 'zoh', label: 'Zero-order hold' },
    { value: 'bilinear', label: 'Bilinear' },
  ],
  settings: ['discretization'],
  usual: 'zoh',
};

/** Throws `unstable` naming the tensor where a pole does not decay, `bad-parameters` for a step that cannot be. */
export function requireDecay(
  { poles, steps }: Pick<S5Parameters, 'poles' | 'steps'>,
  place: { readonly poles: string; readonly steps: string },
): void {
  const step = steps.findIndex((value) => !(value > 0 && Number.isFinite(value)));
  if (step >= 0) {
    throw new SsmError('bad-parameters', `Element ${step} gives the step ${steps[step]}.`, {
      place: `tensor ${place.steps}`,
    });
  }
  const bad = poles.re.findIndex((x) => !(x < 0));
  if (bad < 0) return;
  throw new SsmError(
    'unstable',
    `Pole ${bad} does not decay (Lambda = ${poles.re[bad]} + ${poles.im[bad]}i).`,
    { place: `tensor ${place.poles}` },
  );
}

/**
 * The layer as one discrete system with H inputs and H outputs, or 2H where it runs in both directions.
 * @param scale 2 where the states stand for conjugate pairs, else 1
 */
export function s5System(layer: S5Parameters, how: Discretiser, scale: number): DiagonalSystem {
  const { steps, B, C } = layer;
  const count = steps.length;
  const poles = complexVector(count);
  for (let n = 0; n < count; n++) {
    const { re, im } = discretePoles(how, poleAt(layer.poles, n), steps[n]);
    poles.re[n] = re[0];
    poles.im[n] = im[0];
  }
  const outputs = combine(scale, C, 0, C);
  return {
    poles: floorLogPoles(poles),
    B: scaleRows(B, inputGains(layer, how)),
    C: C.cols === count ? outputs : stackRows(...halfColumns(outputs)),
  };
}

/** What the rows of B are multiplied by to give those of Bbar. */
function inputGains(
  { poles, steps }: Pick<S5Parameters, 'poles' | 'steps'>,
  how: Discretiser,
): ComplexVector {
  const gains = complexVector(steps.length);
  const factor = new Float64Array(2);
  for (let n = 0; n < steps.length; n++) {
    gain(how, poles.re[n], poles.im[n], steps[n], factor);
    // `gain` has S4's factor 2 in it
    gains.re[n] = factor[0] / 2;
    gains.im[n] = factor[1] / 2;
  }
  return gains;
}

/** Lambda Delta for each log-pole: Lambda for a step of 1, to be divided by any other. */
export function polesAtUnitStep({ poles }: DiagonalSystem, how: Discretiser): ComplexVector {
  const out = new Float64Array(2);
  const unit = complexVector(poles.re.length);
  for (let n = 0; n < poles.re.length; n++) {
    continuousPole(how, poles.re[n], poles.im[n], 1, out);
    unit.re[n] = out[0];
    unit.im[n] = out[1];
  }
  return unit;
}

/** B and C of a reduced system for Lambda and steps as they are stored; C with `directions` halves side by side. */
export function s5Matrices(
  system: DiagonalSystem,
  stored: Pick<S5Parameters, 'poles' | 'steps'>,
  how: Discretiser,
  { scale, directions }: { readonly scale: number; readonly directions: number },
): Pick<S5Parameters, 'B' | 'C'> {
  const gains = inputGains(stored, how);
  const inverse = complexVector(gains.re.length);
  for (let n = 0; n < gains.re.length; n++) {
    [inverse.re[n], inverse.im[n]] = over([1, 0], [gains.re[n], gains.im[n]]);
  }
  const C = combine(1 / scale, system.C, 0, system.C);
  return {
    B: scaleRows(system.B, inverse),
    C: directions === 1 ? C : stackColumns(rowsOf(C, 0), rowsOf(C, C.rows / 2)),
  };
}

/** Half of the rows of a matrix. */
function rowsOf({ rows, cols, re, im }: ComplexMatrix, from: number): ComplexMatrix {
  const [begin, end] = [from * cols, (from + rows / 2) * cols];
  return { rows: rows / 2, cols, re: re.slice(begin, end), im: im.slice(begin, end) };
}

/** The geometric mean of steps. */
export function meanStep(steps: Float64Array): number {
  return Math.exp(steps.reduce((sum, step) => sum + Math.log(step), 0) / steps.length);
}

function poleAt({ re, im }: ComplexVector, n: number): ComplexVector {
  return { re: re.subarray(n, n + 1), im: im.subarray(n, n + 1) };
}
