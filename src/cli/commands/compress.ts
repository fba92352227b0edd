import type { EngineChoice } from '../../protocol/engines';
import type { AllocationWeights } from '../../protocol/allocation';
import type { PaperHorizon } from '../../core/solve/horizons';
import type { SolverId } from '../../core/solve/solver';
import type { DeviceRecord, Report, UntiedRecord } from '../../protocol/report';
import { showName, showSeconds } from '../../protocol/shown';
import type { CheckpointSummary, CompressionTarget, CompressResult } from '../../protocol/worker';
import { compressCheckpoint } from '../../worker/compress';
import { familyTitles } from '../../families/recognise';
import { inspectCheckpoint } from '../../worker/inspect';
import { noLayers } from '../../worker/refusals';
import { describeAllocation } from '../allocation';
import {
  calibrationOf,
  describeCalibration,
  describeRecorded,
  refuseUnknownNetwork,
  type DataOptions,
} from '../calibration';
import { describeOutputBound } from '../outputBound';
import { describeEngine, engineOf } from '../engine';
import { describeHyper } from '../hyper';
import { proposedOrder, resolveOrder } from '../../worker/orders';
import { defaultOutput } from '../../worker/resultFiles';
import { describeQuestions, refuseOpen } from '../questions';
import { showTau } from '../options';
import { createProgressDisplay } from '../progress';
import { formatTable } from '../table';
import type { Terminal } from '../terminal';
import { bytes, change, count, upperBound } from '../text';

export interface CompressOptions extends DataOptions {
  readonly order?: number;
  readonly remove?: number;
  /** Points of accuracy, and share of the output, that may be lost on held-out data. */
  readonly accuracyLoss?: number;
  readonly outputError?: number;
  /** The certified relative error that no layer may exceed, and the bound of the output's error. */
  readonly layerError?: number;
  readonly bound?: number;
  /** Steps or Infinity. Left out: recorded in the file, or the default. */
  readonly horizon?: number;
  readonly solver: SolverId;
  readonly tau?: PaperHorizon;
  /** Answers to what the file does not tell. */
  readonly set?: Readonly<Record<string, string>>;
  readonly fields?: readonly string[];
  readonly layerOrder?: Readonly<Record<string, number>>;
  /** What orders are shared out by; `true` where nobody says. */
  readonly allocate?: AllocationWeights | true;
  readonly exactSizes?: boolean;
  readonly perLayer?: boolean;
  readonly keepStaticGain?: boolean;
  /** What may compute beside the processor, and where its package is installed. */
  readonly engine?: EngineChoice;
  readonly enginesFolder?: string;
  readonly untie?: boolean;
  /** Inputs of the layers, recorded in the live model. */
  readonly recorded?: string;
  readonly output?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** `ssm compress FILE`: the whole job. */
export async function compressCommand(
  file: string,
  options: CompressOptions,
  terminal: Terminal,
): Promise<void> {
  const { set: given = {}, fields, layerOrder, exactSizes = false, untie = false } = options;
  const said = { answers: { given }, ...(fields === undefined ? {} : { fields }) };
  const summary = await inspectCheckpoint(file, terminal.signal, said);
  if (summary.layers.length === 0) throw noLayers(summary.tensors, familyTitles());
  for (const line of describeQuestions(summary.questions)) terminal.remark(line);
  refuseOpen(summary.questions);
  const calibration = calibrationOf(options);
  const allocate = weightsOf(options, terminal);
  if (calibration !== undefined || allocate !== undefined) {
    await refuseUnknownNetwork(file, given, terminal);
  }
  const target = targetOf(summary, options, terminal);
  const output = options.output ?? defaultOutput(file, labelOf(summary, target));
  const { horizon, solver, tau, recorded, force = false, json = false } = options;
  const display = createProgressDisplay(terminal);
  const result = await compressCheckpoint(
    {
      file,
      output,
      target,
      solver,
      ...said,
      ...(layerOrder === undefined ? {} : { layerOrders: layerOrder }),
      ...{ exactSizes, untie, engine: engineOf(options) },
      ...(options.perLayer === true ? { perLayer: true } : {}),
      ...(options.keepStaticGain === true ? { keepStaticGain: true } : {}),
      ...(allocate === undefined ? {} : { allocate }),
      ...(calibration === undefined ? {} : { calibration }),
      ...(recorded === undefined ? {} : { recorded }),
      overwrite: force,
      ...(tau === undefined ? {} : { tau }),
      ...(horizon === undefined ? {} : { horizon: Number.isFinite(horizon) ? horizon : null }),
    },
    { signal: terminal.signal, onProgress: display.show },
  ).finally(() => {
    display.end();
  });
  const lines = json ? [JSON.stringify(summariseResult(result), undefined, 2)] : describe(result);
  for (const line of lines) terminal.print(line);
}

/** What orders are shared out by: without a word what is measured, and without data nothing is known. */
function weightsOf(
  { allocate, data, bound }: CompressOptions,
  terminal: Terminal,
): AllocationWeights | undefined {
  if (allocate !== true) return allocate ?? (bound === undefined ? undefined : 'certified');
  if (data !== undefined) return 'measured';
  if (bound !== undefined) return 'certified';
  terminal.remark(
    'Without sample data no better orders are known than the same for every layer. ' +
      'Give --data, or weigh by the certified bound: --allocate certified.',
  );
  return undefined;
}

/** The part of the result's name that tells how small it is: the order, or the tolerance that decides it. */
function labelOf(summary: CheckpointSummary, target: CompressionTarget): number | string {
  const digits = (value: number): string => String(Number((100 * value).toPrecision(6)));
  if ('accuracyLoss' in target) return `loss${digits(target.accuracyLoss)}`;
  if ('outputError' in target) return `error${digits(target.outputError)}`;
  if ('layerError' in target) return `layers${digits(target.layerError)}`;
  if ('outputBound' in target) return `bound${Number(target.outputBound.toPrecision(6))}`;
  return resolveOrder(summary, target);
}

/** What was asked for; by default a quarter of the present order, and then we say so. */
function targetOf(
  summary: CheckpointSummary,
  { order, remove, accuracyLoss, outputError, layerError, bound }: CompressOptions,
  terminal: Terminal,
): CompressionTarget {
  if (order !== undefined) return { order };
  if (remove !== undefined) return { remove };
  if (accuracyLoss !== undefined) return { accuracyLoss: accuracyLoss / 100 };
  if (outputError !== undefined) return { outputError };
  if (layerError !== undefined) return { layerError };
  if (bound !== undefined) return { outputBound: bound };
  const proposed = proposedOrder(summary);
  if (proposed === undefined) return { order: resolveOrder(summary, { order: 1 }) };
  const present = Math.max(...summary.layers.map((layer) => layer.order));
  terminal.remark(
    `No size given: reducing order ${present} to ${proposed}, a quarter. Other sizes: --order, --remove.`,
  );
  return { order: proposed };
}

/** The result without the details of every system, for scripts. The report file has them. */
function summariseResult({ output, reportPath, report }: CompressResult): unknown {
  const layers = report.layers.map((layer) => ({ ...layer, systems: undefined }));
  return { output, reportPath, report: { ...report, layers } };
}

function describe({ output, reportPath, loaderPath, report }: CompressResult): string[] {
  return [
    ...formatTable(
      [['Layer', 'Channels', 'Order', 'Relative h² error', 'Parameters'], ...layerRows(report)],
      ['left', 'right', 'right', 'right', 'right'],
    ),
    '',
    ...describeAllocation(report.allocation),
    ...describeCalibration(report.calibration),
    ...describeRecorded(report.recorded),
    ...formatTable(
      [
        ...facts(report),
        ['Result', output],
        ['Report', reportPath],
        ...(loaderPath === undefined ? [] : [['Loader', loaderPath]]),
      ],
      ['left', 'left'],
    ),
  ];
}

function layerRows({ layers }: Report): string[][] {
  return layers.map((layer) => [
    showName(layer.name, 80),
    count(layer.channels),
    `${count(layer.orderBefore)} → ${count(layer.orderAfter)}`,
    `≤ ${upperBound(layer.error.relative)}`,
    `${count(layer.parametersBefore)} → ${count(layer.parametersAfter)}`,
  ]);
}

function facts(whole: Report): string[][] {
  const { model, source, result, request, timings, device, ...report } = whole;
  const { horizon, horizonFrom, solver, tau } = request;
  const steps = horizon === null ? 'infinite' : `${count(horizon)} steps`;
  const seconds = (value: number): string => showSeconds(value, true);
  const parts = [
    `reading ${seconds(timings.readSeconds)}`,
    `reducing ${seconds(timings.reduceSeconds)}`,
    `writing ${seconds(timings.writeSeconds)}`,
  ];
  const changed = report.settingsChanged.map(
    ({ path, before, after }) => `${showName(path.join('.'))}: ${before} → ${after}`,
  );
  return [
    ['Parameters', change(model.parametersBefore, model.parametersAfter)],
    ['Bytes', `${change(source.bytes, result.bytes)}, now ${bytes(result.bytes)}`],
    ['Error', 'certified upper bound for the parameters as stored'],
    ...describeOutputBound(whole),
    ['Horizon', `${steps} (${horizonFrom})`],
    ['Solver', request.keepStaticGain === true ? `${solver}, static gain kept` : solver],
    ...(tau === undefined ? [] : [['Tau', showTau(tau)]]),
    [
      'Time',
      `${seconds(timings.totalSeconds)} (${parts.join(', ')}), ${threads(device.threads)}${slower(device)}`,
    ],
    ...describeEngine(device.search),
    ...describeHyper(report.hyperParameters ?? []).map((text) => ['Taken', text]),
    ...(report.untied ?? []).map((record) => ['Untied', describeUntied(record, report)]),
    ...changed.map((text) => ['Setting', text]),
    ...report.droppedOptimizerStates.map((path) => ['Emptied', showName(path)]),
    ...report.warnings.map((warning) => ['Note', showName(warning, 1000)]),
  ];
}

/** What an untied layer would have lost with shared poles: the gain. */
function describeUntied(
  { layer, setting, value, errorIfTied }: UntiedRecord,
  { layers }: Pick<Report, 'layers'>,
): string {
  const error = layers.find(({ name }) => name === layer)?.error.relative ?? 0;
  return (
    `${showName(layer, 80)} (${setting}=${value}): relative error ≤ ${upperBound(error)}, ` +
    `${upperBound(errorIfTied.relative)} with shared poles`
  );
}

/** Said only where it is not as it should be. */
function slower({ kernels }: DeviceRecord): string {
  return kernels === 'typescript' ? ' without WebAssembly, so slower' : '';
}

function threads(number: number): string {
  return number === 1 ? '1 thread' : `${number} threads`;
}
