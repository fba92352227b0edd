import { cpus } from 'node:os';
import { basename, dirname, relative, resolve, sep } from 'node:path';
import { SsmError, throwIfCancelled } from '../core/errors';
import type { Checkpoint, CheckpointEdits } from '../formats/checkpoint';
import { openCheckpoint } from '../formats/open';
import { reportKind, reportVersion, type Report } from '../protocol/report';
import type { CompressParams, CompressProgress, CompressResult } from '../protocol/worker';
import { mapConcurrently } from './concurrency';
import type { Engine } from './engine';
import { FileSource } from './fileSource';
import { reduceLayer, type LayerOutcome, type PieceDone } from './layerJob';
import { planCompression, type CompressionPlan } from './plan';
import { createProgressMeter, type ProgressMeter } from './progress';
import { writeReport } from './report';
import { ResultFiles } from './resultFiles';
import { rewriteTo, verifyRewritten, type Rewritten } from './rewrite';
import { startEngine } from './threadPool';
import { toolName, toolVersion } from './version';

export interface CompressOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CompressProgress) => void;
  /** Brings up what computes; by default a thread a core. */
  readonly startEngine?: () => Promise<Engine>;
}

/** What the steps of one run share. */
interface Run {
  readonly params: CompressParams;
  readonly source: FileSource;
  readonly checkpoint: Checkpoint;
  readonly plan: CompressionPlan;
  readonly files: ResultFiles;
  readonly engine: Engine;
  readonly meter: ProgressMeter;
  readonly signal: AbortSignal | undefined;
}

/** Seconds between the steps of a run. */
type Stopwatch = () => number;

/**
 * Compresses one checkpoint: reads it, reduces its state-space layers, writes the result and the report beside it.
 * Whatever happens, the source stays as it is, and unless the whole run succeeds no output appears.
 *
 * @throws SsmError with the file, the place in it, and the reason
 */
export async function compressCheckpoint(
  params: CompressParams,
  options: CompressOptions = {},
): Promise<CompressResult> {
  const { signal, onProgress } = options;
  const lap = stopwatch();
  const source = await FileSource.open(params.file);
  try {
    const checkpoint = await openCheckpoint(source, signal);
    const plan = planCompression(checkpoint, params);
    const meter = createProgressMeter(
      {
        layers: plan.sites.length,
        systems: plan.sites.reduce((sum, { channels }) => sum + channels, 0),
        bytes: source.size,
      },
      (progress) => onProgress?.(progress),
    );
    meter.reading();
    const files = await ResultFiles.prepare(source, params.output, params.overwrite);
    try {
      return await withEngine(options.startEngine ?? startEngine, signal, (engine) =>
        runPlan({ params, source, checkpoint, plan, files, engine, meter, signal }, lap),
      );
    } finally {
      await files.discard(); // nothing is left to discard after a success
    }
  } catch (error) {
    throw SsmError.is(error) ? error.inFile(params.file) : error;
  } finally {
    await source.close();
  }
}

async function withEngine<T>(
  start: () => Promise<Engine>,
  signal: AbortSignal | undefined,
  use: (engine: Engine) => Promise<T>,
): Promise<T> {
  const engine = await start();
  const stop = (): void => void engine.stop();
  signal?.addEventListener('abort', stop);
  try {
    throwIfCancelled(signal);
    return await use(engine);
  } finally {
    signal?.removeEventListener('abort', stop);
    await engine.stop();
  }
}

async function runPlan(run: Run, lap: Stopwatch): Promise<CompressResult> {
  const { params, source, checkpoint, files, meter, signal } = run;
  const readSeconds = lap();
  const [outcomes, sourceSha256] = await Promise.all([reduceLayers(run), source.sha256(signal)]);
  const reduceSeconds = lap();

  const edits = editsOf(run.plan, outcomes);
  const onBytes = (total: number): void => {
    meter.writing(total / source.size);
  };
  const rewritten = await rewriteTo(files.checkpoint, checkpoint, edits, onBytes, signal);
  meter.checking();
  await verifyRewritten(files.checkpoint, checkpoint.tensors, edits, signal);
  await source.assertUnchanged();
  const writeSeconds = lap();

  const timings = {
    readSeconds,
    reduceSeconds,
    writeSeconds,
    totalSeconds: readSeconds + reduceSeconds + writeSeconds,
  };
  const report = composeReport(run, outcomes, { sourceSha256, rewritten, timings });
  await writeReport(report, files.report);
  await files.report.seal();
  throwIfCancelled(signal);
  await files.publish();
  return { output: params.output, reportPath: files.report.target, report };
}

/** The source as seen from the folder of the result and its report, so that a report still holds where both are moved. */
function besideReport({ file, output }: CompressParams): string {
  return relative(dirname(resolve(output)), resolve(file)).replaceAll(sep, '/');
}

/** Several layers at once, so that the threads have work while one layer is read or certified. */
function reduceLayers(run: Run): Promise<LayerOutcome[]> {
  const { plan, checkpoint, engine, meter, signal } = run;
  const { order, solver, tau, horizon } = plan;
  const onPiece = (piece: PieceDone): void => {
    meter.piece(piece);
  };
  const atOnce = Math.max(2, Math.ceil(engine.threads / 8));
  return mapConcurrently(plan.sites, atOnce, async (site) => {
    try {
      const request = {
        site,
        order,
        solver,
        horizon: horizon.steps,
        ...(tau === undefined ? {} : { continuousHorizon: tau }),
      };
      const outcome = await reduceLayer(request, { checkpoint, engine, signal, onPiece });
      meter.layerDone();
      return outcome;
    } catch (error) {
      await engine.stop(); // the run has failed: the other layers need not be finished
      throw error;
    }
  });
}

function editsOf(plan: CompressionPlan, outcomes: readonly LayerOutcome[]): CheckpointEdits {
  return {
    tensors: outcomes.flatMap(({ edits }) => edits),
    settings: plan.settings.map(({ path, after }) => ({ path, value: after })),
    dropOptimizerState: true,
  };
}

interface Completion {
  readonly sourceSha256: string;
  readonly rewritten: Rewritten;
  readonly timings: Report['timings'];
}

function composeReport(
  { params, source, checkpoint, plan, engine }: Run,
  outcomes: readonly LayerOutcome[],
  { sourceSha256, rewritten, timings }: Completion,
): Report {
  const { format } = checkpoint;
  const { bytes, sha256 } = rewritten;
  const { steps, from } = plan.horizon;
  return {
    kind: reportKind,
    version: reportVersion,
    tool: { name: toolName, version: toolVersion },
    createdAt: new Date().toISOString(),
    source: { path: besideReport(params), format, bytes: source.size, sha256: sourceSha256 },
    result: { path: basename(params.output), format, bytes, sha256 },
    request: {
      order: plan.order,
      ...('remove' in params.target ? { remove: params.target.remove } : {}),
      horizon: Number.isFinite(steps) ? steps : null,
      horizonFrom: from,
      solver: plan.solver,
      ...(plan.tau === undefined ? {} : { tau: plan.tau }),
    },
    model: { parametersBefore: plan.parametersBefore, parametersAfter: plan.parametersAfter },
    settingsChanged: plan.settings,
    droppedOptimizerStates: rewritten.droppedOptimizerStates,
    warnings: [...plan.warnings, ...engine.notes],
    timings,
    device: { engine: 'cpu', threads: engine.threads, name: cpus()[0]?.model.trim() ?? 'CPU' },
    layers: outcomes.map(({ record }) => record),
  };
}

function stopwatch(): Stopwatch {
  let last = performance.now();
  return () => {
    const now = performance.now();
    const seconds = (now - last) / 1000;
    last = now;
    return seconds;
  };
}
