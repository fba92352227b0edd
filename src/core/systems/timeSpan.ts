/**
 * The time over which responses are compared: continuous time 0 … tau, or the discrete steps 0 … L - 1; Infinity is
 * allowed for both.
 */
export interface TimeSpan {
  readonly time: 'continuous' | 'discrete';
  /** tau > 0 or L, an integer >= 1. */
  readonly horizon: number;
}

/** Continuous time from 0 to tau. */
export function continuous(tau: number): TimeSpan {
  return { time: 'continuous', horizon: tau };
}

/** The discrete steps 0 … L - 1. */
export function discrete(steps: number): TimeSpan {
  return { time: 'discrete', horizon: steps };
}
