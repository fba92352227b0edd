import type { PaperHorizon } from '../core/solve/horizons';
import type { SolverId, SolverTrace, TraceQuantity } from '../core/solve/solver';
import type { CheckpointFormat } from '../formats/checkpoint';
import { isAllocationRecord, type AllocationRecord, type AllocationWeights } from './allocation';
import { isEngineRecord, type EngineRecord } from './engines';
import { isBoundRecord, type BoundRecord } from './bound';
import type { FamilyId, Tying } from '../families/family';
import type { HyperSource } from '../families/hyperParameters';
import type {
  CalibrationParams,
  CalibrationRecord,
  CurvePoint,
  LayersTried,
  RecordedRecord,
} from './calibration';
import type { Evaluation, MeasuredFigure, Measure } from './evaluation';

/** Marks a file as one of ours; the version grows when a reader of the older one could misunderstand the newer. */
export const reportKind = 'ssm-compress-report';
export const reportVersion = 1;
/** Appended to the checkpoint's name to name its report. */
export const reportSuffix = '.ssmreport.json';

/** A checkpoint as it was when the run touched it. */
export interface FileRecord {
  /** Relative to the folder of the report, with `/`, so that files and report can be moved and committed together. */
  readonly path: string;
  readonly format: CheckpointFormat;
  readonly bytes: number;
  readonly sha256: string;
}

/** Where a figure that the person may give came from. */
export type Provenance = 'given' | 'recorded' | 'default';

/** What was asked for, with everything that decides the result. */
export interface RequestRecord {
  readonly order: number;
  /** The share of the parameters to remove, when that was the question rather than an order. */
  readonly remove?: number;
  /** The tolerance to keep on held-out data, when that was the question. */
  readonly accuracyLoss?: number;
  readonly outputError?: number;
  /** Or the certified relative h² error that no layer may exceed. */
  readonly layerError?: number;
  /** Orders of single layers were looked for, which keep it with less. */
  readonly perLayer?: boolean;
  /** Orders of single layers, by name, in the place of `order`. */
  readonly layerOrders?: Readonly<Record<string, number>>;
  /** What `layerOrders` were shared out by. */
  readonly allocate?: AllocationWeights;
  /** Every layer is stored at its own order, in the place of all padded to the largest. */
  readonly exactSizes?: boolean;
  /** The sample data and how it was used; its paths like those of a `FileRecord`. */
  readonly calibration?: CalibrationParams;
  /** The file of recorded inputs of the layers, likewise. */
  readonly recorded?: string;
  /** Names that were given to the arrays of a file without. */
  readonly fields?: readonly string[];
  /** What the person had said of hyper-parameters, then or earlier: `name` or `layer:name`. */
  readonly answers?: Readonly<Record<string, string>>;
  /** Steps; null stands for an infinite horizon (JSON has no Infinity). */
  readonly horizon: number | null;
  readonly horizonFrom: Provenance;
  readonly solver: SolverId;
  /** The weights keep the static gain of every kernel. */
  readonly keepStaticGain?: boolean;
  /** The horizon of the continuous objective, where the solver has one; L is `horizon`. */
  readonly tau?: PaperHorizon;
}

/**
 * One system of a layer: a kernel, or the whole layer where that is one system with several inputs and outputs (`tying`
 * `mimo`, `lqo`). Kernels that share poles list them as they run with them. Complex numbers are [re, im]; log-poles per step. */
export interface ChannelRecord {
  /** h² norm of the original impulse response over the horizon, rounded down: error / norm bounds the relative error. */
  readonly norm: number;
  /** h² norm of the difference, an upper bound including rounding, for the parameters as stored. */
  readonly error: number;
  readonly polesBefore: readonly (readonly [number, number])[];
  readonly polesAfter: readonly (readonly [number, number])[];
  readonly hankelSingularValues: readonly number[];
  /**
   * `objective` is the squared discrete h² error where `quantity` does not say otherwise. Kernels that share poles were
   * not searched for one by one: their trace has the one value reached, that of their group the search.
   */
  readonly trace: SolverTrace;
}

/** Kernels of a layer that share poles, and the joint search for them; its objective is the sum of their squares. */
export interface GroupRecord {
  readonly kernels: readonly number[];
  readonly trace: SolverTrace;
}

/** An error that a layer commits: `certified` is an upper bound, anything else says `estimated`. */
export interface ErrorRecord {
  readonly absolute: number;
  readonly relative: number;
  readonly kind: 'certified' | 'estimated';
}

export interface LayerRecord {
  readonly name: string;
  readonly family: FamilyId;
  readonly tying: Tying;
  readonly channels: number;
  readonly orderBefore: number;
  readonly orderAfter: number;
  /** The order of its tensors where they are padded beyond `orderAfter` with slots of weight zero. */
  readonly orderStored?: number;
  readonly slotsBefore: number;
  readonly slotsAfter: number;
  readonly parametersBefore: number;
  readonly parametersAfter: number;
  /** h² norm of the layer: root of the sum of squares over its channels; rounded down too. */
  readonly norm: number;
  /** h² error of the layer, the root of the sum of squares over its channels. */
  readonly error: ErrorRecord;
  /** Where kernels share poles. Missing in reports of version 0.1.0, as is the next. */
  readonly groups?: readonly GroupRecord[];
  /** Of layers with quadratic outputs: bounds for the two kernels apart; `error` is their root sum square. */
  readonly kernelErrors?: { readonly linear: number; readonly quadratic: number };
  readonly systems: readonly ChannelRecord[];
}

/** The value of something that the tensors do not tell, and where it came from. */
export interface HyperRecord {
  readonly layer: string;
  readonly name: string;
  readonly title: string;
  readonly value: string;
  /** The value in words. */
  readonly label: string;
  readonly from: HyperSource;
  readonly where?: string;
}

/** A layer whose channels got poles of their own. */
export interface UntiedRecord {
  readonly layer: string;
  /** The setting of the original code that has to change, and what to. */
  readonly setting: string;
  readonly value: number;
  /** What the layer's error would be at the same order if its poles had stayed shared. */
  readonly errorIfTied: ErrorRecord;
}

export interface Report {
  readonly kind: typeof reportKind;
  readonly version: typeof reportVersion;
  readonly tool: { readonly name: string; readonly version: string };
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly source: FileRecord;
  readonly result: FileRecord;
  readonly request: RequestRecord;
  readonly model: { readonly parametersBefore: number; readonly parametersAfter: number };
  readonly layers: readonly LayerRecord[];
  /** Of each layer, also of those that stayed as they are. Missing in reports of version 0.1.0, as is the next. */
  readonly hyperParameters?: readonly HyperRecord[];
  readonly untied?: readonly UntiedRecord[];
  /** Where the compression was calibrated with sample data. */
  readonly calibration?: CalibrationRecord;
  /** What the compression can do to the output, where the network around the layers is known. */
  readonly bound?: BoundRecord;
  /** Why there is no such bound, in words. */
  readonly noBound?: string;
  /** How the orders of the layers were found, where they were shared out. */
  readonly allocation?: AllocationRecord;
  /** Where it was weighed by recorded inputs of the layers. */
  readonly recorded?: RecordedRecord;
  /** Hyper-parameters changed in the file, as a person would reach them in Python. */
  readonly settingsChanged: readonly {
    readonly path: readonly string[];
    readonly before: number;
    readonly after: number;
  }[];
  /** Optimizer states emptied because their shapes no longer fit. */
  readonly droppedOptimizerStates: readonly string[];
  readonly warnings: readonly string[];
  readonly timings: {
    readonly readSeconds: number;
    readonly reduceSeconds: number;
    readonly writeSeconds: number;
    readonly totalSeconds: number;
  };
  readonly device: DeviceRecord;
}

/** What ran where: float64 on the threads of the processor, everything where no other engine is named. */
export interface DeviceRecord {
  readonly engine: 'cpu';
  readonly threads: number;
  /** Of the processor. */
  readonly name: string;
  /** What the hot loops ran in; not there in reports of earlier versions. */
  readonly kernels?: KernelsId;
  /** Whether an engine searched beside it, and why; not there in reports of earlier versions. */
  readonly search?: EngineRecord;
}

/** WebAssembly with vectors, or TypeScript where that cannot be loaded. */
export type KernelsId = 'wasm-simd' | 'typescript';

/** Whether a value parsed from JSON is a report of this version; deep enough that every field shown can be trusted. */
export function isReport(value: unknown): value is Report {
  if (!isRecord(value) || value.kind !== reportKind || value.version !== reportVersion) {
    return false;
  }
  return (
    isFileRecord(value.source) &&
    isFileRecord(value.result) &&
    isRequestRecord(value.request) &&
    isRecord(value.model) &&
    isRecord(value.timings) &&
    isRecord(value.device) &&
    (value.device.search === undefined || isEngineRecord(value.device.search)) &&
    isArrayOf(value.layers, isLayerRecord) &&
    isArrayOf(value.settingsChanged, isRecord) &&
    isArrayOf(value.droppedOptimizerStates, isString) &&
    isArrayOf(value.warnings, isString) &&
    (value.hyperParameters === undefined || isArrayOf(value.hyperParameters, isHyperRecord)) &&
    (value.untied === undefined || isArrayOf(value.untied, isUntiedRecord)) &&
    (value.calibration === undefined || isCalibrationRecord(value.calibration)) &&
    isOutputPart(value) &&
    (value.recorded === undefined || isRecordedRecord(value.recorded))
  );
}

/** What is said of the network's output. */
function isOutputPart(value: Record<string, unknown>): boolean {
  return (
    (value.bound === undefined || isBoundRecord(value.bound)) &&
    (value.allocation === undefined || isAllocationRecord(value.allocation)) &&
    (value.noBound === undefined || isString(value.noBound))
  );
}

function isHyperRecord(value: unknown): value is HyperRecord {
  return (
    isRecord(value) &&
    ['layer', 'name', 'title', 'value', 'label', 'from'].every((key) => isString(value[key])) &&
    (value.where === undefined || isString(value.where))
  );
}

function isUntiedRecord(value: unknown): value is UntiedRecord {
  return (
    isRecord(value) &&
    isString(value.layer) &&
    isString(value.setting) &&
    isNumber(value.value) &&
    isRecord(value.errorIfTied) &&
    isNumber(value.errorIfTied.relative)
  );
}

function isCalibrationRecord(value: unknown): value is CalibrationRecord {
  return (
    isRecord(value) &&
    isString(value.data) &&
    isNumber(value.sequences) &&
    (value.drawn === undefined || isDrawn(value.drawn)) &&
    isArrayOf(value.parts, isString) &&
    (value.refined === undefined || isRefined(value.refined)) &&
    isArrayOf(value.changedTensors, isString) &&
    isArrayOf(value.layers, isNamed) &&
    isEvaluation(value.evaluation) &&
    (value.tried === undefined || isArrayOf(value.tried, isCurvePoint)) &&
    (value.layersTried === undefined || isLayersTried(value.layersTried))
  );
}

function isLayersTried(value: unknown): boolean {
  return (
    isRecord(value) &&
    isNumber(value.uniform) &&
    isString(value.taken) &&
    isArrayOf(value.alone, isNamed) &&
    isArrayOf(value.tried, isLayersTrial)
  );
}

function isLayersTrial(value: unknown): value is LayersTried['tried'][number] {
  return (
    isRecord(value) &&
    isArrayOf(value.orders, isNumber) &&
    isNumber(value.parameters) &&
    typeof value.kept === 'boolean' &&
    isEvaluation(value.evaluation)
  );
}

function isRefined(value: unknown): boolean {
  return isRecord(value) && isNumber(value.before) && isNumber(value.after);
}

function isDrawn(value: unknown): boolean {
  return isRecord(value) && isNumber(value.from) && isString(value.sha256);
}

function isRecordedRecord(value: unknown): value is RecordedRecord {
  return isRecord(value) && isNumber(value.sequences) && isArrayOf(value.layers, isRecordedLayer);
}

function isRecordedLayer(value: unknown): value is RecordedRecord['layers'][number] {
  return (
    isRecord(value) &&
    isString(value.name) &&
    isNumber(value.fittedError) &&
    isNumber(value.heldOutError)
  );
}

function isNamed(value: unknown): value is { readonly name: string } {
  return isRecord(value) && isString(value.name);
}

export function isCurvePoint(value: unknown): value is CurvePoint {
  return (
    isRecord(value) &&
    isNumber(value.order) &&
    isNumber(value.parameters) &&
    isEvaluation(value.evaluation)
  );
}

export function isEvaluation(value: unknown): value is Evaluation {
  return (
    isRecord(value) &&
    isString(value.data) &&
    isNumber(value.sequences) &&
    isArrayOf(value.measures, isMeasure) &&
    [value.agreement, value.outputError].every((one) => one === undefined || isFigure(one))
  );
}

function isMeasure(value: unknown): value is Measure {
  return (
    isRecord(value) &&
    isString(value.id) &&
    isFigure(value.model) &&
    [value.original, value.difference].every((one) => one === undefined || isFigure(one))
  );
}

function isFigure(value: unknown): value is MeasuredFigure {
  return (
    isRecord(value) &&
    [value.value, value.low, value.high].every((one) => one === null || isNumber(one))
  );
}

function isLayerRecord(value: unknown): value is LayerRecord {
  return (
    isRecord(value) &&
    isString(value.name) &&
    isString(value.family) &&
    ['channels', 'orderBefore', 'orderAfter', 'slotsBefore', 'slotsAfter', 'norm'].every((key) =>
      isNumber(value[key]),
    ) &&
    isRecord(value.error) &&
    isNumber(value.error.absolute) &&
    isNumber(value.error.relative) &&
    isArrayOf(value.systems, isChannelRecord) &&
    (value.groups === undefined || isArrayOf(value.groups, isGroupRecord))
  );
}

function isGroupRecord(value: unknown): value is GroupRecord {
  return isRecord(value) && isArrayOf(value.kernels, isNumber) && isTraceRecord(value.trace);
}

function isChannelRecord(value: unknown): value is ChannelRecord {
  return (
    isRecord(value) && isNumber(value.norm) && isNumber(value.error) && isTraceRecord(value.trace)
  );
}

function isTraceRecord(value: unknown): value is ChannelRecord['trace'] {
  return (
    isRecord(value) && isArrayOf(value.objective, isNumber) && isOneOf(quantities, value.quantity)
  );
}

function isRequestRecord(value: unknown): value is RequestRecord {
  return isRecord(value) && isOneOf(taus, value.tau);
}

const taus: Readonly<Record<PaperHorizon, true>> = {
  'L Delta': true,
  L: true,
  '10 L': true,
  infinite: true,
};

const quantities: Readonly<Record<TraceQuantity, true>> = {
  'discrete-h2': true,
  'continuous-H2': true,
};

/** Left out, or one of the names. */
function isOneOf(names: object, value: unknown): boolean {
  return value === undefined || (isString(value) && Object.hasOwn(names, value));
}

function isFileRecord(value: unknown): value is FileRecord {
  return isRecord(value) && isString(value.path) && isNumber(value.bytes);
}

function isArrayOf<T>(value: unknown, is: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.every(is);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
