import { SsmError } from '../../core/errors';
import type { Parameter } from '../../core/network/network';
import { roundToStored } from '../../families/values';
import type { TensorEdit } from '../../formats/checkpoint';
import type { TensorInfo } from '../../formats/tensor';
import type { CalibratedLayerRecord, CalibrationRecord } from '../../protocol/calibration';
import type { Evaluation } from '../../protocol/evaluation';
import { openInput } from '../checkpointInput';
import { mapConcurrently } from '../concurrency';
import { evidenceOf } from '../hyper';
import { digestOf } from '../evaluate/seen';
import { storeReducedLayer, type LayerOutcome } from '../layerJob';
import { loadSettled, settleNetwork } from '../openNetwork';
import type { Run } from '../run';
import type { CalibratedLayer, CalibratedNetwork } from './calibrateNetwork';
import { calibrateAt, judge, partsDone, type CalibrationSession } from './session';
import type { OrderSearch } from './searchOrder';

/** A run that is calibrated with sample data. */
export interface CalibratedRun extends Run {
  readonly calibration: { readonly session: CalibrationSession; readonly search?: OrderSearch };
}

export interface CalibratedLayers {
  readonly layers: readonly LayerOutcome[];
  /** Of the tensors around the layers. */
  readonly edits: readonly TensorEdit[];
  readonly record: Omit<CalibrationRecord, 'evaluation'>;
}

/** Reduces the layers of a plan as the sample data asks, and everything that is fitted with them. */
export async function reduceCalibrated(run: CalibratedRun): Promise<CalibratedLayers> {
  const { calibration, plan, checkpoint, engine, meter, signal } = run;
  const { session, search } = calibration;
  const calibrated =
    search?.calibrated ??
    (await calibrateAt(session, plan.layers, {
      ...{ engine, signal },
      onProgress: (progress) => {
        meter.calibrating(progress);
      },
    }));
  const found = byName(calibrated);
  const layers = await mapConcurrently(plan.layers, 2, (layer) => {
    const { systems, traces } = foundFor(layer.site.name, found);
    const request = { ...layer, solver: plan.solver, horizon: plan.horizon.steps };
    return storeReducedLayer(request, { systems, traces }, { checkpoint, engine, signal });
  });
  const infos = new Map(checkpoint.tensors.map((info) => [info.name, info]));
  const edits = calibrated.changed.map((parameter) => editOf(parameter, infos));
  return {
    ...{ layers, edits },
    record: {
      data: session.data,
      sequences: session.sequences.length,
      drawn: { from: session.drawnFrom, sha256: await digestOf(session.params.data, signal) },
      parts: partsDone(session.params),
      ...(calibrated.refined && { refined: calibrated.refined }),
      layers: [...found.values()].map(describe),
      changedTensors: edits.map(({ name }) => name),
      ...(search === undefined ? {} : { tried: search.tried }),
      ...(search?.layers === undefined ? {} : { layersTried: search.layers.record }),
    },
  };
}

/** Measures the written file, before it gets its name, against the original on the held-out sequences. */
export async function judgeWritten(run: CalibratedRun): Promise<Evaluation> {
  const { calibration, files, sidecars, params, engine, meter, signal } = run;
  const input = await openInput(files.checkpoint.temporary, files.checkpoint.target);
  try {
    const written = await input.checkpoint(signal, params.fields && { fields: params.fields });
    const settled = settleNetwork(written, evidenceOf(written, sidecars, params.answers));
    return await judge(calibration.session, await loadSettled(written, settled, signal), {
      ...{ engine, signal },
      onSequences: (done, total) => {
        meter.evaluating(done, total);
      },
    });
  } finally {
    await input.close();
  }
}

/** Throws `bad-request` for a layer that is not part of the network, which no data can tell anything of. */
function foundFor(name: string, found: ReadonlyMap<string, CalibratedLayer>): CalibratedLayer {
  const layer = found.get(name);
  if (layer !== undefined) return layer;
  throw new SsmError('bad-request', `Layer ${name} is not met by the sample data.`);
}

function byName({ layers }: CalibratedNetwork): Map<string, CalibratedLayer> {
  return new Map([...layers.values()].map((layer) => [layer.name, layer]));
}

/** New contents for a parameter, in the orientation in which it is stored and rounded to its element type. */
function editOf(
  { tensor, shape, transposed, values }: Parameter,
  infos: ReadonlyMap<string, TensorInfo>,
): TensorEdit {
  const info = infos.get(tensor);
  if (info === undefined) throw new SsmError('internal', `No tensor ${tensor} to write to.`);
  const whole = { info, values };
  const oriented = transposed === true ? stored(values, shape) : values;
  return { name: tensor, shape, values: oriented.map((value) => roundToStored(value, whole)) };
}

/** From outputs × inputs to the file's inputs × outputs. */
function stored(values: Float64Array, shape: readonly number[]): Float64Array {
  const [rows, cols] = shape.slice(-2);
  return values.map((_, at) => values[(at % cols) * rows + Math.floor(at / cols)]);
}

function describe({
  name,
  fittedError,
  heldOutError,
  mixing,
}: CalibratedLayer): CalibratedLayerRecord {
  return {
    name,
    fittedError,
    heldOutError: heldOutError ?? null,
    ...(mixing === undefined ? {} : { mixing: { before: mixing.before, after: mixing.after } }),
  };
}
