import { SsmError } from '../core/errors';
import type { ReductionRequest } from '../core/solve/solver';
import type { ModalBatch } from '../core/systems/modal';
import type { LayerSite } from '../families/family';
import { familyOf } from '../families/recognise';
import { independentBatch } from '../families/values';
import type { Checkpoint, TensorEdit } from '../formats/checkpoint';
import type { TensorValues } from '../formats/tensor';
import type { LayerRecord } from '../protocol/report';
import type { Engine } from './engine';
import { describeLayer } from './report';
import { cutModalBatch, joinModalBatches, type Reduction } from './tasks';

/** What is asked for one layer. */
export interface LayerRequest extends Omit<ReductionRequest, 'slots'> {
  readonly site: LayerSite;
  readonly order: number;
}

/** What a finished piece of a layer tells those who wait: sums of squares over its systems. */
export interface PieceDone {
  readonly layer: string;
  readonly systems: number;
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
}

/**
 * Reduces one layer: reads its tensors, reduces its systems, stores them in the element type of the file, and bounds
 * the error of what is stored.
 *
 * @throws SsmError `bad-parameters` or `unstable` naming the tensor, `cancelled`, `worker-lost`
 */
export async function reduceLayer(request: LayerRequest, tools: LayerTools): Promise<LayerOutcome> {
  const { site, order, ...how } = request;
  const family = familyOf(site.family);
  try {
    const values = await readTensors(site, tools);
    const original = independentBatch(family.read(site, values, {}));
    const slots = family.slotsForOrder(order);
    const reduction = await reduceSystems(original, { ...how, slots }, site.name, tools);
    const edits = family.write(
      site,
      { kind: 'independent', batch: reduction.reduced, poles: 'complex' },
      values,
      {},
    );
    const stored = independentBatch(
      family.read({ ...site, order, slots }, withEdits(values, edits), {}),
    );
    const errors = await certifySystems(original, stored, how.horizon, tools.engine);
    const record = describeLayer(site, order, { original, stored, reduction, errors });
    return { edits, record };
  } catch (error) {
    throw inLayer(error, site.name);
  }
}

async function readTensors(
  site: LayerSite,
  { checkpoint, signal }: LayerTools,
): Promise<Map<string, TensorValues>> {
  const values = new Map<string, TensorValues>();
  for (const name of Object.values(site.tensors)) {
    values.set(name, await checkpoint.readTensor(name, signal));
  }
  return values;
}

function withEdits(
  values: ReadonlyMap<string, TensorValues>,
  edits: readonly TensorEdit[],
): Map<string, TensorValues> {
  const edited = new Map(values);
  for (const { name, shape, values: numbers } of edits) {
    const info = values.get(name)?.info;
    if (info === undefined) throw new SsmError('internal', `No tensor ${name} to write to.`);
    edited.set(name, { info: { ...info, shape }, values: numbers });
  }
  return edited;
}

async function reduceSystems(
  batch: ModalBatch,
  request: ReductionRequest,
  layer: string,
  { engine, onPiece }: LayerTools,
): Promise<Reduction> {
  const outputs = await Promise.all(
    pieces(batch.count, engine.threads).map(async ([from, to]) => {
      const output = await engine.run('reduce', { batch: cutModalBatch(batch, from, to), request });
      onPiece?.({
        layer,
        systems: to - from,
        squaredError: output.squaredErrors.reduce((sum, value) => sum + value, 0),
        squaredNorm: output.norms.reduce((sum, norm) => sum + norm * norm, 0),
      });
      return output;
    }),
  );
  return {
    reduced: joinModalBatches(outputs.map(({ reduced }) => reduced)),
    traces: outputs.flatMap(({ traces }) => traces),
    norms: Float64Array.from(outputs.flatMap(({ norms }) => [...norms])),
    hankel: outputs.flatMap(({ hankel }) => hankel),
    squaredErrors: Float64Array.from(outputs.flatMap(({ squaredErrors }) => [...squaredErrors])),
  };
}

async function certifySystems(
  original: ModalBatch,
  stored: ModalBatch,
  horizon: number,
  engine: Engine,
): Promise<Float64Array> {
  const outputs = await Promise.all(
    pieces(original.count, engine.threads).map(([from, to]) =>
      engine.run('certify', {
        original: cutModalBatch(original, from, to),
        stored: cutModalBatch(stored, from, to),
        horizon,
      }),
    ),
  );
  return Float64Array.from(outputs.flatMap(({ errors }) => [...errors]));
}

/** Ranges of a few systems: enough of them that no thread waits long for the last, not so many that messages weigh. */
function pieces(count: number, threads: number): [from: number, to: number][] {
  const size = Math.min(8, Math.max(1, Math.floor(count / (8 * threads))));
  return Array.from({ length: Math.ceil(count / size) }, (_, index) => [
    index * size,
    Math.min(count, (index + 1) * size),
  ]);
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
