import { SsmError, throwIfCancelled } from '../core/errors';
import type { CheckpointEdits, OpenOptions } from '../formats/checkpoint';
import type { CompressParams, CompressProgress, CompressResult } from '../protocol/worker';
import { composeReport } from './composeReport';
import type { Engine } from './engine';
import { openInput } from './checkpointInput';
import { fingerprintOf } from './inspect';
import type { LayerOutcome } from './layerJob';
import { assertLoaderFits, writeLoader, type LoaderFile } from './loaderFile';
import { planCompression } from './plan';
import { createProgressMeter } from './progress';
import { assertNamed, assertNotRefused } from './refusals';
import { reduceLayers } from './reduceLayers';
import { writeReport } from './report';
import { ResultFiles } from './resultFiles';
import { rewriteTo, verifyRewritten } from './rewrite';
import type { Run } from './run';
import { readSidecars } from './sidecars';
import { startEngine } from './threadPool';

export interface CompressOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CompressProgress) => void;
  /** Brings up what computes; by default a thread a core. */
  readonly startEngine?: () => Promise<Engine>;
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
  const source = await openInput(params.file);
  try {
    const checkpoint = await source.checkpoint(signal, fieldsOf(params));
    assertNotRefused(checkpoint);
    assertNamed(checkpoint);
    if (params.exactSizes === true) await assertLoaderFits(params.output, params.overwrite);
    const sidecars = await readSidecars(params.file, signal);
    const plan = planCompression(checkpoint, params, sidecars);
    const meter = createProgressMeter(
      {
        layers: plan.layers.length,
        systems: plan.layers.reduce((sum, { site }) => sum + site.channels, 0),
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

  const edits = editsOf(run, outcomes);
  const onBytes = (total: number): void => {
    meter.writing(total / source.size);
  };
  const rewritten = await rewriteTo(files.checkpoint, checkpoint, edits, onBytes, signal);
  meter.checking();
  const written = await verifyRewritten(files.checkpoint, checkpoint.tensors, edits, signal);
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
  const loader = await publish(run);
  return {
    output: params.output,
    reportPath: files.report.target,
    report,
    ...(loader === undefined ? {} : { loaderPath: loader.path }),
    fingerprint: fingerprintOf(written),
  };
}

/** Gives the results their names; the script that loads them comes first, and goes again if they fail. */
async function publish({ params, source, files }: Run): Promise<LoaderFile | undefined> {
  const { output, overwrite, exactSizes = false } = params;
  const options = { mode: source.mode | 0o600, overwrite };
  const loader = exactSizes ? await writeLoader(output, options) : undefined;
  try {
    await files.publish();
  } catch (error) {
    await loader?.remove();
    throw error;
  }
  return loader;
}

/** What the person says of the names in a file without names. */
function fieldsOf({ fields }: CompressParams): OpenOptions {
  return fields === undefined ? {} : { fields };
}

function editsOf({ plan }: Run, outcomes: readonly LayerOutcome[]): CheckpointEdits {
  return {
    tensors: outcomes.flatMap(({ edits }) => edits),
    settings: plan.settings.map(({ path, after }) => ({ path, value: after })),
    dropOptimizerState: true,
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
