import { isEngineRequest, searchEngineIds } from '../protocol/engines';
import { paperHorizons } from '../core/solve/horizons';
import { solverIds } from '../core/solve/solver';
import { allocationWeights } from '../protocol/allocation';
import type { BoundParams } from '../protocol/bound';
import { calibrationParts, type CalibrationParams } from '../protocol/calibration';
import type { EvaluateParams } from '../protocol/evaluation';
import type { LayerFiguresParams, StatisticsParams } from '../protocol/inspection';
import type { LayerChartsParams } from '../protocol/layerCharts';
import type {
  CompressionTarget,
  CompressParams,
  CurveParams,
  HyperAnswers,
  WorkerMethods,
} from '../protocol/worker';

/** Checks on what the other process asks. */

export function isHello(value: unknown): value is WorkerMethods['hello']['params'] {
  return isRecord(value) && typeof value.protocolVersion === 'number';
}

export function isFileParams(
  value: unknown,
): value is { readonly file: string; readonly fields?: readonly string[] } {
  return isRecord(value) && typeof value.file === 'string' && isOptional(value.fields, isTexts);
}

export function isRecordingParams(
  value: unknown,
): value is WorkerMethods['describeRecording']['params'] {
  return (
    isRecord(value) &&
    typeof value.file === 'string' &&
    typeof value.recorded === 'string' &&
    isOptional(value.fields, isTexts)
  );
}

export function isInspectParams(value: unknown): value is WorkerMethods['inspect']['params'] {
  return (
    isRecord(value) &&
    typeof value.file === 'string' &&
    isAnswers(value.answers) &&
    isOptional(value.fields, isTexts)
  );
}

export function isStatisticsParams(value: unknown): value is StatisticsParams {
  return (
    isRecord(value) &&
    typeof value.file === 'string' &&
    isTexts(value.tensors) &&
    isOptional(value.fields, isTexts)
  );
}

export function isLayerFiguresParams(value: unknown): value is LayerFiguresParams {
  return isInspectParams(value) && isTexts(Reflect.get(value, 'layers'));
}

export function isLayerChartsParams(value: unknown): value is LayerChartsParams {
  if (!isInspectParams(value)) return false;
  const { layer, channel, report, engine } = value as Partial<
    Record<keyof LayerChartsParams, unknown>
  >;
  return (
    typeof layer === 'string' &&
    isOptional(channel, (one) => Number.isInteger(one) && Number(one) >= 0) &&
    isOptional(report, (path) => typeof path === 'string') &&
    isOptional(engine, isEngineRequest)
  );
}

export function isCompressParams(value: unknown): value is CompressParams {
  return (
    isRecord(value) &&
    typeof value.file === 'string' &&
    typeof value.output === 'string' &&
    isTarget(value.target) &&
    isHorizon(value.horizon) &&
    solverIds.some((id) => id === value.solver) &&
    (value.tau === undefined || paperHorizons.some((name) => name === value.tau)) &&
    isAnswers(value.answers) &&
    isOptional(value.fields, isTexts) &&
    isOptional(value.layerOrders, (orders) => isRecordOf(orders, 'number')) &&
    isOptional(value.allocate, isWeights) &&
    isOptional(value.engine, isEngineRequest) &&
    isOptional(value.exactSizes, isSwitch) &&
    isOptional(value.perLayer, isSwitch) &&
    isOptional(value.keepStaticGain, isSwitch) &&
    isOptional(value.untie, isSwitch) &&
    isOptional(value.calibration, isCalibration) &&
    isOptional(value.recorded, (recorded) => typeof recorded === 'string') &&
    isSwitch(value.overwrite)
  );
}

export function isInstallParams(value: unknown): value is WorkerMethods['installEngine']['params'] {
  return (
    isRecord(value) &&
    searchEngineIds.some((id) => id === value.engine) &&
    typeof value.folder === 'string'
  );
}

export function isCurveParams(value: unknown): value is CurveParams {
  return (
    isRecord(value) &&
    typeof value.file === 'string' &&
    isOptional(value.calibration, isCalibration) &&
    isAnswers(value.answers) &&
    isOptional(value.fields, isTexts) &&
    isHorizon(value.horizon) &&
    isOptional(value.untie, isSwitch) &&
    isOptional(value.allocate, isWeights) &&
    isOptional(value.engine, isEngineRequest) &&
    isOptional(value.orders, isNumbers)
  );
}

function isCalibration(value: unknown): value is CalibrationParams {
  const isSettings = (texts: unknown): boolean => isRecordOf(texts, 'string');
  return (
    isRecord(value) &&
    typeof value.data === 'string' &&
    isOptional(value.test, (test) => typeof test === 'string') &&
    isOptional(value.dataSettings, isSettings) &&
    isOptional(value.testSettings, isSettings) &&
    isOptional(value.sequences, (count) => Number.isInteger(count) && Number(count) >= 2) &&
    isOptional(value.refine, (refine) => typeof refine === 'boolean') &&
    isOptional(
      value.without,
      (parts) => isTexts(parts) && parts.every((part) => calibrationParts.some((p) => p === part)),
    )
  );
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number');
}

export function isEvaluateParams(value: unknown): value is EvaluateParams {
  const isTexts = (texts: unknown): boolean => isRecordOf(texts, 'string');
  return (
    isRecord(value) &&
    typeof value.file === 'string' &&
    typeof value.data === 'string' &&
    isOptional(value.against, (against) => typeof against === 'string') &&
    isOptional(value.heldOut, isSwitch) &&
    [value.dataSettings, value.given, value.remembered].every((texts) => isOptional(texts, isTexts))
  );
}

export function isBoundParams(value: unknown): value is BoundParams {
  const isSettings = (texts: unknown): boolean => isRecordOf(texts, 'string');
  const isCount = (count: unknown): boolean => Number.isInteger(count) && Number(count) >= 1;
  return (
    isRecord(value) &&
    typeof value.file === 'string' &&
    typeof value.against === 'string' &&
    isOptional(value.data, (data) => typeof data === 'string') &&
    [value.sequences, value.length].every((count) => isOptional(count, isCount)) &&
    isOptional(value.inputBound, (bound) => typeof bound === 'number' && bound >= 0) &&
    [value.dataSettings, value.given, value.remembered].every((texts) =>
      isOptional(texts, isSettings),
    )
  );
}

function isAnswers(value: unknown): value is HyperAnswers | undefined {
  return isOptional(
    value,
    (answers) =>
      isRecord(answers) &&
      [answers.given, answers.remembered].every((values) =>
        isOptional(values, (texts) => isRecordOf(texts, 'string')),
      ),
  );
}

function isRecordOf(value: unknown, type: 'string' | 'number'): boolean {
  return isRecord(value) && Object.values(value).every((item) => typeof item === type);
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isSwitch(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function isOptional(value: unknown, is: (value: unknown) => boolean): boolean {
  return value === undefined || is(value);
}

function isWeights(value: unknown): boolean {
  return allocationWeights.some((one) => one === value);
}

function isTarget(value: unknown): value is CompressionTarget {
  const targets = ['order', 'remove', 'accuracyLoss', 'outputError', 'layerError', 'outputBound'];
  return isRecord(value) && targets.some((name) => typeof value[name] === 'number');
}

function isHorizon(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'number' && Number.isInteger(value) && value >= 1;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
