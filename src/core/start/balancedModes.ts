import { withOptimalOutput } from '../objective/optimalOutput';
import { type DiagonalSystem, type Modes, modeWeights } from '../systems/diagonal';
import type { TimeSpan } from '../systems/timeSpan';
import { balance, truncate } from './balanced';
import { fillSlots } from './fillSlots';
import { reflect } from './reflect';

/** A start for a search: stable modes, and what had to be done to get them. */
export interface Start {
  readonly modes: Modes;
  readonly name: string;
  readonly notes: readonly string[];
}

/**
 * Balanced truncation of a single-input single-output system as a start with exactly `slots` stable modes: unstable
 * poles are reflected and the weights solved anew (math reference 6.8), which replaces the paper's fallback to random
 * stable systems; a system of smaller numerical rank is filled up with poles of its own at weight 0.
 * @param least decay rate given to a reflected pole at least
 */
export function balancedModes(
  full: DiagonalSystem,
  slots: number,
  span: TimeSpan,
  least = 1e-6,
): Start {
  const form = balance(full, span);
  const notes: string[] = [];
  const name = span.horizon === Infinity ? 'balanced' : 'time-limited balanced';
  const truncated = truncate(form, slots);
  const { poles, count } = reflect(truncated.poles, least);
  const stable = count === 0 ? truncated : withOptimalOutput(full, poles, truncated.B, span);
  if (count > 0) {
    notes.push(
      `Balanced truncation was unstable: ${count} of ${poles.re.length} poles were reflected into the stability region and the weights solved anew.`,
    );
  }
  if (form.rank < slots) {
    notes.push(
      `The system has numerical rank ${form.rank}: ${slots - form.rank} of its own poles were added with weight 0.`,
    );
  }
  return {
    modes: fillSlots({ poles, weights: modeWeights(stable) }, full.poles, slots),
    name: count === 0 ? name : `reflected ${name}`,
    notes,
  };
}
