import { SsmError } from '../core/errors';
import {
  type CertifiedErrors,
  type LayerReduction,
  joinReductions,
} from '../core/solve/reduceLayer';
import type { ReductionRequest, SolverTrace } from '../core/solve/solver';
import type { Refit } from '../core/solve/refitWeights';
import {
  type KernelSystems,
  hasKernels,
  joinSystems,
  kernelBatch,
  slotCount,
  splitSystems,
  systemCount,
} from '../core/systems/kernels';
import type { LayerSystems } from '../core/systems/layer';
import type { Family, LayerSite, Untying } from '../families/family';
import type { HyperValues } from '../families/hyperParameters';
import { familyOf } from '../families/recognise';
import type { Checkpoint, TensorEdit } from '../formats/checkpoint';
import type { TensorValues } from '../formats/tensor';
import type { LayerRecord } from '../protocol/report';
import type { Engine } from './engine';
import { whyProcessor } from './engines/processorOnly';
import { describeLayer } from './report';
import { storeLayer } from './storeLayer';

/** What is asked for one layer. */
export interface LayerRequest extends Omit<ReductionRequest, 'slots'> {
  readonly site: LayerSite;
  readonly order: number;
  /** The order that the file gets: above `order` the layer is padded with slots of weight zero. Default: `order`. */
  readonly storedOrder?: number;
  /** What the tensors do not tell. */
  readonly hyper: HyperValues;
  /** Store the layer with poles of its own for each channel. */
  readonly untying?: Untying;
  /** Choose the weights among those that keep the static gain of every kernel. */
  readonly keepStaticGain?: boolean;
}

/** What a finished piece of a layer tells those who wait: sums of squares over its systems. */
export interface PieceDone {
  readonly layer: string;
  /** How many of the layer's channels it was. */
  readonly channels: number;
  readonly squaredError: number;
  readonly squaredNorm: number;
}

export interface LayerTools {
  readonly checkpoint: Checkpoint;
  readonly engine: Engine;
  readonly signal?: AbortSignal | undefined;
  readonly onPiece?: (piece: PieceDone) => void;
}

export interface LayerOutcome {
  readonly edits: readonly TensorEdit[];
  readonly record: LayerRecord;
  /** What the person has to know. */
  readonly notes: readonly string[];
  /** Why no engine searches for such a layer; undefined where they do. */
  readonly whyProcessor: string | undefined;
}

/**
 * Reduces one layer: reads its tensors, reduces its systems, stores them in the element type of the file, and bounds
 * the error of what is stored.
 *
 * @throws SsmError `bad-parameters` or `unstable` naming the tensor, `cancelled`, `worker-lost`
 */
export async function reduceLayer(request: LayerRequest, tools: LayerTools): Promise<LayerOutcome> {
  const { site, order, solver, horizon, continuousHorizon } = request;
  try {
    const layer = await readLayer(request, tools);
    const wanted = {
      ...{ solver, horizon, slots: layer.family.slotsForOrder(order) },
      ...(continuousHorizon === undefined ? {} : { continuousHorizon }),
    };
    const found = await reduceParts(layer.original, wanted, layer.site, tools);
    const { keepStaticGain = false } = request;
    const reduction = keepStaticGain ? await withStaticGain(layer, found, horizon, tools) : found;
    // solvers that do not minimise the error keep what they found: their own response is what rounding must not change
    const fitTo = solver === 'newton' || keepStaticGain ? layer.original : reduction.reduced;
    return await finishLayer(request, layer, { ...reduction, fitTo }, tools);
  } catch (error) {
    throw inLayer(error, site.name);
  }
}

/** Bounds weights of poles that nearly coincide, and costs nothing. */
const gainRidge = 1e-13;

/**
 * The reduction with weights that keep the static gain of every kernel, its poles as they are.
 *
 * @throws SsmError `bad-request` for a layer that is one system with several inputs and outputs
 */
async function withStaticGain(
  { original }: ReadLayer,
  reduction: LayerReduction,
  horizon: number,
  { engine }: LayerTools,
): Promise<LayerReduction> {
  if (!hasKernels(original)) {
    throw new SsmError(
      'bad-request',
      'The static gain can be kept where every channel has a kernel of its own. This layer is one system with several inputs and outputs.',
    );
  }
  const how = { horizon, ridge: gainRidge, keepStaticGain: true };
  const reduced = await refitParts(original, reduction.reduced, how, engine);
  const { errors } = await certifyParts(original, reduced, horizon, engine);
  const note = 'weights fitted anew for these poles, the static gain kept';
  return {
    ...reduction,
    reduced,
    squaredErrors: errors.map((error) => error * error),
    traces: reduction.traces.map((trace) => ({ ...trace, notes: [...trace.notes, note] })),
  };
}

/** A layer that was reduced elsewhere: its systems and how they were found, one trace a system. */
export interface ReducedElsewhere {
  readonly systems: LayerSystems;
  readonly traces: readonly SolverTrace[];
}

/**
 * Stores a layer that was reduced by other means than plain h² reduction, and describes and certifies it in the same way.
 *
 * @throws SsmError as `reduceLayer` does
 */
export async function storeReducedLayer(
  request: LayerRequest,
  { systems, traces }: ReducedElsewhere,
  tools: LayerTools,
): Promise<LayerOutcome> {
  const { site, horizon } = request;
  try {
    const layer = await readLayer(request, tools);
    // nothing is reduced: asked for all its slots, a layer comes back with its norms and Hankel values
    const slots = slotCount(layer.original);
    const whole = { solver: 'balanced', slots, horizon } as const;
    const own = await reduceParts(layer.original, whole, layer.site, tools);
    const { errors } = await certifyParts(layer.original, systems, horizon, tools.engine);
    const squaredErrors = errors.map((error) => error * error);
    const { norms, hankel } = own;
    const reduction = { reduced: systems, traces, norms, hankel, squaredErrors };
    return await finishLayer(request, layer, reduction, tools);
  } catch (error) {
    throw inLayer(error, site.name);
  }
}

/** A reduced layer, and what its weights may be fitted to anew for rounded poles. */
interface ReductionToStore extends LayerReduction {
  readonly fitTo?: LayerSystems;
}

/** A layer as read, untied where that is asked for. */
interface ReadLayer {
  readonly family: Family;
  readonly site: LayerSite;
  readonly read: ReadonlyMap<string, TensorValues>;
  readonly values: ReadonlyMap<string, TensorValues>;
  readonly original: LayerSystems;
}

async function readLayer(
  { site: asRead, hyper, untying }: Pick<LayerRequest, 'site' | 'hyper' | 'untying'>,
  tools: Pick<LayerTools, 'checkpoint' | 'signal'>,
): Promise<ReadLayer> {
  const family = familyOf(asRead.family);
  const read = await readTensors(asRead, tools);
  const site = untying?.site ?? asRead;
  const values = untying?.apply(read) ?? read;
  return { family, site, read, values, original: family.read(site, values, hyper) };
}

/** The systems of a layer as its network computes with them, untied where that is asked for. */
export async function readSystems(
  layer: Pick<LayerRequest, 'site' | 'hyper' | 'untying'>,
  tools: Pick<LayerTools, 'checkpoint' | 'signal'>,
): Promise<LayerSystems> {
  return (await readLayer(layer, tools)).original;
}

async function finishLayer(
  {
    site: asRead,
    order,
    storedOrder = order,
    hyper,
    horizon,
    keepStaticGain = false,
  }: LayerRequest,
  { family, site, read, values, original }: ReadLayer,
  { fitTo, ...reduction }: ReductionToStore,
  { engine }: LayerTools,
): Promise<LayerOutcome> {
  const { edits, stored, certificate, notes } = await storeLayer(reduction.reduced, {
    ...{ family, site, hyper, values, order: storedOrder },
    expectedError: Math.sqrt(reduction.squaredErrors.reduce((sum, value) => sum + value, 0)),
    certify: (systems) => certifyParts(original, systems, horizon, engine),
    errorOf: ({ errors }) => Math.hypot(...errors),
    ...(fitTo === undefined || !hasKernels(fitTo)
      ? {}
      : {
          refit: (rounded, ridge) =>
            refitParts(fitTo, rounded, { horizon, ridge, keepStaticGain }, engine),
        }),
  });
  const findings = { original, stored, reduction, ...certificate };
  const record = describeLayer(asRead, { site, order, storedOrder }, findings);
  return {
    ...{ record, notes, whyProcessor: whyProcessor(original) },
    edits: [...edits, ...repeated(read, values, edits)],
  };
}

/** Tensors that untying has repeated and the reduction leaves alone. */
function repeated(
  before: ReadonlyMap<string, TensorValues>,
  after: ReadonlyMap<string, TensorValues>,
  edits: readonly TensorEdit[],
): TensorEdit[] {
  const edited = new Set(edits.map(({ name }) => name));
  return [...after]
    .filter(([name, tensor]) => tensor !== before.get(name) && !edited.has(name))
    .map(([name, { info, values }]) => ({ name, shape: info.shape, values }));
}

async function readTensors(
  site: LayerSite,
  { checkpoint, signal }: Pick<LayerTools, 'checkpoint' | 'signal'>,
): Promise<Map<string, TensorValues>> {
  const values = new Map<string, TensorValues>();
  for (const name of Object.values(site.tensors)) {
    values.set(name, await checkpoint.readTensor(name, signal));
  }
  return values;
}

async function reduceParts(
  systems: LayerSystems,
  request: ReductionRequest,
  site: LayerSite,
  { engine, onPiece }: LayerTools,
): Promise<LayerReduction> {
  const count = systemCount(systems);
  const parts = splitSystems(systems, partSize(count, engine.threads));
  const reductions = await Promise.all(
    parts.map(async ({ systems: part, kernels }) => {
      const output = await engine.run('reduce', { systems: part, request });
      onPiece?.({
        layer: site.name,
        channels: (kernels.length / count) * site.channels,
        squaredError: output.squaredErrors.reduce((sum, value) => sum + value, 0),
        squaredNorm: output.norms.reduce((sum, norm) => sum + norm * norm, 0),
      });
      return output;
    }),
  );
  return joinReductions(parts, reductions);
}

/** Kernels are certified a few at a time, shared poles or not; a system with several inputs and outputs at once. */
async function certifyParts(
  original: LayerSystems,
  stored: LayerSystems,
  horizon: number,
  engine: Engine,
): Promise<CertifiedErrors> {
  if (!hasKernels(original) || !hasKernels(stored)) {
    const [[p], [q]] = [splitSystems(original, 1), splitSystems(stored, 1)];
    return engine.run('certify', { original: p.systems, stored: q.systems, horizon });
  }
  const size = partSize(systemCount(original), engine.threads);
  const [before, after] = [original, stored].map((systems) =>
    splitSystems({ kind: 'independent', batch: kernelBatch(systems), poles: 'complex' }, size),
  );
  const outputs = await Promise.all(
    before.map(({ systems }, i) =>
      engine.run('certify', { original: systems, stored: after[i].systems, horizon }),
    ),
  );
  return { errors: Float64Array.from(outputs.flatMap(({ errors }) => [...errors])) };
}

/** Weights anew for the poles of a stored layer, a few kernels at a time. */
async function refitParts(
  original: KernelSystems,
  stored: LayerSystems,
  how: Refit,
  engine: Engine,
): Promise<LayerSystems> {
  const size = partSize(systemCount(original), engine.threads);
  const [before, after] = [original, stored].map((systems) => splitSystems(systems, size));
  const parts = await Promise.all(
    before.map(async ({ systems, kernels }, i) => {
      const reduced = after[i].systems;
      if (!hasKernels(systems) || !hasKernels(reduced)) return { systems: reduced, kernels };
      return { systems: await engine.run('refit', { original: systems, reduced, how }), kernels };
    }),
  );
  return joinSystems(parts);
}

/** A few kernels: enough parts that no thread waits long for the last, not so many that messages weigh. */
function partSize(count: number, threads: number): number {
  return Math.min(8, Math.max(1, Math.floor(count / (8 * threads))));
}

/** Names the layer where the error names no better place. */
function inLayer(error: unknown, layer: string): unknown {
  if (!SsmError.is(error) || error.place !== undefined) return error;
  if (error.reason === 'cancelled' || error.reason === 'worker-lost') return error;
  const file = error.file === undefined ? {} : { file: error.file };
  return new SsmError(
    error.reason,
    error.message,
    { ...file, place: `layer ${layer}` },
    { cause: error },
  );
}
