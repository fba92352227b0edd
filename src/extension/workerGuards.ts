import type { EvaluateProgress, EvaluateResult } from '../protocol/evaluation';
import type { LayerFigures, TensorStatistics } from '../protocol/inspection';
import type { LayerCharts, LayerCurve } from '../protocol/layerCharts';
import { isEvaluation, isReport } from '../protocol/report';
import type {
  CheckpointSummary,
  CompressProgress,
  CompressResult,
  CurveResult,
  NetworkSummary,
} from '../protocol/worker';

/** Checks on what the worker sends, as deep as what the extension shows of it. */

export function isSummary(value: unknown): value is CheckpointSummary {
  return (
    isRecord(value) &&
    isText(value.path) &&
    isNumber(value.bytes) &&
    isText(value.format) &&
    isNumber(value.parameters) &&
    isListOf(value.tensors, isTensor) &&
    isListOf(value.layers, isLayer) &&
    isListOf(value.choices, (choice) => hasNumbers(choice, ['order', 'parameters'])) &&
    isListOf(value.settings, (setting) => isRecord(setting) && isListOf(setting.path, isText)) &&
    isListOf(value.notes, isText) &&
    isListOf(value.configurations, (one) => isRecord(one) && isText(one.file)) &&
    isListOf(value.questions, isQuestion) &&
    isListOf(
      value.refusals,
      (one) => isRecord(one) && isText(one.reason) && isListOf(one.names, isText),
    ) &&
    isText(value.fingerprint) &&
    hasNumbers(value.horizon, ['steps'])
  );
}

export function isStatistics(value: unknown): value is readonly TensorStatistics[] {
  return isListOf(
    value,
    (one) =>
      isRecord(one) &&
      isText(one.name) &&
      ('fault' in one
        ? isText(one.fault)
        : hasNumbers(one.summary, ['finite', 'nan', 'infinite', 'norm'])),
  );
}

export function isLayerFigures(value: unknown): value is readonly LayerFigures[] {
  return isListOf(
    value,
    (one) =>
      isRecord(one) &&
      isText(one.name) &&
      ('fault' in one ? isText(one.fault) : hasNumbers(one, ['norm', 'slowest'])),
  );
}

export function isLayerCharts(value: unknown): value is LayerCharts {
  return (
    isRecord(value) &&
    hasNumbers(value, ['channels', 'sampled', 'steps']) &&
    isRecord(value.poles) &&
    isPoles(value.poles.original) &&
    isOptional(value.poles.reduced, isPoles) &&
    [value.hankel, value.impulse, value.frequency].every(isCurves) &&
    isOptional(value.convergence, isCurves) &&
    isOptional(value.worst, (worst) => hasNumbers(worst, ['channel', 'error'])) &&
    isListOf(value.notes, isText)
  );
}

export function isLayerCurve(value: unknown): value is LayerCurve {
  return (
    isRecord(value) &&
    hasNumbers(value, ['channels', 'sampled', 'orderBefore', 'parametersBefore']) &&
    isListOf(value.points, (point) => hasNumbers(point, ['order', 'parameters', 'error'])) &&
    isOptional(value.reported, (reported) => hasNumbers(reported, ['order', 'error']))
  );
}

function isPoles(value: unknown): boolean {
  return (
    isRecord(value) &&
    ['re', 'im', 'logRe', 'logIm', 'channel'].every((key) => isListOf(value[key], isNumber))
  );
}

function isCurves(value: unknown): boolean {
  return (
    isRecord(value) &&
    isListOf(value.x, isNumber) &&
    isListOf(value.curves, (curve) => isRecord(curve) && isListOf(curve.value, isNumber))
  );
}

export function isShare(value: unknown): value is number {
  return isNumber(value);
}

export function isCompressResult(value: unknown): value is CompressResult {
  return (
    isRecord(value) &&
    isText(value.output) &&
    isText(value.reportPath) &&
    isText(value.fingerprint) &&
    isReport(value.report)
  );
}

export function isCompressProgress(value: unknown): value is CompressProgress {
  return (
    isRecord(value) &&
    isText(value.stage) &&
    hasNumbers(value, ['fraction', 'layersDone', 'layersTotal']) &&
    isOptional(value.layer, isText) &&
    isOptional(value.relativeError, isNumber) &&
    isOptional(value.secondsLeft, isNumber)
  );
}

export function isCurveResult(value: unknown): value is CurveResult {
  return (
    isRecord(value) &&
    isListOf(value.points, isTradeoffPoint) &&
    isListOf(value.notes, isText) &&
    hasNumbers(value, ['parametersBefore', 'orderBefore', 'seconds'])
  );
}

function isTradeoffPoint(value: unknown): boolean {
  return (
    hasNumbers(value, ['order', 'parameters']) &&
    isRecord(value) &&
    isOptional(value.evaluation, isEvaluation) &&
    [value.layerError, value.foretoldError, value.foretoldBound].every((figure) =>
      isOptional(figure, isNumber),
    ) &&
    isOptional(
      value.layerOrders,
      (orders) => isRecord(orders) && Object.values(orders).every(isNumber),
    )
  );
}

export function isEvaluateResult(value: unknown): value is EvaluateResult {
  return (
    isRecord(value) &&
    isEvaluation(value.evaluation) &&
    isText(value.architecture) &&
    isListOf(value.notes, isText) &&
    isOptional(value.seen, (seen) => hasNumbers(seen, ['calibratedWith'])) &&
    hasNumbers(value, ['seconds'])
  );
}

export function isNetworkSummary(value: unknown): value is NetworkSummary {
  if (!isRecord(value)) return false;
  return 'reason' in value
    ? isText(value.reason)
    : hasTexts(value, ['architecture', 'input']) && isListOf(value.questions, isQuestion);
}

export function isScript(value: unknown): value is { readonly script: string } {
  return hasTexts(value, ['script']);
}

export function isRecordingSummary(
  value: unknown,
): value is { readonly sequences: number; readonly longest: number } {
  return hasNumbers(value, ['sequences', 'longest']);
}

export function isEvaluateProgress(value: unknown): value is EvaluateProgress {
  return hasNumbers(value, ['sequencesDone', 'sequencesTotal']);
}

function isQuestion(value: unknown): boolean {
  return (
    isRecord(value) &&
    isText(value.name) &&
    isText(value.title) &&
    isListOf(value.options, (option) => hasTexts(option, ['value', 'label'])) &&
    isListOf(value.layers, isText) &&
    isListOf(value.remarks, isText)
  );
}

function isTensor(value: unknown): boolean {
  return (
    isRecord(value) &&
    isText(value.name) &&
    isText(value.dtype) &&
    isText(value.role) &&
    isListOf(value.shape, isNumber)
  );
}

function isLayer(value: unknown): boolean {
  return (
    isRecord(value) &&
    isText(value.name) &&
    isText(value.familyTitle) &&
    isText(value.tying) &&
    isRecord(value.facts) &&
    isListOf(value.hyper, (one) => hasTexts(one, ['name', 'title', 'value', 'label', 'from'])) &&
    hasNumbers(value, ['order', 'slots', 'channels', 'parameters'])
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function isOptional(value: unknown, is: (value: unknown) => boolean): boolean {
  return value === undefined || is(value);
}

function isListOf(value: unknown, is: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(is);
}

function hasTexts(value: unknown, keys: readonly string[]): boolean {
  return isRecord(value) && keys.every((key) => isText(value[key]));
}

function hasNumbers(value: unknown, keys: readonly string[]): boolean {
  return isRecord(value) && keys.every((key) => isNumber(value[key]));
}

export function isLine(value: unknown): value is string {
  return typeof value === 'string';
}
