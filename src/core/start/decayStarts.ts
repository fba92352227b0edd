import { choleskyInPlace, solveLowerMany } from '../linalg/realCholesky';
import { type DecayTarget, decayProjection } from '../objective/decayProjection';
import { discreteSums } from '../scalars';
import { largest } from './modal';
import { type RealBalanced, balancedEigenvalues } from './realBalanced';

const ridge = 1e-10;
const gridSize = 48;

const sum = new Float64Array(2);

function sumAt(x: number, horizon: number): number {
  discreteSums(x, 0, horizon, 0, sum, 0);
  return sum[0];
}

/** Modal truncation: the poles with the largest w_n² sum_t e^{2 a_n t}. */
export function energyDecays({ poles, weights, horizon }: DecayTarget, r: number): Float64Array {
  const energies = poles.map((a, n) => weights[n] ** 2 * sumAt(2 * a, horizon));
  return Float64Array.from(largest(energies, r), (n) => poles[n]);
}

/**
 * Backward elimination: deletes the mode whose loss costs least with the weights of the others solved anew, u_j² /
 * (Gram^{-1})_jj, until r are left.
 */
export function eliminatedDecays(target: DecayTarget, r: number): Float64Array {
  const { poles, weights, horizon } = target;
  const n = poles.length;
  const scale = poles.map((a) => Math.sqrt(sumAt(2 * a, horizon)));
  const gram = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      gram[i * n + j] = sumAt(poles[i] + poles[j], horizon) / (scale[i] * scale[j]);
    }
    gram[i * n + i] += ridge;
  }
  if (!choleskyInPlace(gram, n)) return energyDecays(target, r);
  const half = new Float64Array(n * n);
  for (let i = 0; i < n; i++) half[i * n + i] = 1;
  solveLowerMany(gram, n, half, n);
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      for (let k = Math.max(i, j); k < n; k++) {
        inverse[i * n + j] += half[k * n + i] * half[k * n + j];
      }
    }
  }
  const u = weights.map((w, i) => w * scale[i]);
  const alive = new Set(poles.keys());
  while (alive.size > r) {
    const cost = (j: number): number => u[j] ** 2 / inverse[j * n + j];
    const gone = [...alive].reduce((least, j) => (cost(j) < cost(least) ? j : least));
    alive.delete(gone);
    const pivot = inverse[gone * n + gone];
    for (const i of alive) {
      const factor = inverse[i * n + gone] / pivot;
      u[i] -= factor * u[gone];
      for (const k of alive) inverse[i * n + k] -= factor * inverse[gone * n + k];
    }
  }
  return Float64Array.from(alive, (n) => poles[n]);
}

/** The positive real eigenvalues, and the moduli of complex ones, of balanced truncation to r states; at most r. */
export function balancedDecays(balanced: RealBalanced, r: number): Float64Array {
  const { re, im } = balancedEigenvalues(balanced, r);
  const moduli = re.map((x, i) => (im[i] === 0 ? x : Math.hypot(x, im[i])));
  return Float64Array.from(moduli.filter((z) => z > 0).map((z) => -Math.abs(Math.log(z))));
}

/** Decay rates, logarithmic from those of one step to what the horizon can tell. */
export function decayGrid({ poles, horizon }: DecayTarget): Float64Array {
  const slowest = poles.reduce((most, a) => Math.max(most, a), -Infinity);
  const slow = Math.log(Math.max(0.3 / Math.min(horizon, 1e9), -slowest / 4));
  const fast = Math.log(4);
  return Float64Array.from(
    { length: gridSize },
    (_, i) => -Math.exp(fast + ((slow - fast) * i) / (gridSize - 1)),
  );
}

/** The poles with the candidate added whose insertion makes the squared error least. */
export function withBestDecay(
  target: DecayTarget,
  poles: Float64Array,
  candidates: Float64Array,
): Float64Array {
  const projection = decayProjection(target, poles.length + 1, ridge);
  const trials = Array.from(candidates, (candidate) => Float64Array.of(...poles, candidate));
  const values = trials.map((trial) => projection.value(trial.map((b) => Math.log(-b))));
  return trials[values.indexOf(Math.min(...values))];
}
