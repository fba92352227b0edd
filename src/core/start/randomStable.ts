import { type ComplexVector, complexVector } from '../linalg/complex';
import { uniform } from '../random';

/**
 * `slots` random stable log-poles, the same for the same seed: decay rates log-uniform between 1 / horizon (1e-4 for an
 * infinite one) and 2, phases uniform in (0, pi). The paper falls back on such systems where balanced truncation is
 * unstable; here they serve for comparison.
 */
export function randomStablePoles(slots: number, horizon: number, seed: number): ComplexVector {
  const next = uniform(seed);
  const poles = complexVector(slots);
  const slowest = Math.log(horizon === Infinity ? 1e-4 : Math.min(1, 1 / horizon));
  for (let j = 0; j < slots; j++) {
    poles.re[j] = -Math.exp(slowest + (Math.log(2) - slowest) * next());
    poles.im[j] = Math.PI * next();
  }
  return poles;
}
