import type { GluOp, LinearOp } from '../network/network';
import { scaled, settled, totalOf, withPart, type FreshError, type Track } from './errorState';
import { largestValue, lipschitz, slopesOf } from './lipschitz';
import {
  bareGate,
  energyBound,
  halves,
  mappingOf,
  scaledNorm,
  throughMapping,
  type GateReach,
  type Mapping,
} from './mapping';
import type { RealMatrix } from './operatorNorm';
import type { Moment, Pass } from './pass';
import { rowReach, type Reach } from './reach';
import { largest, normAbove, raised, times } from './rounding';
import type { StepStatistics } from './statistics';

/** A linear map, in both networks, with the gate that follows it and what is recorded of both. */
export interface MappingPair {
  readonly op: LinearOp | undefined;
  readonly reduced: LinearOp | undefined;
  readonly gate: GluOp | undefined;
  readonly recordedGate: StepStatistics | undefined;
}

/** A linear map, with or without a gate behind it. */
export function mappingStep(pass: Pass, moment: Moment, pair: MappingPair): Moment {
  const { op, reduced, gate, recordedGate } = pair;
  const [before, after] = [op, reduced].map((one) => mappingFor(one, gate, moment.width));
  const change = changeOf(before, after);
  const gateReach = gate && gateReachOf(moment, before, after, gate, recordedGate);
  const ones = throughMapping(after, gateReach, (W) => scaledNorm(W, undefined));
  const { rms, peak, fresh } = moment.error;
  const carry = (track: Track): Track => {
    if (track.gains === undefined) return scaled(track, ones);
    const { gains } = track;
    const norm = throughMapping(after, gateReach, (W) => scaledNorm(W, gains));
    return { ...scaled(track, norm), gains: undefined };
  };
  let [a, b] = [carry(rms), peak && carry(peak)];
  if (fresh !== undefined) {
    a = withPart(a, fresh.layer, freshThrough(fresh, after, gateReach, ones));
    b = b && withPart(b, fresh.layer, raised(times(ones, fresh.peak), 1));
  }
  if (change !== undefined) {
    const { weight, bias } = change;
    const added = raised(
      times(scaledNorm(weight, undefined), moment.reach.row) + normAbove(bias),
      4,
    );
    const passed = gateReach === undefined ? 1 : gateSlope(gate, gateReach);
    a = withPart(a, pass.factors.length, raised(times(added, passed), 2));
    b = b && withPart(b, pass.factors.length, raised(times(added, passed), 2));
  }
  const factors = pass.factors.at(Math.max(moment.layer, 0));
  if (factors !== undefined && fresh !== undefined) {
    factors.mixing = ones;
    factors.local = a.parts[fresh.layer];
  }
  return {
    ...moment,
    width: gate === undefined ? after.weight.rows : after.weight.rows / 2,
    error: { rms: a, peak: b, fresh: undefined },
    reach: { ...mappedReach(before, moment.reach), ...(change && { both: false }) },
    reducedReach: mappedReach(after, moment.reducedReach),
  };
}

function mappingFor(op: LinearOp | undefined, gate: GluOp | undefined, width: number): Mapping {
  if (op !== undefined) return mappingOf(op, gate);
  if (gate === undefined) throw new RangeError('neither a map nor a gate');
  return bareGate(width, gate);
}

/** The difference of two maps, if there is one. */
function changeOf(
  a: Mapping,
  b: Mapping,
): { readonly weight: RealMatrix; readonly bias: Float64Array } | undefined {
  const weight = a.weight.values.map((x, i) => x - b.weight.values[i]);
  const zeros = new Float64Array(a.weight.rows);
  const bias = (a.bias ?? zeros).map((x, i) => x - (b.bias ?? zeros)[i]);
  if (largest(weight) === 0 && largest(bias) === 0) return undefined;
  return { weight: { ...a.weight, values: weight }, bias };
}

function freshThrough(
  { total, spread, energies }: FreshError,
  mapping: Mapping,
  gate: GateReach | undefined,
  ones: number,
): number {
  if (energies !== undefined) return throughMapping(mapping, gate, (W) => energyBound(W, energies));
  const plain = raised(times(ones, total), 1);
  if (spread === undefined) return plain;
  const norm = throughMapping(mapping, gate, (W) => scaledNorm(W, spread.gains));
  return Math.min(plain, raised(times(norm, spread.row), 1));
}

/**
 * Bounds of both halves at the gate: the kept one of the original network, the activated one of the compressed. Where the
 * activation has no bound of its own, the compressed network's is at most what can reach it, and at most the original's
 * and what the two may be apart.
 */
function gateReachOf(
  moment: Moment,
  mapping: Mapping,
  reduced: Mapping,
  { activation }: GluOp,
  recorded: StepStatistics | undefined,
): GateReach {
  const { others } = recorded ?? {};
  if (others?.kept !== undefined && others.activated !== undefined) {
    // of every signal that the error passes between, so nothing more is to be said of the compressed network
    const slopes = slopesOf(activation, others);
    const steepest = lipschitz[activation];
    const reached = others.kept.map((a, i) =>
      raised((a * (slopes?.[i] ?? steepest)) / steepest, 4),
    );
    return { kept: reached, activated: others.activated };
  }
  const { kept, keptBias } = halves(mapping);
  const A = recorded?.kept ?? rowBounds(kept, keptBias, moment.reach.row);
  if (activation === 'sigmoid' || activation === 'tanh') {
    return { kept: A, activated: new Float64Array(kept.rows).fill(1) };
  }
  const { activated, activatedBias } = halves(reduced);
  const reaches = rowBounds(activated, activatedBias, moment.reducedReach.row);
  const B = reaches.map((r) => largestValue(activation, r));
  const known = recorded?.activated;
  if (known === undefined) return { kept: A, activated: B };
  const { rms, peak } = settled(moment.error);
  const apart = Math.min(Math.sqrt(moment.length) * totalOf(rms), peak ? totalOf(peak) : Infinity);
  const moved = rowBounds(activated, new Float64Array(B.length), apart);
  const change = changeOf(mapping, reduced);
  const by = change && halves({ ...mapping, weight: change.weight, bias: change.bias });
  const refitted = by && rowBounds(by.activated, by.activatedBias, moment.reach.row);
  return {
    kept: A,
    activated: B.map((b, i) => {
      const difference = moved[i] + (refitted?.[i] ?? 0);
      return Math.min(b, raised(known[i] + times(lipschitz[activation], difference), 4));
    }),
  };
}

/** ||W_i|| row + |b_i|. */
function rowBounds(W: RealMatrix, bias: Float64Array, row: number): Float64Array {
  return bias.map((b, i) =>
    raised(times(normAbove(W.values.subarray(i * W.cols, (i + 1) * W.cols)), row) + Math.abs(b), 2),
  );
}

/** What a gate makes of an increment of both halves together. */
function gateSlope(gate: GluOp | undefined, { kept, activated }: GateReach): number {
  const slope = gate === undefined ? 0 : lipschitz[gate.activation];
  return raised(Math.hypot(largest(activated), slope * largest(kept)), 4);
}

function mappedReach(mapping: Mapping, { row, both }: Reach): Reach {
  const { weight, bias, gate } = mapping;
  const all = (W: RealMatrix, b: Iterable<number>): number =>
    raised(times(scaledNorm(W, undefined), row) + normAbove(b), 2);
  if (gate === undefined) return rowReach(all(weight, bias ?? []), weight.rows, both);
  const { kept, activated, keptBias, activatedBias } = halves(mapping);
  const most = largestValue(gate.activation, largest(rowBounds(activated, activatedBias, row)));
  const bounded = gate.activation === 'tanh' ? Math.min(1, most) : most;
  return rowReach(raised(times(all(kept, keptBias), bounded), 1), kept.rows, both);
}
