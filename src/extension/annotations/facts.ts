import * as path from 'node:path';
import type { SolverId } from '../../core/solve/solver';
import type { FamilyId, Tying } from '../../families/family';
import type { BoundEvidence, BoundRecord, LayerContribution } from '../../protocol/bound';
import type { MeasureId } from '../../protocol/evaluation';
import { reportSuffix } from '../../protocol/report';
import type { ErrorRecord, LayerRecord, Report } from '../../protocol/report';

/** What annotations say of one layer. */
export interface LayerFacts {
  readonly name: string;
  readonly family: FamilyId;
  readonly tying: Tying;
  readonly channels: number;
  readonly orderBefore: number;
  readonly orderAfter: number;
  readonly slotsBefore: number;
  readonly slotsAfter: number;
  readonly parametersBefore: number;
  readonly parametersAfter: number;
  /** Relative h² error over the horizon; an upper bound where `kind` is `certified`. */
  readonly relativeError: number;
  readonly kind: ErrorRecord['kind'];
  /** Its part of the sum of the squared h² errors over all layers, 0 … 1; undefined where that sum is zero. */
  readonly share?: number;
  /** Largest |λ| per step over the channels, before and after; undefined where the report lists no poles. */
  readonly slowestBefore?: number;
  readonly slowestAfter?: number;
  /** Relative error of its output on sequences that were not calibrated with. */
  readonly heldOutError?: number;
  readonly contribution?: ContributionFacts;
}

/** What a layer adds to the error of the network's output. */
export interface ContributionFacts {
  readonly evidence: BoundEvidence;
  /** A bound but where it was measured; null where there is none. */
  readonly value: number | null;
  /** Of the sum over the layers, 0 … 1. */
  readonly share: number;
}

/** What is known of the error of the network's output. */
export interface OutputFacts {
  /** Null where no bound says more than what holds without looking at the layers. */
  readonly certified: number | null;
  readonly calibrated: number | null;
  /** Root mean square over sequences, and the largest of one. */
  readonly measured?: number;
  readonly largest?: number;
}

/** A figure of the whole model on sample data, of the original and of the result. */
export interface MeasureFacts {
  readonly id: MeasureId;
  readonly before: number;
  readonly after: number;
  readonly sequences: number;
}

/** What annotations say of a compressed checkpoint: its report without the hundreds of channels of each layer. */
export interface CheckpointFacts {
  /** Absolute paths. */
  readonly report: string;
  readonly result: string;
  readonly source: string;
  /** Of the result as it was written. */
  readonly bytes: number;
  readonly sha256: string;
  readonly sourceBytes: number;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly solver: SolverId;
  /** Steps; null for infinite. */
  readonly horizon: number | null;
  readonly parametersBefore: number;
  readonly parametersAfter: number;
  readonly measure?: MeasureFacts;
  readonly output?: OutputFacts;
  readonly layers: readonly LayerFacts[];
}

/**
 * The facts in a report. The result is the file beside the report that its name says, also after both were moved.
 * @param reportPath absolute, ends with `reportSuffix`
 */
export function factsOf(report: Report, reportPath: string): CheckpointFacts {
  const measure = measureOf(report);
  const total = report.layers.reduce((sum, { error }) => sum + error.absolute ** 2, 0);
  return {
    report: reportPath,
    result: reportPath.slice(0, -reportSuffix.length),
    source: path.resolve(path.dirname(reportPath), report.source.path),
    bytes: report.result.bytes,
    sha256: report.result.sha256,
    sourceBytes: report.source.bytes,
    createdAt: report.createdAt,
    solver: report.request.solver,
    horizon: report.request.horizon,
    parametersBefore: report.model.parametersBefore,
    parametersAfter: report.model.parametersAfter,
    ...(measure === undefined ? {} : { measure }),
    ...(report.bound === undefined ? {} : { output: outputFacts(report.bound) }),
    layers: report.layers.map((layer) => ({
      ...layerFacts(layer, total, heldOutError(report, layer)),
      ...contributionOf(report.bound, layer),
    })),
  };
}

function layerFacts(layer: LayerRecord, total: number, heldOut: number | undefined): LayerFacts {
  const { systems, error } = layer;
  const slowestBefore = slowest(systems.map(({ polesBefore }) => polesBefore));
  const slowestAfter = slowest(systems.map(({ polesAfter }) => polesAfter));
  return {
    name: layer.name,
    family: layer.family,
    tying: layer.tying,
    channels: layer.channels,
    orderBefore: layer.orderBefore,
    orderAfter: layer.orderAfter,
    slotsBefore: layer.slotsBefore,
    slotsAfter: layer.slotsAfter,
    parametersBefore: layer.parametersBefore,
    parametersAfter: layer.parametersAfter,
    relativeError: error.relative,
    kind: error.kind === 'certified' ? 'certified' : 'estimated',
    ...(total > 0 ? { share: error.absolute ** 2 / total } : {}),
    ...(slowestBefore === undefined ? {} : { slowestBefore }),
    ...(slowestAfter === undefined ? {} : { slowestAfter }),
    ...(heldOut === undefined ? {} : { heldOutError: heldOut }),
  };
}

/** Largest |exp(log-pole)| of lists of [re, im]. The guard of reports does not look into them, so nothing is believed. */
function slowest(poles: readonly unknown[]): number | undefined {
  let largest = -Infinity;
  for (const list of poles) {
    if (!Array.isArray(list)) continue;
    for (const pole of list as unknown[]) {
      const real: unknown = Array.isArray(pole) ? pole[0] : undefined;
      if (typeof real === 'number' && real > largest) largest = real;
    }
  }
  return largest === -Infinity ? undefined : Math.exp(largest);
}

function heldOutError({ calibration }: Report, { name }: LayerRecord): number | undefined {
  const error: unknown = calibration?.layers.find((layer) => layer.name === name)?.heldOutError;
  return typeof error === 'number' ? error : undefined;
}

function outputFacts({ certified, calibrated, measured }: BoundRecord): OutputFacts {
  const largest: unknown = measured?.largest;
  return {
    certified: certified.vacuous ? null : certified.bound,
    calibrated: calibrated === undefined || calibrated.vacuous ? null : calibrated.bound,
    ...(measured === undefined ? {} : { measured: measured.error }),
    ...(typeof largest === 'number' ? { largest } : {}),
  };
}

function contributionOf(
  bound: BoundRecord | undefined,
  { name }: LayerRecord,
): { readonly contribution?: ContributionFacts } {
  const layer = bound?.layers.find((one) => one.name === name);
  if (bound === undefined || layer === undefined) return {};
  const { rankedBy: evidence } = bound;
  return { contribution: { evidence, value: valueBy(evidence, layer), share: layer.share } };
}

function valueBy(evidence: BoundEvidence, layer: LayerContribution): number | null {
  if (evidence === 'measured') return layer.measured?.telescoping ?? null;
  return layer[evidence]?.contribution ?? null;
}

/** The first measure that was taken of both models. */
function measureOf({ calibration }: Report): MeasureFacts | undefined {
  if (calibration === undefined) return undefined;
  const { measures, sequences } = calibration.evaluation;
  for (const { id, original, model } of measures) {
    const before = original?.value;
    const after = model.value;
    if (typeof before === 'number' && after !== null) return { id, before, after, sequences };
  }
  return undefined;
}
