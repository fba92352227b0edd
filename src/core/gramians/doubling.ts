import type { ComplexVector } from '../linalg/complex';
import { type ComplexMatrix, complexMatrix, scaleColumns, stackRows } from '../linalg/matrix';
import { triangularFactor } from '../linalg/qr';

/** exp(poles * t), elementwise. */
export function modesAt(poles: ComplexVector, t: number): ComplexVector {
  const n = poles.re.length;
  const z = { re: new Float64Array(n), im: new Float64Array(n) };
  for (let i = 0; i < n; i++) {
    const growth = Math.exp(poles.re[i] * t);
    z.re[i] = growth * Math.cos(poles.im[i] * t);
    z.im[i] = growth * Math.sin(poles.im[i] * t);
  }
  return z;
}

/** From the factor over [0, t) that over [0, 2t): the triangle of [R; R diag(e^{a t})]. */
export function doubled(R: ComplexMatrix, poles: ComplexVector, t: number): ComplexMatrix {
  return triangularFactor(stackRows(R, scaleColumns(R, modesAt(poles, t))));
}

/** Rows scale_k e^{a t_k}: samples of all modes at the given times. */
export function sampledModes(
  poles: ComplexVector,
  times: ArrayLike<number>,
  scales: ArrayLike<number>,
): ComplexMatrix {
  const n = poles.re.length;
  const F = complexMatrix(times.length, n);
  for (let k = 0; k < times.length; k++) {
    const z = modesAt(poles, times[k]);
    for (let i = 0; i < n; i++) {
      F.re[k * n + i] = scales[k] * z.re[i];
      F.im[k * n + i] = scales[k] * z.im[i];
    }
  }
  return F;
}
