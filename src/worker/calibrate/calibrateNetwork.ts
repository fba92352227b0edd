import { refitDecoder } from '../../core/calibrate/decoderRefit';
import { matchedStatistics, type FeatureMoments } from '../../core/calibrate/moments';
import type { AffineMap } from '../../core/calibrate/regression';
import type { InputSpectra } from '../../core/calibrate/spectra';
import type { Gathering, Program, SequencePair } from '../../core/calibrate/stage';
import type { WeightedEffort } from '../../core/calibrate/weightedSearch';
import { SsmError } from '../../core/errors';
import { holdState } from '../../core/network/held';
import type {
  BatchNormOp,
  LinearOp,
  Network,
  Parameter,
  StateSpaceLayer,
} from '../../core/network/network';
import { programOf, startState, type Sequence, type Step } from '../../core/network/program';
import type { SolverTrace } from '../../core/solve/solver';
import { slotCount } from '../../core/systems/kernels';
import type { LayerSystems } from '../../core/systems/layer';
import type { Engine } from '../engine';
import {
  changedParameter,
  draftOf,
  finishedNetwork,
  replaceStep,
  stretch,
  withMap,
  type Draft,
} from './changes';
import { applied, mapOf, refit } from './maps';
import type { CalibrationOptions } from './options';
import { reduceMimoLayer } from './reduceMimoLayer';
import { reduceWeightedLayer, type WeightedLayer } from './reduceWeightedLayer';
import { placeRefined } from './placeRefined';
import { refineNetwork } from './refineNetwork';
import { send, type Stream, type Sums } from './stream';

export interface CalibrationRequest {
  readonly network: Network;
  /** Calibration sequences; the caller keeps the held-out sequences of its figures to itself. */
  readonly sequences: readonly Sequence[];
  /** Slots to keep, one number a layer of the network; a layer that has no more stays as it is. */
  readonly slots: readonly number[];
  readonly options: CalibrationOptions;
  /** Rounds reduced systems to what the layer's family stores, so that later layers correct that too. */
  readonly store?: (layer: number, systems: LayerSystems) => LayerSystems;
  readonly effort?: WeightedEffort;
}

export interface CalibrationTools {
  readonly engine: Engine;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: CalibrationProgress) => void;
}

/** What a run is at. */
export interface CalibrationProgress {
  /** Name of the layer that is reduced, or whose outputs travel on. */
  readonly layer: string;
  readonly doing: 'sequences' | 'systems';
  readonly done: number;
  readonly of: number;
}

/** One layer after a calibrated reduction. Errors are relative, in the sense of root mean squares. */
export interface CalibratedLayer {
  readonly name: string;
  /** The systems as they are stored. */
  readonly systems: LayerSystems;
  readonly traces: readonly SolverTrace[];
  /** What the layer's outputs miss of the original's, on the sequences fitted to and on the others. */
  readonly fittedError: number;
  readonly heldOutError: number | undefined;
  /** The same for the output of the map after it, before and after that was solved anew. */
  readonly mixing?: { readonly before: number; readonly after: number; readonly lambda: number };
}

export interface CalibratedNetwork {
  readonly network: Network;
  /** The layers that were reduced, by their index in the network. */
  readonly layers: ReadonlyMap<number, CalibratedLayer>;
  /** Parameters outside the layers' systems that changed: skip weights, maps, norms. */
  readonly changed: readonly Parameter[];
  /** What the network's outputs miss of the original's on the calibration sequences, relative. */
  readonly outputError: number;
  /** The same on those of them that were not fitted to, before and after the refinement. */
  readonly refined?: { readonly before: number; readonly after: number };
}

/**
 * Compresses a network with sample data, without labels and without gradients through it (calibrated.md): layer by layer,
 * each fitted to what it really receives, and the maps, norms and the decoder around the layers solved anew.
 *
 * @throws SsmError `bad-request` for sequences that do not fit the network or are too few, `bad-parameters` where the
 *   original's signals are not finite, `cancelled`, `worker-lost`
 */
export async function calibrateNetwork(
  request: CalibrationRequest,
  tools: CalibrationTools,
): Promise<CalibratedNetwork> {
  const run = new CalibrationRun(request, tools);
  return await run.finish();
}

class CalibrationRun {
  private readonly steps: readonly Step[];
  private readonly draft: Draft;
  private readonly layers = new Map<number, CalibratedLayer>();
  private stream: Stream;
  private at = 0;
  private readonly original: Program;
  private current = '';

  constructor(
    private readonly request: CalibrationRequest,
    private readonly tools: CalibrationTools,
  ) {
    const { network, sequences, options } = request;
    this.steps = programOf(network);
    this.original = { layers: network.layers, steps: this.steps };
    this.draft = draftOf(network);
    this.stream = startOf(network, sequences, options.heldOutShare);
  }

  async finish(): Promise<CalibratedNetwork> {
    for (let at = 0; at < this.steps.length; at++) {
      await this.treat(this.steps[at], at);
    }
    await this.go(this.steps.length, 'nothing');
    const refined = await this.refine();
    return {
      network: finishedNetwork(this.request.network, this.draft),
      layers: this.layers,
      changed: [...this.draft.changed.values()],
      outputError: outputErrorOf(this.stream.pairs),
      ...(refined && { refined }),
    };
  }

  private async treat(step: Step, at: number): Promise<void> {
    const { options } = this.request;
    if (step.kind === 'state-space') await this.reduce(step.layer, at);
    else if (this.layers.size === 0) return;
    else if (step.kind === 'batch-norm' && options.norms) await this.moveNorm(step, at);
    else if (step.kind === 'linear' && step.role === 'mixing' && options.mixing) {
      await this.refitMixing(step, at);
    } else if (step.kind === 'linear' && step.role === 'decoder') await this.refitLast(step, at);
  }

  /** Sends the sequences on to the input of step `to`. */
  private async go(to: number, gather: Gathering): Promise<Sums> {
    const { layers, steps } = this.draft;
    const { pairs } = this.stream;
    const sent = await send(
      this.stream,
      stretch(this.original, this.at, to),
      stretch({ layers, steps }, this.at, to),
      gather,
      { ...this.tools, onSequences: this.progress('sequences', pairs.length) },
    );
    this.stream = sent;
    this.at = to;
    return sent;
  }

  private progress(doing: CalibrationProgress['doing'], of: number): (done: number) => void {
    return (done) => this.tools.onProgress?.({ layer: this.current, doing, done, of });
  }

  private async reduce(index: number, at: number): Promise<void> {
    const { network, options, store } = this.request;
    const layer = network.layers[index];
    const slots = this.request.slots[index];
    this.current = layer.name;
    if (slots >= slotCount(layer.systems)) return;
    const reduced =
      layer.systems.kind === 'mimo'
        ? await this.reduceMimo(layer, slots, at)
        : await this.reduceKernels(layer, slots, at);
    const systems = store?.(index, reduced.systems) ?? reduced.systems;
    const skip = layer.skip && {
      ...layer.skip,
      weight:
        reduced.skip === undefined || !options.skip
          ? layer.skip.weight
          : changedParameter(this.draft, layer.skip.weight, reduced.skip),
    };
    this.draft.layers[index] = { ...layer, systems, ...(skip && { skip }) };
    this.layers.set(index, {
      name: layer.name,
      systems,
      traces: reduced.traces,
      fittedError: relative(reduced.fitted),
      heldOutError: reduced.heldOut && relative(reduced.heldOut),
    });
  }

  private async reduceMimo(
    layer: StateSpaceLayer,
    slots: number,
    at: number,
  ): Promise<WeightedLayer> {
    await this.go(at, 'nothing');
    const { horizon, pairs } = this.stream;
    const { sequential, skip } = this.request.options;
    const { reduced, pairs: back } = await reduceMimoLayer(
      { layer, slots, pairs, horizon, sequential, freeSkip: skip },
      this.tools.engine,
      this.tools.signal,
    );
    this.stream = { horizon, pairs: back };
    return reduced;
  }

  private async reduceKernels(
    layer: StateSpaceLayer,
    slots: number,
    at: number,
  ): Promise<WeightedLayer> {
    const { options, effort } = this.request;
    const sums = await this.go(at, 'spectra');
    const seen = (part: Sums['fitted']): InputSpectra | undefined =>
      part === undefined || options.sequential
        ? (part as InputSpectra | undefined)
        : ownSpectra(part as InputSpectra);
    const spectra = seen(sums.fitted);
    if (spectra === undefined) throw new SsmError('internal', 'No sequence was recorded.');
    return await reduceWeightedLayer(
      {
        layer,
        slots,
        spectra,
        heldOut: seen(sums.heldOut),
        horizon: this.stream.horizon,
        epsilon: options.epsilon,
        freeSkip: options.skip,
        effort,
      },
      { ...this.tools, onSystems: this.progress('systems', layer.outputs) },
    );
  }

  /** Moves everything that was changed together, towards the original's outputs. */
  private async refine(): Promise<CalibratedNetwork['refined']> {
    const { options, sequences, store, network } = this.request;
    if (options.refine === undefined || this.layers.size === 0) return undefined;
    this.current = '';
    const part = (heldOut: boolean): Sequence[] =>
      sequences.filter((_, b) => this.stream.pairs[b].heldOut === heldOut);
    const wanted = (step: Step): boolean =>
      step.kind === 'linear' &&
      ((step.role === 'mixing' && options.mixing) || (step.role === 'decoder' && options.decoder));
    const movable = {
      layers: [...this.layers.keys()],
      skip: options.skip,
      maps: this.steps.flatMap((step, at) => (wanted(step) ? [at] : [])),
    };
    const { layers, steps } = this.draft;
    const { program, ...gain } = await refineNetwork(
      {
        original: this.original,
        start: { layers, steps },
        movable,
        fitted: part(false),
        heldOut: part(true),
        effort: options.refine,
      },
      { ...this.tools, onSequences: this.progress('sequences', sequences.length) },
    );
    placeRefined(this.draft, this.steps, movable, program, store).forEach((systems, index) => {
      this.note(index, { systems });
    });
    this.stream = startOf(network, sequences, options.heldOutShare);
    this.at = 0;
    await this.go(this.steps.length, 'nothing');
    return gain;
  }

  /** Adds to what is known of a layer. */
  private note(index: number, more: Partial<CalibratedLayer>): void {
    const layer = this.layers.get(index);
    if (layer !== undefined) this.layers.set(index, { ...layer, ...more });
  }

  private async refitMixing(step: LinearOp, at: number): Promise<void> {
    const found = refit(mapOf(step), await this.go(at, 'regression'));
    if (found === undefined) return;
    const { map, ...mixing } = found;
    replaceStep(this.draft, at, step, withMap(this.draft, step, map));
    const last = [...this.layers.keys()].at(-1);
    if (last !== undefined) this.note(last, { mixing });
  }

  private async moveNorm(step: BatchNormOp, at: number): Promise<void> {
    const { fitted } = await this.go(at, 'moments');
    if (fitted === undefined) return;
    const { mean, variance } = matchedStatistics(step, fitted as FeatureMoments);
    replaceStep(this.draft, at, step, {
      ...step,
      mean: changedParameter(this.draft, step.mean, mean),
      variance: changedParameter(this.draft, step.variance, variance),
    });
  }

  private async refitLast(step: LinearOp, at: number): Promise<void> {
    const { decoder, offset } = this.request.options;
    if (!decoder && !(offset && step.bias !== undefined)) return;
    const sums = await this.go(at, 'regression');
    const map = mapOf(step);
    const { pairs } = this.stream;
    const pooled = pairs.every((pair) => pair.original.length === 1);
    const found = pooled ? refitPooled(map, pairs, decoder) : refit(map, sums, decoder)?.map;
    if (found !== undefined) {
      replaceStep(this.draft, at, step, withMap(this.draft, step, found));
    }
  }
}

/** The last map from one feature vector a sequence. */
function refitPooled(map: AffineMap, pairs: readonly SequencePair[], weights: boolean): AffineMap {
  const features = Float64Array.from(pairs.flatMap((pair) => [...pair.compressed.x]));
  const wanted = Float64Array.from(pairs.flatMap((pair) => applied(map, pair.original.x)));
  return refitDecoder(map, features, wanted, weights).map;
}

/** The start of all sequences, every k-th of them held out. */
function startOf(network: Network, sequences: readonly Sequence[], share: number): Stream {
  if (sequences.length === 0) throw new SsmError('bad-request', 'There are no sample sequences.');
  const every = share > 0 && sequences.length >= 5 ? Math.round(1 / share) : Infinity;
  const pairs = sequences.map((sequence, b): SequencePair => {
    const start = startState(network, sequence);
    return {
      original: holdState(start),
      compressed: holdState(start),
      heldOut: b % every === every - 1,
    };
  });
  return { pairs, horizon: Math.max(...sequences.map(({ length }) => length)) };
}

/** Spectra as if the compressed network received what the original one does. */
function ownSpectra({ original }: InputSpectra): InputSpectra {
  return {
    power: original,
    crossRe: original,
    crossIm: new Float64Array(original.length),
    original,
  };
}

function relative(errors: { readonly error: Float64Array; readonly energy: Float64Array }): number {
  const sum = (x: Float64Array): number => x.reduce((a, b) => a + b, 0);
  return Math.sqrt(sum(errors.error) / sum(errors.energy));
}

function outputErrorOf(pairs: readonly SequencePair[]): number {
  let [error, energy] = [0, 0];
  for (const { original, compressed } of pairs) {
    original.x.forEach((value, i) => {
      error += (value - compressed.x[i]) ** 2;
      energy += value * value;
    });
  }
  return Math.sqrt(error / energy);
}
