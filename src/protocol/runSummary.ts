import type { FamilyId } from '../families/family';
import type { BoundRecord } from './bound';
import type { Evaluation } from './evaluation';
import type { ErrorRecord, FileRecord, Report, RequestRecord, UntiedRecord } from './report';

/** What lists, tooltips and comparisons show of a run: a report without its systems, a few kilobytes at most. */
export interface RunSummary {
  readonly tool: Report['tool'];
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly source: FileRecord;
  readonly result: FileRecord;
  readonly request: RequestRecord;
  readonly parametersBefore: number;
  readonly parametersAfter: number;
  /** The first of the layers; `layerCount` is the number of all. */
  readonly layers: readonly RunLayer[];
  readonly layerCount: number;
  /** How the layers are stored, each way once. */
  readonly families: readonly FamilyId[];
  /** Highest order among the layers before, and the range of their orders after. */
  readonly orderBefore: number;
  readonly orderAfter: { readonly least: number; readonly greatest: number };
  /** The greatest relative h² error among the layers; undefined where there is no layer. */
  readonly worst?: RunLayer;
  /** What the person had said of hyper-parameters, `name` or `layer:name` as on the command line. */
  readonly said: Readonly<Record<string, string>>;
  readonly untied: readonly Pick<UntiedRecord, 'setting' | 'value'>[];
  readonly settingsChanged: Report['settingsChanged'];
  readonly calibration?: RunCalibration;
  /** What is known of the error of the network's output, where the network is. */
  readonly output?: RunOutput;
  readonly warnings: number;
  readonly seconds: number;
  readonly threads: number;
}

export interface RunLayer {
  readonly name: string;
  readonly orderBefore: number;
  readonly orderAfter: number;
  readonly relativeError: number;
  readonly errorKind: ErrorRecord['kind'];
}

export interface RunCalibration {
  readonly data: string;
  readonly sequences: number;
  readonly measures: Evaluation['measures'];
  readonly judged: number;
  readonly outputError?: NonNullable<Evaluation['outputError']>;
}

/** Figures of the output's error: norms, as in a `BoundRecord`. */
export interface RunOutput {
  /** Null where there is none; `vacuous` where it says no more than what holds whatever the layers do. */
  readonly certified: number | null;
  readonly vacuous: boolean;
  readonly calibrated?: number | null;
  readonly measured?: number;
}

const mostLayers = 100;
const mostDistinct = 20;

/** Condenses a report that was checked by `isReport`. */
export function summariseReport(report: Report): RunSummary {
  const layers = report.layers.map(runLayer);
  const after = layers.map(({ orderAfter }) => orderAfter);
  const worst = layers.reduce<RunLayer | undefined>(
    (most, layer) =>
      most === undefined || layer.relativeError > most.relativeError ? layer : most,
    undefined,
  );
  const calibration = runCalibration(report);
  return {
    tool: report.tool,
    createdAt: report.createdAt,
    source: report.source,
    result: report.result,
    request: report.request,
    parametersBefore: report.model.parametersBefore,
    parametersAfter: report.model.parametersAfter,
    layers: layers.slice(0, mostLayers),
    layerCount: layers.length,
    families: [...new Set(report.layers.map(({ family }) => family))],
    orderBefore: layers.reduce((most, { orderBefore }) => Math.max(most, orderBefore), 0),
    orderAfter: {
      least: after.reduce((least, order) => Math.min(least, order), after.at(0) ?? 0),
      greatest: after.reduce((greatest, order) => Math.max(greatest, order), 0),
    },
    ...(worst === undefined ? {} : { worst }),
    said: saidValues(report),
    untied: distinct((report.untied ?? []).map(({ setting, value }) => ({ setting, value }))),
    settingsChanged: report.settingsChanged.slice(0, mostDistinct),
    ...(calibration === undefined ? {} : { calibration }),
    ...(report.bound === undefined ? {} : { output: runOutput(report.bound) }),
    warnings: report.warnings.length,
    seconds: report.timings.totalSeconds,
    threads: report.device.threads,
  };
}

function runLayer({ name, orderBefore, orderAfter, error }: Report['layers'][number]): RunLayer {
  return { name, orderBefore, orderAfter, relativeError: error.relative, errorKind: error.kind };
}

function runOutput({ certified, calibrated, measured }: BoundRecord): RunOutput {
  return {
    certified: certified.bound,
    vacuous: certified.vacuous,
    ...(calibrated === undefined ? {} : { calibrated: calibrated.bound }),
    ...(measured === undefined ? {} : { measured: measured.error }),
  };
}

function runCalibration({ calibration }: Report): RunCalibration | undefined {
  if (calibration === undefined) return undefined;
  const { data, sequences, evaluation } = calibration;
  const { measures, outputError } = evaluation;
  return {
    data,
    sequences,
    measures,
    judged: evaluation.sequences,
    ...(outputError === undefined ? {} : { outputError }),
  };
}

/**
 * What has to be said again for the same result: values of layers that neither the file nor a configuration told, said
 * once where all layers have the same, and answers that concern the network around them.
 */
function saidValues({ hyperParameters = [], request }: Report): Record<string, string> {
  const said = hyperParameters.filter(({ from }) => from === 'given' || from === 'remembered');
  const everywhere = (name: string): boolean => {
    const all = hyperParameters.filter((one) => one.name === name);
    return all.every((one) => said.includes(one) && one.value === all[0].value);
  };
  const names = new Set(hyperParameters.map(({ name }) => name));
  const ofNetwork = Object.entries(request.answers ?? {}).filter(
    ([key]) => !names.has(key.slice(key.lastIndexOf(':') + 1)),
  );
  return Object.fromEntries([
    ...said.map(({ layer, name, value }) => [everywhere(name) ? name : `${layer}:${name}`, value]),
    ...ofNetwork,
  ]) as Record<string, string>;
}

function distinct<T extends object>(items: readonly T[]): T[] {
  const seen = new Map(items.map((item) => [JSON.stringify(item), item]));
  return [...seen.values()].slice(0, mostDistinct);
}

/**
 * Whether a value is a summary in which everything that is shown or put into a command line has the type it should
 * have: `isReport` looks less closely at what only the report's own page shows.
 */
export function isRunSummary(value: unknown): value is RunSummary {
  return (
    isRecord(value) &&
    isRecord(value.tool) &&
    isText(value.tool.version) &&
    isText(value.createdAt) &&
    isFile(value.source) &&
    isFile(value.result) &&
    isRequest(value.request) &&
    ['parametersBefore', 'parametersAfter', 'layerCount', 'orderBefore', 'seconds'].every((key) =>
      isNumber(value[key]),
    ) &&
    isListOf(value.layers, isLayer) &&
    isListOf(value.families, isText) &&
    isRecord(value.orderAfter) &&
    isNumber(value.orderAfter.least) &&
    isNumber(value.orderAfter.greatest) &&
    (value.worst === undefined || isLayer(value.worst)) &&
    (value.output === undefined || isOutput(value.output)) &&
    isRecord(value.said) &&
    Object.values(value.said).every(isText) &&
    isListOf(value.untied, (one) => isRecord(one) && isText(one.setting) && isNumber(one.value)) &&
    isListOf(
      value.settingsChanged,
      (one) => isRecord(one) && isListOf(one.path, isText) && isNumber(one.after),
    )
  );
}

function isRequest(value: unknown): boolean {
  return (
    isRecord(value) &&
    isNumber(value.order) &&
    isText(value.solver) &&
    (value.horizon === null || isNumber(value.horizon)) &&
    (value.remove === undefined || isNumber(value.remove)) &&
    (value.layerOrders === undefined ||
      (isRecord(value.layerOrders) && Object.values(value.layerOrders).every(isNumber))) &&
    (value.fields === undefined || isListOf(value.fields, isText)) &&
    (value.recorded === undefined || isText(value.recorded)) &&
    (value.calibration === undefined || isCalibration(value.calibration))
  );
}

function isCalibration(value: unknown): boolean {
  return (
    isRecord(value) &&
    isText(value.data) &&
    (value.test === undefined || isText(value.test)) &&
    (value.sequences === undefined || isNumber(value.sequences)) &&
    (value.without === undefined || isListOf(value.without, isText)) &&
    [value.dataSettings, value.testSettings].every(
      (texts) => texts === undefined || (isRecord(texts) && Object.values(texts).every(isText)),
    )
  );
}

function isOutput(value: unknown): boolean {
  const isBound = (one: unknown): boolean => one === null || isNumber(one);
  return (
    isRecord(value) &&
    isBound(value.certified) &&
    typeof value.vacuous === 'boolean' &&
    (value.calibrated === undefined || isBound(value.calibrated)) &&
    (value.measured === undefined || isNumber(value.measured))
  );
}

function isFile(value: unknown): boolean {
  return isRecord(value) && isText(value.path) && isText(value.format) && isNumber(value.bytes);
}

function isLayer(value: unknown): boolean {
  return (
    isRecord(value) &&
    isText(value.name) &&
    isText(value.errorKind) &&
    ['orderBefore', 'orderAfter', 'relativeError'].every((key) => isNumber(value[key]))
  );
}

function isListOf(value: unknown, is: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(is);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
