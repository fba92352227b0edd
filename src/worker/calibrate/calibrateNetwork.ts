import { refitDecoder } from '../../core/calibrate/decoderRefit';
import type { Block, BlockSample } from '../../core/calibrate/refine/block';
import { isPointwise, type PointwiseStep } from '../../core/calibrate/refine/pointwise';
import { matchedStatistics, type FeatureMoments } from '../../core/calibrate/moments';
import {
  mapError,
  refitMap,
  type AffineMap,
  type RegressionSums,
} from '../../core/calibrate/regression';
import { createGrid } from '../../core/calibrate/spectrumGrid';
import type { InputSpectra } from '../../core/calibrate/spectra';
import type { Gathering, SequencePair } from '../../core/calibrate/stage';
import type { WeightedEffort } from '../../core/calibrate/weightedSearch';
import { SsmError } from '../../core/errors';
import { holdState, type HeldState } from '../../core/network/held';
import type {
  BatchNormOp,
  LinearOp,
  Network,
  Parameter,
  StateSpaceLayer,
} from '../../core/network/network';
import { programOf, startState, type Sequence, type Step } from '../../core/network/program';
import type { SolverTrace } from '../../core/solve/solver';
import type { LayerSystems } from '../../core/systems/layer';
import type { ModalBatch } from '../../core/systems/modal';
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
import type { CalibrationOptions } from './options';
import { reduceMimoLayer } from './reduceMimoLayer';
import { reduceWeightedLayer, type WeightedLayer } from './reduceWeightedLayer';
import { refineBlock } from './refineBlock';
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
  /** The same for the output of the whole block on held-out sequences, before and after the refinement. */
  readonly refined?: { readonly before: number; readonly after: number };
}

export interface CalibratedNetwork {
  readonly network: Network;
  /** The layers that were reduced, by their index in the network. */
  readonly layers: ReadonlyMap<number, CalibratedLayer>;
  /** Parameters outside the layers' systems that changed: skip weights, maps, norms. */
  readonly changed: readonly Parameter[];
  /** What the network's outputs miss of the original's on the calibration sequences, relative. */
  readonly outputError: number;
}

/** Ridge weights of a refitted map, as shares of the features' squares; chosen on held-out sequences. */
const mixingLambdas = [1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1];
const usualLambda = 1e-4;

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
  private current = '';
  /** One array a layer, outputs × M. */
  private care: readonly Float64Array[] | undefined;
  /** The block whose layer was reduced last, until its end is reached. */
  private opened: OpenBlock | undefined;

  constructor(
    private readonly request: CalibrationRequest,
    private readonly tools: CalibrationTools,
  ) {
    const { network, sequences, options } = request;
    this.steps = programOf(network);
    this.draft = draftOf(network);
    this.stream = startOf(network, sequences, options.heldOutShare);
  }

  async finish(): Promise<CalibratedNetwork> {
    if (this.request.options.careFloor !== undefined) {
      this.care = await sensitivities(this.request, this.stream, this.tools.engine);
    }
    for (let at = 0; at < this.steps.length; at++) {
      await this.treat(this.steps[at], at);
      if (this.opened !== undefined && at + 1 === this.opened.end) await this.refine(this.opened);
    }
    await this.go(this.steps.length, 'nothing');
    return {
      network: finishedNetwork(this.request.network, this.draft),
      layers: this.layers,
      changed: [...this.draft.changed.values()],
      outputError: outputErrorOf(this.stream.pairs),
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
    const original = { layers: this.request.network.layers, steps: this.steps };
    const { pairs } = this.stream;
    const sent = await send(
      this.stream,
      stretch(original, this.at, to),
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
    if (slots >= slotsOf(layer.systems)) return;
    const reduced =
      layer.systems.kind === 'mimo'
        ? await this.reduceMimo(layer, slots, at)
        : await this.reduceKernels(index, layer, slots, at);
    const systems = store?.(index, reduced.systems) ?? reduced.systems;
    const skip = layer.skip && {
      ...layer.skip,
      weight:
        reduced.skip === undefined || !options.skip
          ? layer.skip.weight
          : changedParameter(this.draft, layer.skip.weight, reduced.skip),
    };
    this.draft.layers[index] = { ...layer, systems, ...(skip && { skip }) };
    if (options.refine !== undefined && layer.bidirectional === undefined) {
      const end = endOfBlock(this.steps, at);
      const entries = this.stream.pairs.map(({ compressed }) => structuredClone(compressed));
      this.opened = { index, at, end, entries };
    }
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
    index: number,
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
        care: this.care?.[index],
        effort,
      },
      { ...this.tools, onSystems: this.progress('systems', layer.outputs) },
    );
  }

  /** Moves the variables of a block together, then sends the compressed sequences through it again. */
  private async refine({ index, at, end, entries }: OpenBlock): Promise<void> {
    const { options, store } = this.request;
    this.opened = undefined;
    await this.go(end, 'nothing');
    const layer = this.draft.layers[index];
    const steps = this.draft.steps.slice(at + 1, end).filter(isPointwise);
    if (options.refine === undefined || layer.systems.kind !== 'independent') return;
    const { pairs } = this.stream;
    const cares = await this.adjointsAt(end, pairs);
    const scale = {
      positions: mean(pairs.map(({ original }) => original.x.reduce((sum, v) => sum + v * v, 0))),
      output: varianceOf(cares.outputs),
    };
    const samples = pairs.map(
      ({ original, heldOut }, b): BlockSample & { readonly heldOut: boolean } => ({
        x: entries[b].x.slice(),
        residual: entries[b].residuals.at(-1)?.slice(),
        wanted: original.x.slice(),
        length: entries[b].length,
        care: cares.gradients[b],
        heldOut,
      }),
    );
    const { block, before, after } = await refineBlock(
      blockOf(layer, layer.systems.batch, steps),
      samples.filter(({ heldOut }) => !heldOut),
      samples.filter(({ heldOut }) => heldOut),
      scale,
      options.refine,
      this.tools.engine,
      this.tools.signal,
    );
    const batch = batchOf(block, layer.systems.batch);
    const systems = store?.(index, { ...layer.systems, batch }) ?? { ...layer.systems, batch };
    const skip = layer.skip && {
      ...layer.skip,
      weight: changedParameter(
        this.draft,
        layer.skip.weight,
        block.skip ?? layer.skip.weight.values,
      ),
    };
    this.draft.layers[index] = { ...layer, systems, ...(skip && { skip }) };
    block.steps.forEach((step, i) => {
      const place = at + 1 + i;
      const now = this.draft.steps[place];
      const original = this.steps[place];
      if (step.kind === 'linear' && now.kind === 'linear' && original.kind === 'linear') {
        replaceStep(this.draft, place, original, withMap(this.draft, now, mapOf(step)));
      }
      if (step.kind === 'layer-norm' && now.kind === 'layer-norm' && original.kind === step.kind) {
        const changed = (parameter: Parameter | undefined): Parameter | undefined =>
          parameter && changedParameter(this.draft, parameter, parameter.values);
        const [scale, shift] = [changed(step.scale), changed(step.shift)];
        replaceStep(this.draft, place, original, {
          ...now,
          ...(scale && { scale }),
          ...(shift && { shift }),
        });
      }
    });
    const done = this.layers.get(index);
    if (done !== undefined)
      this.layers.set(index, { ...done, systems, refined: { before, after } });
    const { layers, steps: drafted } = this.draft;
    this.stream = await send(
      {
        ...this.stream,
        pairs: pairs.map((pair, b) => ({ ...pair, compressed: entries[b] })),
      },
      { layers: [], steps: [] },
      stretch({ layers, steps: drafted }, at, end),
      'nothing',
      this.tools,
    );
  }

  /** Gradients of the original's output with respect to what stands before step `end`. */
  private async adjointsAt(
    end: number,
    pairs: readonly SequencePair[],
  ): Promise<{ gradients: Float32Array[]; outputs: number[] }> {
    const original = { layers: this.request.network.layers, steps: this.steps };
    const program = stretch(original, end, this.steps.length);
    const parts = await Promise.all(
      Array.from({ length: Math.ceil(pairs.length / 8) }, (_, i) => {
        const indices = [...pairs.keys()].slice(8 * i, 8 * i + 8);
        const starts = indices.map((b) => pairs[b].original);
        return this.tools.engine.run('adjoints', structuredClone({ program, starts, indices }));
      }),
    );
    return {
      gradients: parts.flatMap((part) => [...part.gradients]),
      outputs: parts.flatMap((part) => [...part.outputs]),
    };
  }

  private async refitMixing(step: LinearOp, at: number): Promise<void> {
    const sums = await this.go(at, 'regression');
    const [fitted, heldOut] = [sums.fitted, sums.heldOut] as (RegressionSums | undefined)[];
    if (fitted === undefined) return;
    const map = mapOf(step);
    const tried = (heldOut === undefined ? [usualLambda] : mixingLambdas).flatMap((lambda) => {
      const refitted = refitMap(map, fitted, lambda);
      if (refitted === undefined) return [];
      return [{ lambda, refitted, ...mapError(refitted, map, heldOut ?? fitted) }];
    });
    const before = mapError(map, map, heldOut ?? fitted);
    const best = tried.sort((a, b) => a.error - b.error).at(0);
    if (best === undefined || !(best.error < before.error)) return;
    replaceStep(this.draft, at, step, withMap(this.draft, step, best.refitted));
    const last = [...this.layers.keys()].at(-1);
    const layer = last === undefined ? undefined : this.layers.get(last);
    if (last === undefined || layer === undefined) return;
    this.layers.set(last, {
      ...layer,
      mixing: {
        lambda: best.lambda,
        before: Math.sqrt(before.error / before.energy),
        after: Math.sqrt(best.error / best.energy),
      },
    });
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
    const { options } = this.request;
    if (!options.decoder && !options.offset) return;
    const sums = await this.go(at, 'regression');
    const map = mapOf(step);
    const { pairs } = this.stream;
    if (pairs.every((pair) => pair.original.length === 1)) {
      const features = Float64Array.from(pairs.flatMap((pair) => [...pair.compressed.x]));
      const wanted = pairs.flatMap((pair) => applied(map, pair.original.x));
      const { map: refitted } = refitDecoder(map, features, Float64Array.from(wanted));
      replaceStep(this.draft, at, step, withMap(this.draft, step, refitted));
      return;
    }
    const [fitted, heldOut] = [sums.fitted, sums.heldOut] as (RegressionSums | undefined)[];
    if (fitted === undefined) return;
    const tried = mixingLambdas.flatMap((lambda) => {
      const refitted = refitMap(map, fitted, lambda);
      return refitted === undefined
        ? []
        : [{ refitted, ...mapError(refitted, map, heldOut ?? fitted) }];
    });
    const best = tried.sort((a, b) => a.error - b.error).at(0);
    if (best === undefined) return;
    replaceStep(this.draft, at, step, withMap(this.draft, step, best.refitted));
  }
}

interface OpenBlock {
  readonly index: number;
  /** Step of the layer, and the first step after its block. */
  readonly at: number;
  readonly end: number;
  /** The compressed sequences at the input of the layer. */
  readonly entries: readonly HeldState[];
}

/** The block of a layer goes on to the sum with its residual, and to a norm that follows at once. */
function endOfBlock(steps: readonly Step[], at: number): number {
  let end = at + 1;
  while (end < steps.length && isPointwise(steps[end])) {
    const { kind } = steps[end++];
    if (kind !== 'add') continue;
    const next = steps.at(end)?.kind;
    return next === 'layer-norm' && steps.at(end + 1)?.kind !== 'state-space' ? end + 1 : end;
  }
  return end;
}

function blockOf(
  layer: StateSpaceLayer,
  batch: ModalBatch,
  steps: readonly PointwiseStep[],
): Block {
  return {
    inputs: layer.inputs,
    outputs: layer.outputs,
    modes: {
      count: batch.count,
      slots: batch.slots,
      decay: batch.poleRe.map((x) => Math.log(-x)),
      phase: batch.poleIm,
      weightRe: batch.weightRe,
      weightIm: batch.weightIm,
    },
    skip: layer.skip?.weight.values,
    steps,
  };
}

function batchOf({ modes }: Block, before: ModalBatch): ModalBatch {
  return {
    ...before,
    poleRe: modes.decay.map((x) => -Math.exp(x)),
    poleIm: modes.phase,
    weightRe: modes.weightRe,
    weightIm: modes.weightIm,
  };
}

/** Sequences that the sensitivities are averaged over. */
const sensitivitySequences = 48;

/** How much the output cares for errors of each layer's outputs, with mean 1 for every kernel. */
async function sensitivities(
  { network, options }: CalibrationRequest,
  { pairs, horizon }: Stream,
  engine: Engine,
): Promise<Float64Array[]> {
  const program = { layers: network.layers, steps: programOf(network) };
  const chosen = pairs.slice(0, sensitivitySequences).map(({ original }) => original);
  const parts = await Promise.all(
    Array.from({ length: Math.ceil(chosen.length / 4) }, (_, i) =>
      engine.run(
        'sensitivity',
        structuredClone({ program, starts: chosen.slice(4 * i, 4 * i + 4), horizon }),
      ),
    ),
  );
  const { points: M } = createGrid(horizon);
  return network.layers.map((_, layer) => {
    const sums = parts.map((part) => part.sums[layer]);
    const care = sums[0].map((_, i) => sums.reduce((total, part) => total + part[i], 0));
    for (let at = 0; at < care.length; at += M) {
      const part = care.subarray(at, at + M);
      const mean = part.reduce((total, value) => total + value, 0) / M;
      const floor = options.careFloor ?? 1;
      for (let m = 0; m < M; m++) {
        part[m] = mean > 0 ? (1 - floor) * (part[m] / mean) + floor : 1;
      }
    }
    return care;
  });
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

function slotsOf(systems: LayerSystems): number {
  switch (systems.kind) {
    case 'independent':
      return systems.batch.slots;
    case 'tied':
      return systems.groups[0]?.system.poles.re.length ?? 0;
    case 'mimo':
    case 'lqo':
      return systems.system.poles.re.length;
  }
}

function mapOf({ inputs, outputs, weight, bias }: LinearOp): AffineMap {
  return {
    inputs,
    outputs,
    weight: weight.values,
    bias: bias?.values ?? new Float64Array(outputs),
    hasBias: bias !== undefined,
  };
}

function applied({ inputs, outputs, weight, bias }: AffineMap, x: Float32Array): number[] {
  return Array.from({ length: outputs }, (_, o) => {
    let sum = bias[o];
    for (let i = 0; i < inputs; i++) sum += weight[o * inputs + i] * x[i];
    return sum;
  });
}

function relative(errors: { readonly error: Float64Array; readonly energy: Float64Array }): number {
  const sum = (x: Float64Array): number => x.reduce((a, b) => a + b, 0);
  return Math.sqrt(sum(errors.error) / sum(errors.energy));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function varianceOf(values: readonly number[]): number {
  const centre = mean(values);
  return mean(values.map((value) => (value - centre) ** 2));
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
