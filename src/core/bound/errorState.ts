import { raised, times } from './rounding';
import type { BlockStatistics, Sizes } from './statistics';

/**
 * A bound of ||x^ - x|| as a sum of parts: one a layer, one for what changed outside of them, and last a probe, which
 * starts as 1 before every block and measures its gain without being counted.
 */
export interface Track {
  readonly parts: Float64Array;
  /** Where set: feature c of the difference is at most gains[c] tau_c with ||tau|| <= the parts. */
  readonly gains: Float64Array | undefined;
}

/** What a layer has just added to the difference, still told apart by channel. */
export interface FreshError {
  readonly layer: number;
  /** Root mean square over the positions, Frobenius norm over the features. */
  readonly total: number;
  /** Or: feature c at most gains[c] s_c with ||s_k|| <= row. */
  readonly spread?: { readonly gains: Float64Array; readonly row: number };
  /** Or: root mean squares by feature. */
  readonly energies?: Float64Array;
  /** Largest norm of a row, for the track of peaks. */
  readonly peak: number;
}

/** The difference of two networks at one step: in the root mean square over positions, and in the largest row. */
export interface ErrorState {
  readonly rms: Track;
  /** Only where statistics were recorded. */
  readonly peak: Track | undefined;
  readonly fresh: FreshError | undefined;
}

/** No difference. */
export function noError(layers: number, recorded: boolean): ErrorState {
  const track = (): Track => ({ parts: new Float64Array(layers + 2), gains: undefined });
  return { rms: track(), peak: recorded ? track() : undefined, fresh: undefined };
}

/** The bound: all parts but the probe. */
export function totalOf({ parts }: Track): number {
  let sum = 0;
  for (let i = 0; i < parts.length - 1; i++) sum += parts[i];
  return raised(sum, parts.length);
}

export function scaled({ parts, gains }: Track, factor: number): Track {
  return { parts: parts.map((x) => raised(times(x, factor), 1)), gains };
}

/** With gains folded into the parts. */
export function flat(track: Track): Track {
  if (track.gains === undefined) return track;
  const most = track.gains.reduce((a, b) => Math.max(a, b), 0);
  return { ...scaled(track, most), gains: undefined };
}

export function withPart(track: Track, index: number, value: number): Track {
  const parts = track.parts.slice();
  parts[index] = raised(parts[index] + value, 1);
  return { ...track, parts };
}

/** With a layer's own error as it was recorded behind its block, where that is smaller. */
export function exactly(
  track: Track,
  block: BlockStatistics | undefined,
  of: 'rms' | 'peak',
): Track {
  if (block === undefined || !(block[of] < track.parts[block.layer])) return track;
  const parts = track.parts.slice();
  parts[block.layer] = block[of];
  return { ...track, parts };
}

/** Everything folded into the parts. */
export function settled({ rms, peak, fresh }: ErrorState): ErrorState {
  let [a, b] = [flat(rms), peak && flat(peak)];
  if (fresh !== undefined) {
    a = withPart(a, fresh.layer, fresh.total);
    b = b && withPart(b, fresh.layer, fresh.peak);
  }
  return { rms: a, peak: b, fresh: undefined };
}

/** x + body(x): the differences of both add up. */
export function summed(kept: ErrorState, body: ErrorState): ErrorState {
  const [a, b] = [settled(kept), settled(body)];
  const sum = (p: Track, q: Track): Track => ({
    parts: p.parts.map((x, i) => raised(x + q.parts[i], 1)),
    gains: undefined,
  });
  return {
    rms: sum(a.rms, b.rms),
    peak: a.peak && b.peak && sum(a.peak, b.peak),
    fresh: undefined,
  };
}

/** Lets each track take over the other where that is smaller: peak <= sqrt(L) rms and rms <= peak. */
export function exchanged(state: ErrorState, length: number): ErrorState {
  const settledState = settled(state);
  let { rms, peak } = settledState;
  if (peak === undefined) return settledState;
  const root = raised(Math.sqrt(length), 1);
  const probe = rms.parts[rms.parts.length - 1];
  if (root * totalOf(rms) < totalOf(peak)) peak = scaled(rms, root);
  if (totalOf(peak) < totalOf(rms)) {
    const parts = peak.parts.slice();
    parts[parts.length - 1] = probe;
    rms = { parts, gains: undefined };
  }
  return { rms, peak, fresh: undefined };
}

/** Multiplied by a Lipschitz constant. */
export function stretched({ rms, peak, fresh }: ErrorState, factor: number): ErrorState {
  return {
    rms: scaled(rms, factor),
    peak: peak && scaled(peak, factor),
    fresh: fresh && {
      ...fresh,
      total: raised(fresh.total * factor, 1),
      peak: raised(fresh.peak * factor, 1),
      ...(fresh.spread && {
        spread: { ...fresh.spread, gains: fresh.spread.gains.map((g) => g * factor) },
      }),
      ...(fresh.energies && { energies: fresh.energies.map((t) => t * factor) }),
    },
  };
}

/** Feature c multiplied by a Lipschitz constant of its own. */
export function stretchedBy(state: ErrorState, factors: Float64Array): ErrorState {
  const { rms, peak, fresh } = state;
  const each = (x: Float64Array | undefined): Float64Array =>
    factors.map((f, c) => raised(f * (x?.[c] ?? 1), 1));
  const most = factors.reduce((a, b) => Math.max(a, b), 0);
  return {
    rms: { ...rms, gains: each(rms.gains) },
    peak: peak && { ...peak, gains: each(peak.gains) },
    fresh: fresh && {
      ...fresh,
      total: raised(fresh.total * most, 1),
      peak: raised(fresh.peak * most, 1),
      ...(fresh.spread && { spread: { ...fresh.spread, gains: each(fresh.spread.gains) } }),
      ...(fresh.energies && { energies: each(fresh.energies) }),
    },
  };
}

/** No more than both signals together, as they were recorded. */
export function capped(state: ErrorState, sizes: Sizes | undefined): ErrorState {
  if (sizes === undefined) return state;
  const { rms, peak } = settled(state);
  const cap = (track: Track, most: number): Track => {
    const total = totalOf(track);
    // a sum of parts that are unbounded cannot be told apart
    if (!(total > most) || total === Infinity) return track;
    const factor = most / total;
    const parts = track.parts.map((x, i) =>
      i === track.parts.length - 1 ? x : raised(x * factor, 2),
    );
    return { ...track, parts };
  };
  return { rms: cap(rms, sizes.rms), peak: peak && cap(peak, sizes.peak), fresh: undefined };
}
