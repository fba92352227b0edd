import { symmetricEigen } from '../linalg/symmetricEigen';
import { normAbove, raised, roundoff } from './rounding';

/** A real matrix, row-major. */
export interface RealMatrix {
  readonly rows: number;
  readonly cols: number;
  readonly values: Float64Array;
}

/** Up to this size the largest eigenvalue comes from the whole decomposition, above from power iterations. */
const decomposed = 96;
const iterations = 60;

/**
 * An upper bound of the largest singular value, certified: with S = W W^T or W^T W, whichever is smaller, formed in
 * float64, an approximate largest eigenvalue s is raised until the Cholesky factorisation of s I - S succeeds. A
 * factorisation that succeeds in float64 proves s I - S + c I positive semidefinite for c = (n + 2) u tr(s I - S) / (1 -
 * (n + 2) u) (Rump, BIT 46, 2006), and S is within (k + 2) u ||W||_F² of the exact product of inner length k.
 */
export function operatorNormAbove({ rows, cols, values }: RealMatrix): number {
  let scale = 0;
  for (const value of values) scale = Math.max(scale, Math.abs(value));
  if (scale === 0 || !Number.isFinite(scale)) return scale;
  if (rows === 1 || cols === 1) return normAbove(values);
  // a power of two, so that scaling does not round
  scale = 2 ** Math.floor(Math.log2(scale));
  const n = Math.min(rows, cols);
  const inner = Math.max(rows, cols);
  const S = gram(rows, cols, values, 1 / scale);
  let trace = 0;
  for (let i = 0; i < n; i++) trace += S[i * n + i];
  const formed = (inner + 2) * roundoff * raised(trace, n);
  const start = n <= decomposed ? largestEigenvalue(S, n) : powerEigenvalue(S, n);
  let margin = n * n * 2 * roundoff;
  // the trace itself bounds a positive semidefinite matrix, so the search ends
  for (let s = start * (1 + margin); s < trace; margin *= 4, s = start * (1 + margin)) {
    if (!isPositive(S, n, s)) continue;
    const unit = (n + 2) * roundoff;
    const factored = (unit * n * s) / (1 - unit);
    return raised(scale * Math.sqrt(raised(s + factored + formed, 4)), 4);
  }
  return raised(scale * Math.sqrt(trace + formed), n + 4);
}

/** The smaller of W W^T and W^T W for W scaled. */
function gram(rows: number, cols: number, values: Float64Array, scale: number): Float64Array {
  const wide = rows <= cols;
  const [n, k] = wide ? [rows, cols] : [cols, rows];
  const A = new Float64Array(n * k);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) A[wide ? i * k + j : j * k + i] = values[i * cols + j] * scale;
  }
  const S = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let l = 0; l < k; l++) sum += A[i * k + l] * A[j * k + l];
      S[i * n + j] = S[j * n + i] = sum;
    }
  }
  return S;
}

function largestEigenvalue(S: Float64Array, n: number): number {
  const { values } = symmetricEigen(S.slice(), n);
  return Math.max(0, values[n - 1]);
}

function powerEigenvalue(S: Float64Array, n: number): number {
  let x = Float64Array.from({ length: n }, (_, i) => 1 + 0.5 * Math.sin(i + 1));
  let value = 0;
  for (let step = 0; step < iterations; step++) {
    const y = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += S[i * n + j] * x[j];
      y[i] = sum;
    }
    value = Math.hypot(...y) / Math.hypot(...x);
    if (!(value > 0)) return 0;
    x = y.map((one) => one / value);
  }
  return value;
}

/** Whether the Cholesky factorisation of s I - S goes through in float64. */
function isPositive(S: Float64Array, n: number, s: number): boolean {
  const R = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = (i === j ? s : 0) - S[i * n + j];
      for (let k = 0; k < j; k++) sum -= R[i * n + k] * R[j * n + k];
      if (i === j) {
        if (!(sum > 0)) return false;
        R[i * n + i] = Math.sqrt(sum);
      } else R[i * n + j] = sum / R[j * n + j];
    }
  }
  return true;
}
