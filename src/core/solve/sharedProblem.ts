import type { ComplexVector } from '../linalg/complex';
import type { SharedProjection } from '../objective/sharedProjection';
import type { TiedSystem } from '../systems/tied';
import type { NewtonProblem } from './boundedNewton';
import { fastestDecay, slowestDecay } from './newtonSearch';

/** A pole closer to the real axis than this share of its decay rate would need weights of the order 1 / Im b. */
export const leastAngle = 0.02;

/** Coordinates of the search: logarithms of the decay rates, then frequencies. */
export function coordinatesOf({ re, im }: ComplexVector): Float64Array {
  return Float64Array.of(...re.map((x) => Math.log(-x)), ...im);
}

/** The shared poles at a point of the search. */
export function polesAt(x: Float64Array): ComplexVector {
  const r = x.length / 2;
  return { re: x.slice(0, r).map((v) => -Math.exp(v)), im: x.slice(r) };
}

/**
 * The region in which shared poles are searched: stable by more than rounding unless the full system itself has slower
 * modes, not faster than one step of any channel can tell, Im lambda > 0 (lambda and conj lambda give the same real
 * kernels) and off the real axis, where two slots would have to share one real direction.
 */
export function sharedProblem(full: TiedSystem, projection: SharedProjection): NewtonProblem {
  const { slots: r } = projection;
  const { poles, steps } = full;
  const slowestMode = poles.re.reduce((most, x) => Math.max(most, x), -Infinity);
  const fastestMode = poles.re.reduce((least, x) => Math.min(least, x), 0);
  const largestStep = steps.reduce((most, step) => Math.max(most, step), 0);
  const smallestStep = steps.reduce((least, step) => Math.min(least, step), Infinity);
  const slowest = Math.log(Math.min(-slowestMode / 2, -slowestDecay / largestStep));
  // a bilinear step maps rates beyond 2 / Delta to oscillations, which the frequency does better
  const rate = full.discretisation === 'bilinear' ? 4 : -fastestDecay;
  const fastest = Math.log(Math.max(-2 * fastestMode, rate / smallestStep));
  const angle = leastAngle * (meanOf(steps) / meanOf(full.imagSteps ?? steps));
  const highest = highestFrequency(full);
  const margin = (logRate: number): number => {
    const least = angle * Math.exp(logRate);
    return highest === Infinity ? least : Math.min(least, highest / 6);
  };
  return {
    size: 2 * r,
    norm2: projection.norm2,
    value: (x) => projection.value(x),
    derivatives: (x, gradient, hessian) => projection.derivatives(x, gradient, hessian),
    fold(x) {
      for (let j = 0; j < r; j++) {
        x[j] = Math.min(Math.max(x[j], slowest), fastest);
        let y = Math.abs(x[r + j]);
        if (highest < Infinity) y = Math.abs(y - 2 * highest * Math.round(y / (2 * highest)));
        const least = margin(x[j]);
        x[r + j] = Math.max(Math.min(y, highest - least), least);
      }
    },
    scales(x, out) {
      out.fill(1, 0, r);
      for (let j = 0; j < r; j++) out[r + j] = Math.exp(x[j]);
    },
    held(x, gradient, k) {
      const g = gradient[k];
      if (k < r) return (x[k] <= slowest && g > 0) || (x[k] >= fastest && g < 0);
      const least = margin(x[k - r]) * (1 + 1e-9);
      return (x[k] <= least && g > 0) || (x[k] >= highest - least && g < 0);
    },
  };
}

/** The frequency beyond which all channels alike see only aliases of lower ones; Infinity where steps differ. */
function highestFrequency({ discretisation, imagSteps, steps }: TiedSystem): number {
  if (discretisation === 'bilinear') return Infinity;
  const [first, ...others] = imagSteps ?? steps;
  return others.every((step) => step === first) ? Math.PI / first : Infinity;
}

/** Geometric mean. */
export function meanOf(steps: Float64Array): number {
  return Math.exp(steps.reduce((sum, step) => sum + Math.log(step), 0) / steps.length);
}
