import type { BatchNormOp, LayerNormOp, Parameter } from '../network/network';
import {
  exactly,
  scaled,
  settled,
  totalOf,
  withPart,
  type ErrorState,
  type Track,
} from './errorState';
import type { Moment, Pass, StepPair } from './pass';
import { affineOf, batchNormReach, layerNormReach } from './reach';
import { largest, normAbove, raised, times } from './rounding';
import type { StepStatistics } from './statistics';

/**
 * A layer norm: ||N(x^) - N(x)|| <= min( 2 / (sigma + sigma^), 1 / sqrt(epsilon), 2 sqrt(d) / ||x^ - x|| ) ||x^ - x||
 * (Dunkl and Williams for the vectors (x - mean, sqrt(d epsilon))), where sigma^ >= sigma - ||x^ - x|| / sqrt(d). Scale
 * and shift of the compressed network may be others: the original's normed rows have norms below sqrt(d).
 */
export function layerNormStep(
  pass: Pass,
  moment: Moment,
  { op, reduced, recorded }: StepPair<LayerNormOp>,
): Moment {
  const { rms, peak } = settled(moment.error);
  const root = Math.sqrt(op.width);
  const scales = scalesOf(reduced);
  const base = lipschitzOf(op, { rms, peak }, moment.length, recorded);
  const changed = raised(
    largest(differences(scalesOf(op), scales)) * root + normAbove(shiftChange(op, reduced)),
    4,
  );
  const through = (track: Track, of: 'rms' | 'peak'): Track => {
    const bounded = saturated(exactly(scaled(track, base), recorded?.block, of), root);
    return changed === 0
      ? { ...bounded, gains: scales }
      : withPart(scaled(bounded, largest(scales)), pass.factors.length, changed);
  };
  const after: ErrorState = {
    rms: through(rms, 'rms'),
    peak: peak && through(peak, 'peak'),
    fresh: undefined,
  };
  const E = totalOf(rms);
  noteNorm(pass, moment, E > 0 ? Math.min(base, (2 * root) / E) : base, largest(scales));
  return {
    ...moment,
    error: after,
    reach: { ...layerNormReach(op), both: changed === 0 },
    reducedReach: layerNormReach(reduced),
  };
}

function lipschitzOf(
  { width, epsilon }: LayerNormOp,
  { rms, peak }: Pick<ErrorState, 'rms' | 'peak'>,
  length: number,
  recorded: StepStatistics | undefined,
): number {
  const floor = Math.sqrt(epsilon);
  const { near, far } = recorded?.others ?? {};
  if (near !== undefined && far !== undefined) {
    return raised(Math.min(2 / (near + far), 1 / floor), 8);
  }
  const deviation = recorded?.deviation;
  if (deviation === undefined || peak === undefined) return raised(1 / floor, 2);
  const moved = Math.min(totalOf(peak), Math.sqrt(length) * totalOf(rms)) / Math.sqrt(width);
  return raised(Math.min(2 / (deviation + Math.max(floor, deviation - moved)), 1 / floor), 8);
}

/** Behind a norm no two rows are further apart than 2 sqrt(d). */
function saturated(track: Track, root: number): Track {
  const total = totalOf(track);
  if (total !== Infinity) return total > 2 * root ? scaled(track, (2 * root) / total) : track;
  const unbounded = track.parts.filter((x, i) => x === Infinity && i < track.parts.length - 1);
  return {
    ...track,
    parts: track.parts.map((x) => (x === Infinity ? raised((2 * root) / unbounded.length, 4) : 0)),
  };
}

function scalesOf({ width, scale }: LayerNormOp): Float64Array {
  return scale === undefined ? new Float64Array(width).fill(1) : scale.values.map(Math.abs);
}

function differences(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((x, i) => x - b[i]);
}

function shiftChange(a: { shift?: Parameter }, b: { shift?: Parameter }): Float64Array {
  const one = a.shift?.values ?? b.shift?.values.map(() => 0) ?? new Float64Array(0);
  return one.map((x, i) => x - (b.shift?.values[i] ?? 0));
}

/** A batch norm scales every feature by a number of its own. */
export function batchNormStep(
  pass: Pass,
  moment: Moment,
  { op, reduced, recorded }: StepPair<BatchNormOp>,
): Moment {
  const { rms, peak } = settled(moment.error);
  const [before, after] = [affineOf(op), affineOf(reduced)];
  const factors = after.factors.map((f) => raised(Math.abs(f), 4));
  const changed = raised(
    times(largest(differences(before.factors, after.factors)), moment.reach.row) +
      normAbove(differences(before.offsets, after.offsets)),
    4,
  );
  const through = (track: Track, of: 'rms' | 'peak'): Track => {
    const exact = exactly(track, recorded?.block, of);
    return changed === 0
      ? { ...exact, gains: factors }
      : withPart(scaled(exact, largest(factors)), pass.factors.length, changed);
  };
  noteNorm(pass, moment, 1, largest(factors));
  return {
    ...moment,
    error: {
      rms: through(rms, 'rms'),
      peak: peak && through(peak, 'peak'),
      fresh: undefined,
    },
    reach: batchNormReach(op, moment.reach),
    reducedReach: batchNormReach(reduced, moment.reducedReach),
  };
}

/** Inside of a block the norm belongs to the layer that follows, behind one to the layer before. */
function noteNorm(pass: Pass, moment: Moment, constant: number, scale: number): void {
  const inside = moment.kept.length > 0;
  const factors = pass.factors.at(inside ? moment.layer + 1 : Math.max(moment.layer, 0));
  if (factors !== undefined) factors.norm ??= { constant, scale };
}
