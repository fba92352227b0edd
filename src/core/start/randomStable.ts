import { type ComplexVector, complexVector } from '../linalg/complex';

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

/** Numbers uniform in (0, 1): a Weyl sequence through the 32-bit avalanche of MurmurHash3. */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let h = state ^ (state >>> 16);
    h = Math.imul(h, 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return (((h ^ (h >>> 16)) >>> 0) + 0.5) / 2 ** 32;
  };
}
