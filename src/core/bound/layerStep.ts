import type { StateSpaceOp } from '../network/network';
import { scaled, settled, type FreshError, type Track } from './errorState';
import { largestEnergy } from './knapsack';
import { bestCertificate, type LayerGains } from './layerGains';
import type { Moment, Pass, StepPair } from './pass';
import { quadraticPeak, quadraticSlope } from './quadraticGains';
import { rowReach, type Reach } from './reach';
import { largest, normAbove, raised, times } from './rounding';
import type { StepStatistics } from './statistics';

/**
 * A state-space layer: v^ - v = K^ * (s^ - s) + (K^ - K) * s, or K * (s^ - s) + (K^ - K) * s^ where both inputs are
 * behind the same norm, channel by channel whichever gain is smaller.
 */
export function layerStep(
  pass: Pass,
  moment: Moment,
  { op, recorded }: StepPair<StateSpaceOp>,
): Moment {
  const gains = pass.gains[op.layer];
  const error = moment.error.fresh === undefined ? moment.error : settled(moment.error);
  const { outputs } = pass.original.layers[op.layer];
  const fresh = freshError(pass, moment, op.layer, recorded);
  noteLayer(pass, moment, op.layer, gains, recorded);
  return {
    ...moment,
    width: outputs,
    error: {
      rms: carriedRms(error.rms, gains, moment),
      peak: error.peak && carriedPeak(error.peak, gains, moment),
      fresh,
    },
    reach: layerReach(gains, moment, outputs),
    reducedReach: reducedReach(gains, moment, outputs),
    layer: op.layer,
  };
}

function carriedRms(track: Track, gains: LayerGains, moment: Moment): Track {
  const by = carryingGains(gains, moment.reach.both);
  if (gains.mixes) {
    const most = track.gains === undefined ? 1 : largest(track.gains);
    const slope = by[0] + slopeOf(track, gains, moment);
    return { ...scaled(track, raised(slope * most, 2)), gains: undefined };
  }
  const before = track.gains;
  const all = by.map((g, j) => raised(g * (before?.[j % gains.inputs] ?? 1), 1));
  return { ...scaled(track, raised(Math.sqrt(gains.copies), 1)), gains: all };
}

function carryingGains({ channels }: LayerGains, both: boolean): Float64Array {
  return Float64Array.from(channels, ({ original, reduced }) =>
    both ? Math.min(original, reduced) : reduced,
  );
}

function carriedPeak(track: Track, gains: LayerGains, moment: Moment): Track {
  const weights = track.gains ?? new Float64Array(gains.inputs).fill(1);
  const slope = slopeOf(track, gains, moment) * largest(weights);
  return { ...scaled(track, raised(gains.weightedPeak(weights) + slope, 2)), gains: undefined };
}

/** What quadratic outputs make of a difference, per unit of it. */
function slopeOf(track: Track, { quadratic }: LayerGains, moment: Moment): number {
  if (quadratic === undefined) return 0;
  const { reach, reducedReach: other, length } = moment;
  const root = Math.sqrt(length);
  const energies = { energy: root * reach.row, reducedEnergy: root * other.row };
  return quadraticSlope(quadratic.reduced, energies, track, length);
}

/** What the difference of quadratic outputs can be at a position, for inputs of this root mean square by feature. */
function quadraticError({ quadratic }: LayerGains, rms: number, length: number): number {
  if (quadratic === undefined) return 0;
  return quadraticPeak(quadratic.error, raised(Math.sqrt(length) * rms, 2));
}

/** Gains of the kernel error, by output. */
function errorGains(pass: Pass, { channels }: LayerGains): Float64Array {
  return Float64Array.from(channels, ({ error }) =>
    pass.h2Only ? raised(Math.sqrt(pass.length) * error.h2, 2) : bestCertificate(error).gain,
  );
}

function freshError(
  pass: Pass,
  { reach, length }: Moment,
  layer: number,
  recorded: StepStatistics | undefined,
): FreshError {
  if (pass.blind) return { layer, total: Infinity, peak: Infinity };
  const gains = pass.gains[layer];
  const T = errorGains(pass, gains);
  const [rms, energies, local] = [recorded?.rms, recorded?.energies, recorded?.local];
  if (pass.exactLocal && local !== undefined) {
    return { layer, total: normAbove(local.rms), energies: local.rms, peak: local.peak };
  }
  if (rms !== undefined && energies !== undefined && recorded !== undefined) {
    const peakBySum = raised(gains.peak.error * recorded.peak, 2);
    if (gains.mixes) {
      const { h2 } = gains.channels[0].error;
      const quadratic = quadraticError(gains, normAbove(rms), length);
      const peak = Math.min(raised(h2 * normAbove(energies), 2), peakBySum) + quadratic;
      return { layer, total: raised(T[0] * normAbove(rms) + quadratic, 3), peak };
    }
    const t = T.map((one, j) => raised(one * rms[j % gains.inputs], 1));
    const byEnergy = normAbove(
      gains.channels.map(({ error }, j) => error.h2 * energies[j % gains.inputs]),
    );
    return { layer, total: normAbove(t), energies: t, peak: Math.min(byEnergy, peakBySum) };
  }
  if (gains.mixes) {
    const quadratic = quadraticError(gains, reach.row, length);
    return { layer, total: raised(times(T[0], reach.row) + quadratic, 3), peak: Infinity };
  }
  const row = raised(Math.sqrt(gains.copies) * reach.row, 2);
  const repeated = T.map((_, j) => reach.channels[j % gains.inputs]);
  const total = largestEnergy(T, repeated, row);
  return { layer, total, spread: { gains: T, row }, peak: Infinity };
}

/** ||v_k|| <= min( ||s|| sum_t max_c |k_ct|, ||(||k_c||_1 |s_c|)_c|| ). */
function layerReach(
  gains: LayerGains,
  { reach: { row, channels }, length }: Moment,
  outputs: number,
): Reach {
  const peak = times(gains.peak.original, row);
  const { quadratic } = gains;
  const added = quadratic ? quadraticPeak(quadratic.original, Math.sqrt(length) * row) : 0;
  if (gains.mixes) return rowReach(raised(peak + added, 2), outputs);
  const byChannel = normAbove(
    gains.channels.map(({ absoluteSum }, j) => times(absoluteSum, channels[j % gains.inputs])),
  );
  return rowReach(Math.min(raised(peak, 1), byChannel), outputs);
}

function reducedReach(
  { peak, quadratic }: LayerGains,
  { reducedReach: { row }, length }: Moment,
  outputs: number,
): Reach {
  const added = quadratic ? quadraticPeak(quadratic.reduced, Math.sqrt(length) * row) : 0;
  return rowReach(raised(times(peak.reduced, row) + added, 2), outputs);
}

function noteLayer(
  pass: Pass,
  { reach }: Moment,
  layer: number,
  gains: LayerGains,
  recorded: StepStatistics | undefined,
): void {
  const factors = pass.factors[layer];
  const counts = new Map<string, number>();
  for (const { error } of gains.channels) {
    const { certificate } = bestCertificate(error);
    counts.set(certificate, (counts.get(certificate) ?? 0) + 1);
  }
  factors.inputRow = recorded?.peak ?? reach.row;
  factors.gain = largest(carryingGains(gains, reach.both));
  factors.errorGain = largest(errorGains(pass, gains));
  factors.h2Error = normAbove(gains.channels.map(({ error }) => error.h2));
  factors.certificate = pass.exactLocal && recorded?.local !== undefined ? 'recorded' : 'h2';
  if (pass.h2Only || factors.certificate === 'recorded') return;
  const byCount = (['frequency', 'frobenius', 'absolute-sum'] as const).map((id) => ({
    id,
    count: counts.get(id) ?? 0,
  }));
  factors.certificate = byCount.reduce((a, b) => (b.count > a.count ? b : a)).id;
}
