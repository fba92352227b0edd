import type { ComplexVector } from '../linalg/complex';
import type { ComplexMatrix } from '../linalg/matrix';
import { triangularFactor } from '../linalg/qr';
import { doubled, sampledModes } from './doubling';

/** Longest panel, in units of 1 / max |lambda|: well inside the reach of the quadrature below. */
const longestPanel = 4;

/**
 * Upper trapezoidal R with (R^H R)_ij = int_0^tau conj(e^{lambda_i t}) e^{lambda_j t} dt for continuous modes: QR of the
 * modes sampled at Gauss-Legendre nodes of a short panel, exact to rounding for exponentials, then doubled to tau. Like
 * the discrete Vandermonde factor it keeps small singular values that a computed Gramian has lost.
 */
export function legendreFactor(poles: ComplexVector, tau: number): ComplexMatrix {
  const fastest = poles.re.reduce((m, x, i) => Math.max(m, Math.hypot(x, poles.im[i])), 0);
  const doublings = Math.max(0, Math.ceil(Math.log2((fastest * tau) / longestPanel)));
  let panel = tau / 2 ** doublings;
  const { nodes, weights } = gaussLegendre(poles.re.length + 24);
  const times = nodes.map((x) => (panel * (1 + x)) / 2);
  const scales = weights.map((w) => Math.sqrt((panel * w) / 2));
  let R = triangularFactor(sampledModes(poles, times, scales));
  for (let k = 0; k < doublings; k++) {
    R = doubled(R, poles, panel);
    panel *= 2;
  }
  return R;
}

/** Nodes and weights of the n-point Gauss-Legendre rule on [-1, 1], by Newton's method on the Legendre polynomial. */
export function gaussLegendre(n: number): {
  readonly nodes: Float64Array;
  readonly weights: Float64Array;
} {
  const nodes = new Float64Array(n);
  const weights = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    let x = Math.cos((Math.PI * (k + 0.75)) / (n + 0.5));
    for (let step = 0; step < 8; step++) {
      const [value, slope] = legendre(n, x);
      x -= value / slope;
    }
    const slope = legendre(n, x)[1];
    nodes[k] = x;
    weights[k] = 2 / ((1 - x * x) * slope * slope);
  }
  return { nodes, weights };
}

/** P_n(x) and P_n'(x) by the three-term recurrence. */
function legendre(n: number, x: number): [number, number] {
  let [before, value] = [1, x];
  for (let k = 2; k <= n; k++) {
    [before, value] = [value, ((2 * k - 1) * x * value - (k - 1) * before) / k];
  }
  return [value, (n * (x * value - before)) / (x * x - 1)];
}
