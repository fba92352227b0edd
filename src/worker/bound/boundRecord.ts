import type { DeepBound } from '../../core/bound/deepBound';
import type { LayerFactors } from '../../core/bound/factors';
import type {
  BoundEvidence,
  BoundFigure,
  BoundRecord,
  ContributionFactors,
  LayerContribution,
} from '../../protocol/bound';
import type { Evidence } from './evidence';

export interface RecordParts {
  readonly length: number;
  readonly inputBound: number | undefined;
  readonly inputFromData: boolean;
  readonly certified: DeepBound;
  readonly paper: DeepBound;
  readonly calibrated?: DeepBound;
  readonly evidence: Evidence | undefined;
  /** What the sample data was. */
  readonly description: string;
}

/** The bounds and what was measured as one record. */
export function recordOf(parts: RecordParts): BoundRecord {
  const { length, inputBound, certified, paper, calibrated, evidence, description } = parts;
  const rankedBy: BoundEvidence = evidence === undefined ? 'certified' : 'measured';
  const measured = evidence?.attribution;
  const outside = measured?.telescoping[certified.layers.length] ?? 0;
  const sum = (values: Float64Array | undefined): number =>
    values?.reduce((total, value) => total + value, 0) ?? 0;
  const weights =
    measured?.telescoping.subarray(0, certified.layers.length) ??
    Float64Array.from(certified.layers, ({ contribution }) => contribution);
  return {
    length,
    ...(inputBound === undefined ? {} : { inputBound }),
    perPosition: certified.perPosition,
    certified: figure(certified),
    paper: figure(paper),
    ...(calibrated && evidence
      ? {
          calibrated: {
            ...figure(calibrated),
            data: description,
            sequences: evidence.statistics.sequences,
            widened: evidence.widened,
            heldOut: evidence.heldOut,
            meeting: evidence.meeting,
          },
        }
      : {}),
    ...(evidence && measured
      ? {
          measured: {
            sequences: measured.sequences,
            error: measured.error,
            output: measured.output,
            largest: evidence.largest,
            telescoping: sum(measured.telescoping),
            firstOrder: measured.predicted,
            outside,
          },
        }
      : {}),
    layers: certified.layers.map((layer, l): LayerContribution => ({
      name: layer.name,
      share: shareOf(weights, l),
      certified: factorsOf(layer),
      ...(calibrated && { calibrated: factorsOf(calibrated.layers[l]) }),
      ...(measured && {
        measured: {
          telescoping: measured.telescoping[l],
          alone: measured.alone[l],
          firstOrder: measured.firstOrder[l],
        },
      }),
    })),
    outside: {
      certified: finite(certified.outside),
      ...(calibrated && { calibrated: finite(calibrated.outside) }),
    },
    rankedBy,
    remarks: remarksOn(parts),
  };
}

/** Of the sum; where one has no bound, all of it is its own. */
function shareOf(weights: Float64Array, l: number): number {
  const unbounded = weights.filter((x) => x === Infinity).length;
  if (unbounded > 0) return weights[l] === Infinity ? 1 / unbounded : 0;
  const sum = weights.reduce((total, x) => total + x, 0);
  return sum > 0 ? weights[l] / sum : 0;
}

function figure({ bound, trivial, vacuous }: DeepBound): BoundFigure {
  return { bound: finite(bound), trivial: finite(trivial), vacuous };
}

function factorsOf(factors: LayerFactors): ContributionFactors {
  const { norm, gain, errorGain, certificate, h2Error, activation } = factors;
  return {
    ...{ gain, errorGain, certificate, h2Error, activation },
    ...(norm && { norm }),
    contribution: finite(factors.contribution),
    local: finite(factors.local),
    downstream: finite(factors.downstream),
    inputRow: finite(factors.inputRow),
    mixing: finite(factors.mixing),
    blockGain: finite(factors.blockGain),
  };
}

function finite(x: number): number | null {
  return Number.isFinite(x) ? x : null;
}

function remarksOn({
  certified,
  calibrated,
  evidence,
  inputFromData,
  inputBound,
}: RecordParts): string[] {
  const remarks: string[] = [];
  if (certified.bound === Infinity) {
    const layer = certified.layers.find(({ inputRow }) => inputRow === Infinity);
    remarks.push(
      `There is no certified bound: ${layer === undefined ? 'a factor' : `the input of layer ${layer.name}`} ` +
        'grows with the input of the network, of which no bound is given. Say one: --input-bound.',
    );
  } else if (certified.vacuous) {
    remarks.push(
      'The certified bound is vacuous for this network: it says no more than what holds whatever the layers do.',
    );
  }
  if (inputFromData && inputBound !== undefined) {
    remarks.push(
      `The certified bound is for inputs whose rows have norms up to ${inputBound.toPrecision(3)}, the largest in the data.`,
    );
  }
  if (calibrated?.vacuous === true) {
    remarks.push(
      'The calibrated bound is vacuous for this network: it says no more than twice the largest recorded output, or than what holds whatever the layers do.',
    );
  }
  if (evidence !== undefined && evidence.heldOut > 0) {
    remarks.push(
      `The calibrated bound holds for inputs on which both networks stay within the recorded maxima times ` +
        `${evidence.widened}: ${evidence.meeting} of ${evidence.heldOut} held-out sequences satisfy the recorded conditions.`,
    );
  }
  return remarks;
}
