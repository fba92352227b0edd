import type { ComplexVector } from '../linalg/complex';

/** Poles with all real parts negative, and how many had to be changed. */
export interface Reflected {
  readonly poles: ComplexVector;
  readonly count: number;
}

/**
 * Replaces poles outside the stability region by their mirror images: Re b -> -max(|Re b|, least) where Re b >= 0
 * (math reference 6.8). Weights must be solved anew afterwards.
 * @param least smallest decay rate of a reflected pole; 1e-6 for log-poles, 1e-6 / step for continuous ones
 */
export function reflect({ re, im }: ComplexVector, least = 1e-6): Reflected {
  const unstable = re.filter((x) => !(x < 0)).length;
  if (unstable === 0) return { poles: { re, im }, count: 0 };
  return {
    poles: { re: re.map((x) => (x < 0 ? x : -Math.max(Math.abs(x), least))), im },
    count: unstable,
  };
}
