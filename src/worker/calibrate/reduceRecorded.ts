import { SsmError, throwIfCancelled } from '../../core/errors';
import { addSpectra, emptySpectra, type InputSpectra } from '../../core/calibrate/spectra';
import { createGrid } from '../../core/calibrate/spectrumGrid';
import type { Sequence } from '../../core/network/program';
import { familyOf } from '../../families/recognise';
import type { TensorValues } from '../../formats/tensor';
import type { RecordedRecord } from '../../protocol/calibration';
import { storeReducedLayer, type LayerOutcome } from '../layerJob';
import type { LayerPlan } from '../layerPlans';
import { featuresOf } from '../recordScript';
import type { Run } from '../run';
import { openRecorded, type RecordedInputs } from '../samples/recorded';
import { splitSamples } from '../samples/split';
import { allCalibration } from './options';
import { reduceWeightedLayer, type WeightedLayer } from './reduceWeightedLayer';
import { layerSystemsOf } from './untied';

export interface RecordedLayers {
  readonly layers: readonly LayerOutcome[];
  readonly record: RecordedRecord;
}

/**
 * Reduces the layers of a network that is not known here, each weighed by the inputs that were recorded in the live
 * model (`recordScript`). Nothing but the layers' systems changes.
 *
 * @throws SsmError as `openRecorded` does, or `bad-request` for too few sequences
 */
export async function reduceRecorded(file: string, run: Run): Promise<RecordedLayers> {
  const { plan, checkpoint, engine, meter, signal } = run;
  const inputs = await openRecorded(
    file,
    plan.layers.map(({ site }) => site),
    signal,
  );
  try {
    const heldOutShare = Math.round((1 - allCalibration.heldOutShare) * inputs.count);
    const parts = splitSamples(inputs.count, { calibration: heldOutShare });
    const layers: LayerOutcome[] = [];
    const records: RecordedRecord['layers'][number][] = [];
    for (const layer of plan.layers) {
      const reduced = await weigh(layer, inputs, parts, run);
      const request = { ...layer, solver: plan.solver, horizon: plan.horizon.steps };
      layers.push(await storeReducedLayer(request, reduced, { checkpoint, engine, signal }));
      records.push(describe(layer.site.name, reduced));
      meter.layerDone();
    }
    return { layers, record: { sequences: inputs.count, layers: records } };
  } finally {
    await inputs.close();
  }
}

/** One layer by the spectra of its inputs. */
async function weigh(
  plan: LayerPlan,
  inputs: RecordedInputs,
  parts: { readonly calibration: readonly number[]; readonly heldOut: readonly number[] },
  { checkpoint, engine, meter, signal }: Run,
): Promise<WeightedLayer> {
  const { site, order } = plan;
  const values = new Map<string, TensorValues>();
  for (const name of Object.values(site.tensors)) {
    values.set(name, await checkpoint.readTensor(name, signal));
  }
  const systems = layerSystemsOf(plan, values);
  const indices = [...parts.calibration, ...parts.heldOut];
  const horizon = Math.max(...indices.map((index) => inputs.lengthOf(index)));
  const features = featuresOf(site);
  const spectraOf = async (chosen: readonly number[]): Promise<InputSpectra> => {
    const grid = createGrid(horizon);
    const spectra = emptySpectra(features, grid);
    for (const [at, index] of chosen.entries()) {
      throwIfCancelled(signal);
      const sequence: Sequence = await inputs.sequence(site.name, index, signal);
      addSpectra(spectra, grid, sequence.x, sequence.x, sequence.length);
      meter.calibrating({ layer: site.name, doing: 'sequences', done: at, of: indices.length });
    }
    return spectra;
  };
  return reduceWeightedLayer(
    {
      layer: { name: site.name, inputs: features, outputs: outputsOf(plan), systems },
      slots: familyOf(site.family).slotsForOrder(order),
      spectra: await spectraOf(parts.calibration),
      heldOut: await spectraOf(parts.heldOut),
      ...{ horizon, epsilon: allCalibration.epsilon, freeSkip: false },
    },
    {
      engine,
      signal,
      onSystems: (done) => {
        meter.calibrating({ layer: site.name, doing: 'systems', done, of: site.channels });
      },
    },
  );
}

function outputsOf({ site }: LayerPlan): number {
  return site.sizes?.outputs ?? site.channels;
}

function describe(
  name: string,
  { fitted, heldOut }: WeightedLayer,
): RecordedRecord['layers'][number] {
  const relative = ({ error, energy }: WeightedLayer['fitted']): number => {
    const sum = (x: Float64Array): number => x.reduce((a, b) => a + b, 0);
    return Math.sqrt(sum(error) / Math.max(sum(energy), Number.MIN_VALUE));
  };
  if (heldOut === undefined) throw new SsmError('internal', 'No sequence was held out.');
  return { name, fittedError: relative(fitted), heldOutError: relative(heldOut) };
}
