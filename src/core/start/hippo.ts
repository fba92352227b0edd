import { type ComplexVector, complexVector } from '../linalg/complex';
import { hermitianEigen } from '../linalg/hermitianEigen';
import { complexMatrix } from '../linalg/matrix';

/** Poles that networks are initialised with; as starts of a reduction they are poor (math reference 6.4, 7.2). */
export const hippoStarts = ['s4d-lin', 's4d-inv', 'legs', 'skew-hippo'] as const;
export type HippoStart = (typeof hippoStarts)[number];

/**
 * Continuous poles lambda of an initialisation for `slots` stored poles (state size N = 2 slots where poles stand for
 * conjugate pairs); multiply by the step for log-poles.
 *   s4d-lin     -1/2 + i pi n
 *   s4d-inv     -1/2 + i (N / pi) (N / (2n + 1) - 1)
 *   legs        -(n + 1), the eigenvalues of the HiPPO-LegS matrix itself
 *   skew-hippo  -1/2 + i omega, omega > 0 the frequencies of the skew part of the N × N HiPPO-LegS matrix (S4D-LegS)
 */
export function hippoPoles(start: HippoStart, slots: number): ComplexVector {
  const poles = complexVector(slots);
  const size = 2 * slots;
  poles.re.fill(-0.5);
  switch (start) {
    case 's4d-lin':
      poles.im.forEach((_, n) => (poles.im[n] = Math.PI * n));
      break;
    case 's4d-inv':
      poles.im.forEach((_, n) => (poles.im[n] = (size / Math.PI) * (size / (2 * n + 1) - 1)));
      break;
    case 'legs':
      poles.re.forEach((_, n) => (poles.re[n] = -(n + 1)));
      break;
    case 'skew-hippo':
      poles.im.set(skewFrequencies(size).subarray(slots));
      break;
  }
  return poles;
}

/** Frequencies, ascending, of the skew-symmetric S with S_nk = -sqrt((2n + 1)(2k + 1)) / 2 for n > k. */
function skewFrequencies(size: number): Float64Array {
  const hermitian = complexMatrix(size, size);
  for (let n = 0; n < size; n++) {
    for (let k = 0; k < n; k++) {
      const entry = Math.sqrt((2 * n + 1) * (2 * k + 1)) / 2;
      hermitian.im[n * size + k] = entry;
      hermitian.im[k * size + n] = -entry;
    }
  }
  return hermitianEigen(hermitian).values;
}
