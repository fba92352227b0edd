import { cpus } from 'node:os';
import { basename, dirname, relative, resolve, sep } from 'node:path';
import {
  reportKind,
  reportVersion,
  type HyperRecord,
  type Report,
  type RequestRecord,
} from '../protocol/report';
import type { AllocationRecord } from '../protocol/allocation';
import type { CalibrationRecord, RecordedRecord } from '../protocol/calibration';
import type { EngineRecord } from '../protocol/engines';
import type { CompressParams } from '../protocol/worker';
import type { BoundOutcome } from './bound/boundOfRun';
import { hyperSummaries } from './hyper';
import { withLayers } from './engines/processorOnly';
import type { ReducedLayer } from './reduceLayers';
import type { Rewritten } from './rewrite';
import type { Run } from './run';
import { toolName, toolVersion } from './version';

/** What is known when everything is done. */
export interface Completion {
  readonly sourceSha256: string;
  readonly rewritten: Rewritten;
  readonly timings: Report['timings'];
  readonly calibration?: CalibrationRecord;
  readonly recorded?: RecordedRecord;
  readonly bound: BoundOutcome;
}

/** The report of a run. */
export function composeReport(
  run: Run,
  layers: readonly ReducedLayer[],
  { sourceSha256, rewritten, timings, calibration, recorded, bound }: Completion,
): Report {
  const { params, source, checkpoint, plan, engine, allocation } = run;
  const { format } = checkpoint;
  const { bytes, sha256 } = rewritten;
  return {
    kind: reportKind,
    version: reportVersion,
    tool: { name: toolName, version: toolVersion },
    createdAt: new Date().toISOString(),
    source: {
      path: besideReport(params.file, params.output),
      format,
      bytes: source.size,
      sha256: sourceSha256,
    },
    result: {
      path: basename(params.output),
      format: checkpoint.writtenAs ?? format,
      ...{ bytes, sha256 },
    },
    request: describeRequest(run),
    model: { parametersBefore: plan.parametersBefore, parametersAfter: plan.parametersAfter },
    hyperParameters: hyperRecords(run),
    untied: layers.flatMap(({ untied }) => (untied === undefined ? [] : [untied])),
    ...(calibration === undefined ? {} : { calibration }),
    ...(recorded === undefined ? {} : { recorded }),
    ...bound,
    ...(allocation === undefined ? {} : { allocation }),
    settingsChanged: plan.settings,
    droppedOptimizerStates: rewritten.droppedOptimizerStates,
    warnings: [
      ...plan.warnings,
      ...layers.flatMap(({ notes }) => notes),
      ...engine.notes,
      ...exceeded(allocation, bound),
    ],
    timings,
    device: {
      engine: 'cpu',
      threads: engine.threads,
      name: cpus()[0]?.model.trim() ?? 'CPU',
      kernels: engine.kernels,
      ...(engine.search === undefined ? {} : { search: withNames(engine.search, layers) }),
    },
    layers: layers.map(({ record }) => record),
  };
}

/** The record of what searched, with the layers that stayed with the processor by name. */
function withNames(search: EngineRecord, layers: readonly ReducedLayer[]): EngineRecord {
  if (search.processor === undefined) return search;
  const named = layers.map(({ record: { name }, whyProcessor: why }) => ({ name, why }));
  return { ...search, processor: withLayers(search.processor, named) };
}

/** What was asked of the output was looked for with balanced reductions; the result is nearly always better. */
function exceeded(
  { limit, weights }: Partial<AllocationRecord> = {},
  outcome: BoundOutcome,
): string[] {
  if (limit === undefined || !('bound' in outcome)) return [];
  const { certified, calibrated, measured } = outcome.bound;
  const found =
    weights === 'certified'
      ? certified.bound
      : weights === 'calibrated'
        ? calibrated?.bound
        : measured?.error;
  if (typeof found !== 'number' || found <= limit) return [];
  const figures = [found, limit].map((value) => Number(value.toPrecision(3)));
  return [
    `The error of the output is at most ${figures[0]} by the evidence asked for, above the ${figures[1]} asked for.`,
  ];
}

function describeRequest({ params, plan }: Run): RequestRecord {
  const { steps, from } = plan.horizon;
  const { target, layerOrders = {}, exactSizes = false, perLayer = false } = params;
  return {
    order: plan.order,
    ...('order' in target ? {} : target),
    ...(perLayer
      ? { perLayer } // orders and sizes were found, not asked for
      : {
          ...(Object.keys(layerOrders).length === 0 ? {} : { layerOrders }),
          ...(exactSizes ? { exactSizes } : {}),
        }),
    ...(params.allocate === undefined ? {} : { allocate: params.allocate }),
    ...describeInputs(params),
    horizon: Number.isFinite(steps) ? steps : null,
    horizonFrom: from,
    solver: plan.solver,
    ...(params.keepStaticGain === true ? { keepStaticGain: true } : {}),
    ...(plan.tau === undefined ? {} : { tau: plan.tau }),
  };
}

/** What was given besides the checkpoint, so that the run can be repeated from its report alone. */
function describeInputs({
  output,
  calibration,
  recorded,
  fields,
  answers,
}: CompressParams): Pick<RequestRecord, 'calibration' | 'recorded' | 'fields' | 'answers'> {
  const said = { ...answers?.remembered, ...answers?.given };
  const { test } = calibration ?? {};
  return {
    ...(calibration === undefined
      ? {}
      : {
          calibration: {
            ...calibration,
            data: besideReport(calibration.data, output),
            ...(test === undefined ? {} : { test: besideReport(test, output) }),
          },
        }),
    ...(recorded === undefined ? {} : { recorded: besideReport(recorded, output) }),
    ...(fields === undefined ? {} : { fields }),
    ...(Object.keys(said).length === 0 ? {} : { answers: said }),
  };
}

function hyperRecords({ plan }: Run): HyperRecord[] {
  return plan.settled.flatMap((layer) =>
    hyperSummaries(layer).map((summary) => ({ layer: layer.site.name, ...summary })),
  );
}

/** A file as seen from the folder of the result and its report, so that a report still holds where both are moved. */
function besideReport(file: string, output: string): string {
  return relative(dirname(resolve(output)), resolve(file)).replaceAll(sep, '/');
}
