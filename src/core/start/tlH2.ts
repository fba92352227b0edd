import { type DiagonalSystem, fromWeights, modeWeights } from '../systems/diagonal';
import type { TimeSpan } from '../systems/timeSpan';
import { type Start, balancedModes } from './balancedModes';
import { type FixedPointOptions, fixedPoint } from './fixedPoint';

/**
 * The time-limited H² start (Goyal and Redmann, math reference 6.3): balanced truncation improved by the two-sided
 * iteration over the span. Where the iteration loses stability the best stable iterate replaces its result, which is
 * balanced truncation at worst; the notes say so.
 */
export function tlH2Modes(
  full: DiagonalSystem,
  slots: number,
  span: TimeSpan,
  options: FixedPointOptions = { iterations: 30 },
): Start {
  const { modes, name, notes } = balancedModes(full, slots, span);
  const start = fromWeights(modes.poles, modes.weights);
  const { best, reflected } = fixedPoint(full, start, span, options);
  if (best === start) {
    return {
      modes,
      name,
      notes: [...notes, `The TL-H2 iteration found nothing better than its start, which is used.`],
    };
  }
  const lost = `The TL-H2 iteration lost stability in ${reflected} iterates; the best stable one is used.`;
  return {
    modes: { poles: best.poles, weights: modeWeights(best) },
    name: `TL-H2 from ${name}`,
    notes: reflected === 0 ? notes : [...notes, lost],
  };
}
