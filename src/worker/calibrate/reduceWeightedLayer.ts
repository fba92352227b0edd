import type { ChannelErrors, ChannelsReduced } from '../../core/calibrate/reduceChannels';
import type { WeightedEffort } from '../../core/calibrate/weightedSearch';
import type { InputSpectra } from '../../core/calibrate/spectra';
import { createGrid } from '../../core/calibrate/spectrumGrid';
import { SsmError, throwIfCancelled } from '../../core/errors';
import type { StateSpaceLayer } from '../../core/network/network';
import type { SolverTrace } from '../../core/solve/solver';
import type { IndependentSystems, LayerSystems, TiedSystems } from '../../core/systems/layer';
import { cutModalBatch, joinModalBatches } from '../../core/systems/modal';
import type { Engine } from '../engine';

/** A layer to be reduced by its weighted error. */
export interface WeightedLayerRequest {
  readonly layer: StateSpaceLayer;
  readonly slots: number;
  readonly spectra: InputSpectra;
  readonly heldOut: InputSpectra | undefined;
  readonly horizon: number;
  readonly epsilon: number;
  readonly freeSkip: boolean;
  readonly effort?: WeightedEffort | undefined;
}

/** The reduced systems with the skip weights that go with them, and what their outputs miss. */
export interface WeightedLayer {
  readonly systems: LayerSystems;
  readonly skip: Float64Array | undefined;
  /** One a kernel, or one for a system with many inputs; kernels that share their poles share it. */
  readonly traces: readonly SolverTrace[];
  readonly fitted: ChannelErrors;
  readonly heldOut: ChannelErrors | undefined;
}

export interface WeightedTools {
  readonly engine: Engine;
  readonly signal?: AbortSignal | undefined;
  readonly onSystems?: (done: number) => void;
}

/** Most kernels of one task, which share the candidates' columns. */
const largestPiece = 8;
/** Tasks of each thread at least, so that all stay busy to the end where kernels differ in effort. */
const tasksPerThread = 4;

/** Reduces a layer on the threads. */
export async function reduceWeightedLayer(
  request: WeightedLayerRequest,
  tools: WeightedTools,
): Promise<WeightedLayer> {
  const { systems, name } = request.layer;
  switch (systems.kind) {
    case 'independent':
      return await reduceIndependent(request, systems, tools);
    case 'tied':
      return await reduceGroups(request, systems, tools);
    case 'mimo':
    case 'lqo':
      throw new SsmError('bad-request', `Layer ${name} cannot be calibrated.`);
  }
}

/** Every group of kernels with its own poles. */
async function reduceGroups(
  request: WeightedLayerRequest,
  systems: TiedSystems,
  { engine, signal, onSystems }: WeightedTools,
): Promise<WeightedLayer> {
  const { layer, slots, horizon, epsilon, spectra, heldOut } = request;
  const skip = layer.skip?.kind === 'diagonal' ? layer.skip.weight.values : undefined;
  const freeSkip = request.freeSkip && skip !== undefined;
  let done = 0;
  const parts = await Promise.all(
    systems.groups.map(async ({ kernels, system }) => {
      throwIfCancelled(signal);
      const features = kernels.map((kernel) => kernel % layer.inputs);
      const part = await engine.run('reduceTied', {
        system: structuredClone(system),
        features: features.map((_, c) => c),
        skip: skip && Float64Array.from(kernels, (kernel) => skip[kernel]),
        freeSkip,
        slots,
        horizon,
        kernelHorizon: Math.min(horizon, layer.horizon ?? Infinity),
        epsilon,
        spectra: pickFeatures(spectra, features, horizon),
        heldOut: heldOut && pickFeatures(heldOut, features, horizon),
      });
      throwIfCancelled(signal);
      onSystems?.((done += kernels.length));
      return part;
    }),
  );
  const fitted = zeroErrors(layer.outputs);
  const unseen = heldOut && zeroErrors(layer.outputs);
  const skips = skip?.slice();
  const traces: SolverTrace[] = [];
  parts.forEach((part, g) => {
    systems.groups[g].kernels.forEach((kernel, row) => {
      traces[kernel] = part.trace;
      fitted.error[kernel] = part.fitted.error[row];
      fitted.energy[kernel] = part.fitted.energy[row];
      if (skips && part.skip) skips[kernel] = part.skip[row];
      if (!unseen || !part.heldOut) return;
      unseen.error[kernel] = part.heldOut.error[row];
      unseen.energy[kernel] = part.heldOut.energy[row];
    });
  });
  return {
    systems: {
      ...systems,
      groups: parts.map((part, g) => ({ ...systems.groups[g], system: part.reduced })),
    },
    skip: skips,
    traces,
    fitted,
    heldOut: unseen,
  };
}

function zeroErrors(count: number): ChannelErrors {
  return { error: new Float64Array(count), energy: new Float64Array(count) };
}

/** Every kernel by itself, a few at a time. */
async function reduceIndependent(
  request: WeightedLayerRequest,
  systems: IndependentSystems,
  { engine, signal, onSystems }: WeightedTools,
): Promise<WeightedLayer> {
  const { layer, slots, horizon, epsilon, effort } = request;
  const skip = layer.skip?.kind === 'diagonal' ? layer.skip.weight.values : undefined;
  const freeSkip = request.freeSkip && skip !== undefined;
  const { batch } = systems;
  const fair = Math.floor(batch.count / (tasksPerThread * engine.threads));
  const piece = Math.max(1, Math.min(largestPiece, fair));
  let done = 0;
  const parts = await Promise.all(
    Array.from({ length: Math.ceil(batch.count / piece) }, async (_, i) => {
      const [from, to] = [i * piece, Math.min(batch.count, (i + 1) * piece)];
      const features = Int32Array.from({ length: to - from }, (_, c) => (from + c) % layer.inputs);
      throwIfCancelled(signal);
      const part = await engine.run('reduceChannels', {
        batch: cutModalBatch(batch, from, to),
        features: features.map((_, c) => c),
        skip: skip?.slice(from, to),
        freeSkip,
        slots,
        horizon,
        kernelHorizon: Math.min(horizon, layer.horizon ?? Infinity),
        epsilon,
        spectra: pickFeatures(request.spectra, features, horizon),
        heldOut: request.heldOut && pickFeatures(request.heldOut, features, horizon),
        effort,
      });
      throwIfCancelled(signal);
      onSystems?.((done += to - from));
      return part;
    }),
  );
  return {
    systems: { ...systems, batch: joinModalBatches(parts.map((part) => part.reduced)) },
    skip: freeSkip ? joined(parts, (part) => part.skip) : skip,
    traces: parts.flatMap((part) => part.traces),
    fitted: joinedErrors(parts, (part) => part.fitted),
    heldOut: request.heldOut && joinedErrors(parts, (part) => part.heldOut),
  };
}

function pickFeatures(spectra: InputSpectra, features: Int32Array, horizon: number): InputSpectra {
  const { points } = createGrid(horizon);
  const pick = (x: Float64Array): Float64Array => pickRows(x, features, points);
  return {
    power: pick(spectra.power),
    crossRe: pick(spectra.crossRe),
    crossIm: pick(spectra.crossIm),
    original: pick(spectra.original),
  };
}

function pickRows(x: Float64Array, rows: Int32Array, length: number): Float64Array {
  const picked = new Float64Array(rows.length * length);
  rows.forEach((row, i) => {
    picked.set(x.subarray(row * length, (row + 1) * length), i * length);
  });
  return picked;
}

function joined(
  parts: readonly ChannelsReduced[],
  of: (part: ChannelsReduced) => Float64Array | undefined,
): Float64Array {
  return Float64Array.from(parts.flatMap((part) => [...(of(part) ?? [])]));
}

function joinedErrors(
  parts: readonly ChannelsReduced[],
  of: (part: ChannelsReduced) => ChannelErrors | undefined,
): ChannelErrors {
  return {
    error: joined(parts, (part) => of(part)?.error),
    energy: joined(parts, (part) => of(part)?.energy),
  };
}
