import { createPoleSet, setPole, type PoleSet } from '../systems/poleSet';
import type { ComplexVector } from '../linalg/complex';
import { hotLoops } from '../hotLoops';
import type { SpectrumGrid } from './spectrumGrid';
import type { WeightedProjection } from './weightedProjection';
import type { WeightedTarget } from './weightedTarget';

const decays = 7;
const fastest = 2;

/** Trial poles with their unweighted columns on a grid of frequencies. */
export interface Candidates {
  readonly poles: PoleSet;
  /** Two columns of 2 M numbers each candidate. */
  readonly columns: Float64Array;
}

/** Trial poles beside a target: squared norms and product of the weighted columns, three numbers each. */
export interface WeighedCandidates extends Candidates {
  readonly norms: Float64Array;
}

/**
 * A grid of trial poles: 7 decay rates, logarithmic from 2 to 0.3 / L, times frequencies that are even in their
 * logarithm where inputs have most of their power, and even in themselves above.
 */
export function gridPoles(grid: Pick<SpectrumGrid, 'horizon'>): ComplexVector {
  const phases = [0];
  for (let phase = Math.PI / grid.horizon; phase < 0.3; phase *= 1.7) phases.push(phase);
  for (let i = 1; i <= 10; i++) phases.push((Math.PI * i) / 10);
  const [from, to] = [Math.log(fastest), Math.log(Math.min(0.3 / grid.horizon, 1))];
  const re: number[] = [];
  const im: number[] = [];
  for (let d = 0; d < decays; d++) {
    const decay = Math.exp(from + ((to - from) * d) / (decays - 1));
    const margin = Math.min(0.02 * decay, 0.5);
    // a pole that decays fast is broad in frequency: neighbours closer than its width are the same candidate
    let last = -Infinity;
    for (const phase of phases) {
      if (phase - last < decay / 4) continue;
      re.push(-decay);
      im.push(Math.max(Math.min(phase, Math.PI - margin), margin));
      last = phase;
    }
  }
  return { re: Float64Array.from(re), im: Float64Array.from(im) };
}

/** Those trial poles with their columns. */
export function gridCandidates(grid: SpectrumGrid): Candidates {
  return candidatesAt(grid, gridPoles(grid));
}

/** Trial poles at given places. */
export function candidatesAt(grid: SpectrumGrid, { re, im }: ComplexVector): Candidates {
  const rows = 2 * grid.points;
  const poles = createPoleSet(re.length, grid.horizon);
  const loops = hotLoops();
  const columns = loops.allocate(2 * re.length * rows);
  const ones = new Float64Array(grid.points).fill(1);
  for (let c = 0; c < re.length; c++) {
    const margin = Math.min(0.02 * Math.abs(re[c]), 0.5);
    const turns = Math.round(im[c] / (2 * Math.PI));
    const phase = Math.abs(im[c] - 2 * Math.PI * turns);
    setPole(poles, c, re[c], Math.max(Math.min(phase, Math.PI - margin), margin));
    loops.valueColumns(grid, ones, poles, c, columns, 2 * c * rows, (2 * c + 1) * rows);
  }
  return { poles, columns };
}

/** The candidates with their norms under the weights of a target. */
export function weighCandidates(
  { root, grid }: WeightedTarget,
  candidates: Candidates,
): WeighedCandidates {
  const { poles, columns } = candidates;
  const M = grid.points;
  const norms = new Float64Array(3 * poles.count);
  for (let c = 0; c < poles.count; c++) {
    const [a, b] = [4 * c * M, (4 * c + 2) * M];
    let [aa, ab, bb] = [0, 0, 0];
    for (let m = 0; m < M; m++) {
      const q = root[m] * root[m];
      const [x, y, u, v] = [columns[a + m], columns[a + M + m], columns[b + m], columns[b + M + m]];
      aa += q * (x * x + y * y);
      ab += q * (x * u + y * v);
      bb += q * (u * u + v * v);
    }
    norms.set([aa, ab, bb], 3 * c);
  }
  return { ...candidates, norms };
}

/** What the insertion of each candidate beside the poles of the last evaluation would lower the squared error by. */
export function insertionGains(
  projection: WeightedProjection,
  lists: readonly WeighedCandidates[],
): Float64Array[] {
  const { unknowns: n, target, columns, residual } = projection;
  const M = target.grid.points;
  const rows = 2 * M;
  // candidates are unweighted, so that one set serves all channels: the weight goes to the other side of the product
  const basis = new Float64Array((n + 1) * rows);
  basis.set(columns.subarray(0, n * rows));
  basis.set(residual, n * rows);
  for (let i = 0; i <= n; i++) {
    const at = i * rows;
    for (let m = 0; m < M; m++) {
      basis[at + m] *= target.root[m];
      basis[at + M + m] *= target.root[m];
    }
  }
  return lists.map((candidates) => {
    const { count } = candidates.poles;
    const products = new Float64Array((n + 1) * 2 * count);
    hotLoops().innerProducts(candidates.columns, 2 * count, basis, n + 1, rows, products);
    return Float64Array.from({ length: count }, (_, c) =>
      insertionGain(projection, candidates.norms, c, products),
    );
  });
}

export interface Insertion {
  readonly re: number;
  readonly im: number;
  /** By how much the squared error falls before the poles move. */
  readonly gain: number;
}

/**
 * The candidates whose insertion beside the poles of the last evaluation lowers the squared error most when all weights
 * are solved anew, best first: the orthogonalised gain of math reference 7.1 with weighted inner products.
 */
export function bestInsertion(
  projection: WeightedProjection,
  lists: readonly WeighedCandidates[],
): Insertion {
  let best: Insertion = { re: -1, im: Math.PI / 2, gain: -1 };
  insertionGains(projection, lists).forEach((gains, list) => {
    const { poles } = lists[list];
    gains.forEach((gain, c) => {
      if (gain > best.gain) best = { re: poles.re[c], im: poles.im[c], gain };
    });
  });
  return best;
}

/** (x² B22 - 2 x y B12 + y² B11) / det B with the residual's inner products x, y and the projected Gram block B. */
function insertionGain(
  projection: WeightedProjection,
  norms: Float64Array,
  c: number,
  products: Float64Array,
): number {
  const n = projection.unknowns;
  const first = products.subarray(2 * c * (n + 1), (2 * c + 1) * (n + 1));
  const second = products.subarray((2 * c + 1) * (n + 1), (2 * c + 2) * (n + 1));
  const [a11, a12, a22] = [norms[3 * c], norms[3 * c + 1], norms[3 * c + 2]];
  projection.whiten(first);
  projection.whiten(second);
  let [b11, b12, b22] = [a11, a12, a22];
  for (let i = 0; i < n; i++) {
    b11 -= first[i] * first[i];
    b12 -= first[i] * second[i];
    b22 -= second[i] * second[i];
  }
  const determinant = b11 * b22 - b12 * b12;
  if (!(determinant > 1e-6 * a11 * a22 && b11 > 1e-3 * a11)) return -1;
  const [x, y] = [first[n], second[n]];
  return (x * x * b22 - 2 * x * y * b12 + y * y * b11) / determinant;
}
