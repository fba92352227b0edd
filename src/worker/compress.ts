import { SsmError, throwIfCancelled } from '../core/errors';
import type { CheckpointEdits, OpenOptions, TensorEdit } from '../formats/checkpoint';
import type { AllocationRecord } from '../protocol/allocation';
import type { CalibrationParams, CalibrationRecord, RecordedRecord } from '../protocol/calibration';
import type {
  CompressionTarget,
  CompressParams,
  CompressProgress,
  CompressResult,
  SizeTarget,
} from '../protocol/worker';
import { allocateRun, type Allocated } from './allocate/allocateRun';
import { boundOfRun } from './bound/boundOfRun';
import { judgeWritten, reduceCalibrated, type CalibratedRun } from './calibrate/reduceCalibrated';
import { reduceRecorded } from './calibrate/reduceRecorded';
import { searchTarget } from './calibrate/searchTarget';
import { openCalibration, type CalibrationSession } from './calibrate/session';
import { composeReport } from './composeReport';
import type { Engine } from './engine';
import { startBeside } from './engines/start';
import { openInput } from './checkpointInput';
import { fingerprintOf, layersOf } from './inspect';
import { assertLoaderFits, writeLoader, type LoaderFile } from './loaderFile';
import { planCompression, type CompressionPlan } from './plan';
import { createProgressMeter } from './progress';
import { assertNamed, assertNotRefused } from './refusals';
import { reduceLayers, type ReducedLayer } from './reduceLayers';
import { writeReport } from './report';
import { ResultFiles } from './resultFiles';
import { rewriteTo, verifyRewritten } from './rewrite';
import type { Run } from './run';
import { readSidecars } from './sidecars';
import { keepLayerError } from './tolerance/keepLayerError';
import { withEngine } from './withEngine';

export interface CompressOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CompressProgress) => void;
  /** Brings up what computes; by default a thread a core. */
  readonly startEngine?: () => Promise<Engine>;
}

/** With what computes: one for the whole run, so that what searches beside the threads is chosen once, and recorded. */
interface Tools extends CompressOptions {
  readonly engine: Engine;
}

/** Where an order is looked for, about so many are tried. */
const ordersTried = 4;

/** Systems that a run reduces, about. */
function systemsIn({ target }: CompressParams, { checkpoint }: Known): number {
  const channels = layersOf(checkpoint).reduce((sum, site) => sum + site.channels, 0);
  return channels * ('order' in target || 'remove' in target ? 1 : ordersTried);
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
  const { signal } = options;
  const source = await openInput(params.file);
  try {
    const checkpoint = await source.checkpoint(signal, fieldsOf(params));
    assertNotRefused(checkpoint);
    assertNamed(checkpoint);
    assertGainAlone(params);
    if (params.exactSizes === true || params.perLayer === true)
      await assertLoaderFits(params.output, params.overwrite);
    const sidecars = await readSidecars(params.file, signal);
    const known = { source, checkpoint, sidecars };
    const { calibration } = params;
    const start =
      options.startEngine ?? (() => startBeside(params.engine, systemsIn(params, known)));
    return await withEngine(start, signal, (engine) =>
      calibration === undefined
        ? compressPlain(params, known, { ...options, engine })
        : compressCalibrated({ ...params, calibration }, known, { ...options, engine }),
    );
  } catch (error) {
    throw SsmError.is(error) ? error.inFile(params.file) : error;
  } finally {
    await source.close();
  }
}

/** Throws `bad-request` where real inputs decide, which tell more of the response to a constant than the constraint does. */
function assertGainAlone({ keepStaticGain = false, calibration, recorded }: CompressParams): void {
  if (!keepStaticGain || (calibration === undefined && recorded === undefined)) return;
  throw new SsmError(
    'bad-request',
    'The static gain is kept where there is no sample data; with data, real inputs decide.',
  );
}

/** A checkpoint and what stands beside it. */
type Known = Pick<Run, 'source' | 'checkpoint' | 'sidecars'>;

async function compressPlain(
  asked: CompressParams,
  known: Known,
  options: Tools,
): Promise<CompressResult> {
  const { params: sharedOut, ...shared } = await shareOut(asked, known, undefined, options);
  const { params, size, rest } = await settleSize(sharedOut, known, options);
  const plan = planCompression(known.checkpoint, { ...params, target: size }, known.sidecars);
  const { recorded } = params;
  return prepared(
    { params, known, plan, options: rest, ...shared },
    recorded === undefined ? reducePlain : (run) => reduceByRecording(recorded, run),
  );
}

/** What of the time the search for a bound takes. */
const searchTakes = 0.6;

/** The size of a run without sample data, looked for where layers may err by so much; and how the rest tells its progress. */
async function settleSize(
  params: CompressParams,
  known: Known,
  options: Tools,
): Promise<{
  readonly params: CompressParams;
  readonly size: SizeTarget;
  readonly rest: Tools;
}> {
  const { target } = params;
  if (!('layerError' in target)) return { params, size: sizeOf(target), rest: options };
  assertPlain(params);
  const { engine, signal, onProgress = () => undefined } = options;
  const tell = (progress: CompressProgress): void => {
    onProgress({ ...progress, fraction: searchTakes + (1 - searchTakes) * progress.fraction });
  };
  const onShare = (share: number): void => {
    const fraction = searchTakes * share;
    onProgress({ stage: 'reducing', fraction, layersDone: 0, layersTotal: 0 });
  };
  const tools = { engine, signal, onShare };
  const { order, layerOrders } = await keepLayerError({ ...params, target }, known, tools);
  const found = layerOrders === undefined ? params : { ...params, layerOrders, exactSizes: true };
  return { params: found, size: { order }, rest: { ...options, onProgress: tell } };
}

/** Throws `bad-request` where something else decides what becomes of the layers. */
function assertPlain({ recorded, layerOrders }: CompressParams): void {
  if (recorded === undefined && layerOrders === undefined) return;
  throw new SsmError(
    'bad-request',
    'An error of the layers is kept by orders that are looked for, without recorded inputs.',
  );
}

/** Orders for the layers where they are to be shared out. */
async function shareOut<P extends CompressParams>(
  params: P,
  known: Known,
  session: CalibrationSession | undefined,
  { engine, signal }: Tools,
): Promise<{ readonly params: P } & Partial<Pick<Allocated, 'allocation'>>> {
  const { target } = params;
  const { allocate = 'outputBound' in target ? 'certified' : undefined } = params;
  if (allocate === undefined) return { params };
  const found = await allocateRun({ ...params, allocate }, known, session, { engine, signal });
  return { ...found, params: { ...params, ...found.params } };
}

function onlyWithoutData(): SsmError {
  return new SsmError(
    'bad-request',
    'An h² error of the layers is kept without sample data; with data, ask for an output error.',
  );
}

/** Without sample data nothing can be measured that a tolerance could be kept by. */
function sizeOf(target: CompressionTarget): SizeTarget {
  if ('order' in target || 'remove' in target) return target;
  throw new SsmError('bad-request', 'A tolerance is kept on sample data; give some, or an order.');
}

async function compressCalibrated(
  asked: CompressParams & { readonly calibration: CalibrationParams },
  known: Known,
  options: Tools,
): Promise<CompressResult> {
  const { checkpoint, sidecars } = known;
  const { engine, signal, onProgress = () => undefined } = options;
  const session = await openCalibration(
    { checkpoint, sidecars, answers: asked.answers },
    asked.calibration,
    signal,
  );
  try {
    const { params: sharedOut, ...shared } = await shareOut(asked, known, session, options);
    const { target } = sharedOut;
    if ('layerError' in target) throw onlyWithoutData();
    const sized = 'order' in target || 'remove' in target ? target : undefined;
    const search =
      sized === undefined
        ? await searchTarget(sharedOut, { ...known, session }, { engine, signal, onProgress })
        : undefined;
    const order = sized ?? { order: search?.order ?? 0 };
    const layerOrders = search?.layers?.found?.layerOrders;
    const params =
      layerOrders === undefined ? sharedOut : { ...sharedOut, layerOrders, exactSizes: true };
    const plan = planCompression(checkpoint, { ...params, target: order }, sidecars);
    const calibration = { session, ...(search === undefined ? {} : { search }) };
    return await prepared({ params, known, plan, options, judged: true, ...shared }, (run) =>
      reduceWithData({ ...run, calibration }),
    );
  } finally {
    await session.close();
  }
}

/** What is decided before anything is computed for the result. */
interface Decided {
  readonly params: CompressParams;
  readonly known: Known;
  readonly plan: CompressionPlan;
  readonly options: Tools;
  readonly judged?: boolean;
  readonly allocation?: AllocationRecord;
}

/** Makes room for the results, and runs. */
async function prepared(
  { params, known, plan, options, judged = false, allocation }: Decided,
  reduce: Reduce,
): Promise<CompressResult> {
  const lap = stopwatch();
  const { source } = known;
  const { engine, signal, onProgress } = options;
  const meter = createProgressMeter(
    {
      layers: plan.layers.length,
      channels: plan.layers.reduce((sum, { site }) => sum + site.channels, 0),
      bytes: source.size,
      judged,
    },
    (progress) => onProgress?.(progress),
  );
  meter.reading();
  const files = await ResultFiles.prepare(source, params.output, params.overwrite);
  try {
    return await runPlan(
      {
        ...{ params, ...known, plan, files, engine, meter, signal },
        ...(allocation === undefined ? {} : { allocation }),
      },
      reduce,
      lap,
    );
  } finally {
    await files.discard(); // nothing is left to discard after a success
  }
}

/** Layers reduced, what else changes, and how the written file is judged. */
interface Reduced {
  readonly layers: readonly ReducedLayer[];
  readonly edits: readonly TensorEdit[];
  readonly recorded?: RecordedRecord;
  readonly judge?: () => Promise<CalibrationRecord>;
  readonly session?: CalibrationSession;
}

type Reduce = (run: Run) => Promise<Reduced>;

async function reducePlain(run: Run): Promise<Reduced> {
  return { layers: await reduceLayers(run), edits: [] };
}

async function reduceByRecording(recording: string, run: Run): Promise<Reduced> {
  const { layers, record } = await reduceRecorded(recording, run);
  return { layers, edits: [], recorded: record };
}

async function reduceWithData(run: CalibratedRun): Promise<Reduced> {
  const { layers, edits, record } = await reduceCalibrated(run);
  const judge = async (): Promise<CalibrationRecord> => ({
    ...record,
    evaluation: await judgeWritten(run),
  });
  return { layers, edits, judge, session: run.calibration.session };
}

async function runPlan(run: Run, reduce: Reduce, lap: Stopwatch): Promise<CompressResult> {
  const { params, source, checkpoint, files, meter, signal } = run;
  const readSeconds = lap();
  const [reduced, sourceSha256] = await Promise.all([reduce(run), source.sha256(signal)]);
  const reduceSeconds = lap();

  const edits = editsOf(run, reduced);
  const onBytes = (total: number): void => {
    meter.writing(total / source.size);
  };
  const rewritten = await rewriteTo(files.checkpoint, checkpoint, edits, onBytes, signal);
  meter.checking();
  const written = await verifyRewritten(
    files.checkpoint,
    checkpoint.tensors,
    edits,
    signal,
    fieldsOf(params),
  );
  const calibration = await reduced.judge?.();
  const bound = await boundOfRun(run, reduced.session);
  await source.assertUnchanged();
  const writeSeconds = lap();

  const timings = {
    readSeconds,
    reduceSeconds,
    writeSeconds,
    totalSeconds: readSeconds + reduceSeconds + writeSeconds,
  };
  const report = composeReport(run, reduced.layers, {
    ...{ sourceSha256, rewritten, timings, bound },
    ...(calibration === undefined ? {} : { calibration }),
    ...(reduced.recorded === undefined ? {} : { recorded: reduced.recorded }),
  });
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

function editsOf({ plan }: Run, { layers, edits: others }: Reduced): CheckpointEdits {
  return {
    tensors: [...layers.flatMap(({ edits }) => edits), ...others],
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
