import { solveLowerPair } from '../linalg/realCholesky';
import type { ComplexVector } from '../linalg/complex';
import type { PoleSet } from '../systems/poleSet';
import type { Candidates } from './insertion';
import { pairSums } from './pairSums';
import type { ScaledFactor } from './realGram';

const sums = new Float64Array(4);

/**
 * Adds to `gains` the orthogonalised gain of each candidate c with from <= c < to,
 *     (x² B22 - 2 x y B12 + y² B11) / det B
 * with the residual's inner products x, y and the Gram block B of the two new columns less its projection on the present
 * span (math reference, 7.1).
 * @param weights the optimal weights at b
 * @param factor of the Gram matrix of b's columns; undefined where there are none, or where it is singular
 */
export function insertionGains(
  { poles, correlation, norms }: Candidates,
  b: PoleSet,
  weights: ComplexVector,
  factor: ScaledFactor | undefined,
  gains: Float64Array,
  from = 0,
  to = poles.count,
): void {
  const r = b.count;
  const n = 2 * r;
  const first = new Float64Array(n);
  const second = new Float64Array(n);
  for (let c = from; c < to; c++) {
    let gr = correlation[4 * c];
    let gi = correlation[4 * c + 1];
    let hr = correlation[4 * c + 2];
    let hi = correlation[4 * c + 3];
    for (let j = 0; j < r; j++) {
      pairSums(b, j, poles, c, 0, sums, 0, 2);
      const sr = sums[0];
      const si = sums[1];
      const tr = sums[2];
      const ti = sums[3];
      const vr = weights.re[j];
      const vi = weights.im[j];
      gr -= sr * vr + si * vi;
      gi -= sr * vi - si * vr;
      hr -= tr * vr - ti * vi;
      hi -= tr * vi + ti * vr;
      first[j] = (sr + tr) / 2;
      first[j + r] = (si - ti) / 2;
      second[j] = -(si + ti) / 2;
      second[j + r] = (sr - tr) / 2;
    }
    const a11 = norms[3 * c];
    const a22 = norms[3 * c + 2];
    let b11 = a11;
    let b12 = norms[3 * c + 1];
    let b22 = a22;
    if (factor !== undefined) {
      for (let i = 0; i < n; i++) {
        first[i] /= factor.scale[i];
        second[i] /= factor.scale[i];
      }
      solveLowerPair(factor.lower, n, first, second);
      for (let i = 0; i < n; i++) {
        b11 -= first[i] * first[i];
        b12 -= first[i] * second[i];
        b22 -= second[i] * second[i];
      }
    }
    const determinant = b11 * b22 - b12 * b12;
    if (!(determinant > 1e-6 * a11 * a22 && b11 > 1e-3 * a11)) continue;
    const x = (gr + hr) / 2;
    const y = (gi - hi) / 2;
    gains[c] += (x * x * b22 - 2 * x * y * b12 + y * y * b11) / determinant;
  }
}
