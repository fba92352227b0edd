import { hotLoops } from '../hotLoops';
import type { ComplexVector } from '../linalg/complex';
import { createPoleSet, setPole, type PoleSet } from '../systems/poleSet';
import { pairSums, weightedPairSums, type WeightedPoles } from './pairSums';
import { factorScaled, realGram } from './realGram';
import type { Target } from './varpro';

const decays = 8;
const frequencies = 32;
const gramRidge = 1e-12;

/** Candidate poles on a grid, with their correlation with the full system, which no later step changes. */
export interface Candidates {
  readonly poles: PoleSet;
  /** sum_k S(conj c + a_k) w_k and sum_k S(c + a_k) w_k, 4 numbers a candidate. */
  readonly correlation: Float64Array;
  /** Squared norms and product of the columns Re e^{ck}, Re i e^{ck}: 3 numbers a candidate. */
  readonly norms: Float64Array;
}

const sums = new Float64Array(4);

/**
 * A grid of candidate poles: 8 decay rates, logarithmic from 2 to 0.3 / L, times 32 frequencies on [0, pi] and the
 * system's own (math reference, 7.1).
 */
export function createCandidates(target: Target): Candidates {
  const full = target.poles;
  const slowest = full.re.reduce((most, x) => Math.max(most, x), -Infinity);
  const length = Math.min(full.horizon, Math.ceil(-40 / Math.min(slowest, -1e-8)));
  const phases = new Set<number>();
  for (let i = 0; i < frequencies; i++) phases.add((Math.PI * i) / (frequencies - 1));
  for (const phase of full.im) phases.add(Math.abs(phase));
  const { allocate } = hotLoops();
  const poles = createPoleSet(decays * phases.size, full.horizon, allocate);
  const [fast, slow] = [Math.log(2), Math.log(Math.min(0.3 / length, 1))];
  let at = 0;
  for (let d = 0; d < decays; d++) {
    const decay = Math.exp(fast + ((slow - fast) * d) / (decays - 1));
    const margin = Math.min(0.02 * decay, 0.5);
    for (const phase of phases) {
      setPole(poles, at++, -decay, Math.max(Math.min(phase, Math.PI - margin), margin));
    }
  }
  return candidatesAt(target, poles);
}

/** Poles of one's own choice as candidates. */
export function candidatesAt(target: Target, poles: PoleSet): Candidates {
  const loops = hotLoops();
  const correlation = loops.allocate(4 * poles.count);
  const norms = loops.allocate(3 * poles.count);
  loops.correlate(target, poles, correlation, norms);
  return { poles, correlation, norms };
}

/** Fills in what `Candidates` tells of poles c. */
export function correlate(
  { poles, weightRe, weightIm }: WeightedPoles,
  c: PoleSet,
  correlation: Float64Array,
  norms: Float64Array,
): void {
  for (let i = 0; i < c.count; i++) {
    weightedPairSums(c, i, poles, weightRe, weightIm, 0, correlation, 4 * i, 2);
    pairSums(c, i, c, i, 0, sums, 0, 2);
    norms[3 * i] = (sums[0] + sums[2]) / 2;
    norms[3 * i + 1] = -sums[3] / 2;
    norms[3 * i + 2] = (sums[0] - sums[2]) / 2;
  }
}

/**
 * The candidate whose insertion beside the poles b lowers the squared error most when all weights are solved anew.
 * @param weights the optimal weights at b
 */
export function bestInsertion(
  candidates: Candidates,
  b: PoleSet,
  weights: ComplexVector,
): { readonly re: number; readonly im: number } {
  const gains = new Float64Array(candidates.poles.count).fill(-1);
  addInsertionGains(candidates, b, weights, gains);
  let best = 0;
  for (let c = 1; c < gains.length; c++) if (gains[c] > gains[best]) best = c;
  return { re: candidates.poles.re[best], im: candidates.poles.im[best] };
}

/**
 * Adds to `gains` what the insertion of each candidate beside the poles b takes off the squared error when all weights
 * are solved anew. Nothing is added for candidates that nearly lie in the present span.
 * @param weights the optimal weights at b
 */
export function addInsertionGains(
  candidates: Candidates,
  b: PoleSet,
  weights: ComplexVector,
  gains: Float64Array,
): void {
  const factor = b.count === 0 ? undefined : factorScaled(realGram(b, gramRidge), 2 * b.count);
  hotLoops().insertionGains(candidates, b, weights, factor, gains);
}
