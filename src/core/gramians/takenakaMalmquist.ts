import type { ComplexVector } from '../linalg/complex';
import { type ComplexMatrix, complexMatrix } from '../linalg/matrix';
import { complexExpm1, wrapPhase } from '../scalars';
import type { TimeSpan } from '../systems/timeSpan';

type Complex = [re: number, im: number];

/**
 * Upper triangular R with R^H R = conj(G) for the Cauchy-like Gram matrix G of stable modes over infinite time,
 *     G_ij = 1 / (1 - z_i conj z_j) (discrete, z = e^a)  or  -1 / (lambda_i + conj lambda_j) (continuous),
 * that is R = F^T with G = F F^H. F in closed form (Takenaka-Malmquist functions, math reference 6.1):
 *     F_im = g_m / d(i, m) prod_{j<m} n(i, j) / d(i, j),
 *     discrete    d = 1 - conj(z_j) z_i,  n = z_i - z_j,  g_m = sqrt(1 - |z_m|²)
 *     continuous  d = -(lambda_i + conj lambda_j),  n = lambda_i - lambda_j,  g_m = sqrt(-2 Re lambda_m)
 * Every entry has high relative accuracy, which no factorisation of a computed Gramian has.
 */
export function takenakaMalmquist(poles: ComplexVector, time: TimeSpan['time']): ComplexMatrix {
  const n = poles.re.length;
  const R = complexMatrix(n, n);
  const terms = time === 'discrete' ? discreteTerms : continuousTerms;
  const [numerator, denominator]: [Complex, Complex] = [
    [0, 0],
    [0, 0],
  ];
  for (let i = 0; i < n; i++) {
    let [re, im] = [1, 0];
    for (let m = 0; m <= i; m++) {
      terms(poles, i, m, numerator, denominator);
      const size = denominator[0] ** 2 + denominator[1] ** 2;
      const qRe = (re * denominator[0] + im * denominator[1]) / size;
      const qIm = (im * denominator[0] - re * denominator[1]) / size;
      const gain =
        time === 'discrete' ? Math.sqrt(-Math.expm1(2 * poles.re[m])) : Math.sqrt(-2 * poles.re[m]);
      R.re[m * n + i] = gain * qRe;
      R.im[m * n + i] = gain * qIm;
      re = qRe * numerator[0] - qIm * numerator[1];
      im = qRe * numerator[1] + qIm * numerator[0];
    }
  }
  return R;
}

function continuousTerms(
  { re, im }: ComplexVector,
  i: number,
  j: number,
  numerator: Complex,
  denominator: Complex,
): void {
  numerator[0] = re[i] - re[j];
  numerator[1] = im[i] - im[j];
  denominator[0] = -(re[i] + re[j]);
  denominator[1] = -(im[i] - im[j]);
}

const scratch = new Float64Array(2);

function discreteTerms(
  { re, im }: ComplexVector,
  i: number,
  j: number,
  numerator: Complex,
  denominator: Complex,
): void {
  const angle = wrapPhase(im[i] - im[j]);
  complexExpm1(re[i] + re[j], angle, scratch, 0);
  denominator[0] = -scratch[0];
  denominator[1] = -scratch[1];
  // z_i - z_j = e^{a_s} expm1(a_l - a_s) with a_s the slower pole, so that nothing overflows
  const [slow, sign] = re[i] <= re[j] ? [j, 1] : [i, -1];
  complexExpm1(-Math.abs(re[i] - re[j]), sign * angle, scratch, 0);
  const growth = sign * Math.exp(re[slow]);
  const [zRe, zIm] = [growth * Math.cos(im[slow]), growth * Math.sin(im[slow])];
  numerator[0] = zRe * scratch[0] - zIm * scratch[1];
  numerator[1] = zRe * scratch[1] + zIm * scratch[0];
}
