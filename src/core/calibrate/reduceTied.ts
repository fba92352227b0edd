import { throwIfCancelled } from '../errors';
import { sumOverChannels, type SharedProjection } from '../objective/sharedProjection';
import { boundedNewton, continueNewton, type NewtonPoint } from '../solve/boundedNewton';
import { coordinatesOf, polesAt, sharedProblem } from '../solve/sharedProblem';
import type { SolverTrace } from '../solve/solver';
import { createPoleSet, setPole } from '../systems/poleSet';
import { channelModes, channelSteps, logPoles, type TiedSystem } from '../systems/tied';
import { channelError } from './channelError';
import { candidatesAt, insertionGains, weighCandidates } from './insertion';
import type { ChannelErrors } from './reduceChannels';
import { featureSpectra, type InputSpectra } from './spectra';
import { createGrid, lagTaper } from './spectrumGrid';
import { WeightedProjection } from './weightedProjection';
import { finiteResponse, weightedTarget, type WeightedTarget } from './weightedTarget';

/** Kernels that share their poles, with what they received; see `ChannelsRequest`. */
export interface TiedRequest {
  readonly system: TiedSystem;
  readonly features: Int32Array;
  readonly skip: Float64Array | undefined;
  readonly freeSkip: boolean;
  readonly slots: number;
  readonly horizon: number;
  readonly kernelHorizon: number;
  readonly epsilon: number;
  readonly spectra: InputSpectra;
  readonly heldOut: InputSpectra | undefined;
}

export interface TiedReduced {
  readonly reduced: TiedSystem;
  readonly skip: Float64Array | undefined;
  readonly trace: SolverTrace;
  readonly fitted: ChannelErrors;
  readonly heldOut: ChannelErrors | undefined;
}

const growthSteps = 4;
const finishSteps = 40;
const swapSteps = 8;
const swapFailures = 3;
const worthwhile = 1e-3;

/**
 * Reduces kernels that share their poles: the sum of their weighted errors over the shared poles, grown greedily from the
 * layer's own poles by the gain summed over the channels, settled by Newton's method after each, then improved by swaps.
 */
export function reduceTied(request: TiedRequest, signal?: AbortSignal): TiedReduced {
  const { system, slots, horizon, kernelHorizon, epsilon, freeSkip, features } = request;
  const grid = createGrid(horizon, 0, kernelHorizon);
  const search = createGrid(horizon, lagTaper, kernelHorizon);
  const count = system.steps.length;
  const channels = [...features.keys()];
  const spectra = channels.map((h) => featureSpectra(request.spectra, grid, features[h]));
  const full = channels.map((h) =>
    finiteResponse(grid, channelModes(system, h), request.skip?.[h] ?? 0),
  );
  const targets = channels.map((h) => {
    const wanted = freeSkip ? full[h] : finiteResponse(grid, channelModes(system, h), 0);
    return weightedTarget(search, wanted, spectra[h], epsilon);
  });
  const steps = channels.map((h) => channelSteps(system, h));
  const skips = new Float64Array(count);
  const norm2 = targets.reduce((sum, target) => sum + target.norm2, 0);
  const objective = (r: number): SharedProjection & { readonly projection: WeightedProjection } => {
    const projection = new WeightedProjection(targets[0], r, freeSkip);
    const shared = sumOverChannels(projection, steps, norm2, (h) => {
      projection.aim(targets[h]);
    });
    return { ...shared, projection };
  };
  const gainsAt = (x: Float64Array): Float64Array => summedGains(system, targets, x, freeSkip);
  let x: Float64Array = new Float64Array(0);
  let point: NewtonPoint | undefined;
  for (let r = 1; r <= slots; r++) {
    throwIfCancelled(signal);
    x = inserted(system, x, gainsAt(x));
    point = boundedNewton(sharedProblem(system, objective(r)), x, growthSteps);
    x = point.x.slice();
  }
  const problem = sharedProblem(system, objective(slots));
  let best = point ?? boundedNewton(problem, x, 0);
  best = continueNewton(problem, best, swapSteps);
  let failures = 0;
  for (let round = 0; round < 2 * slots && failures < Math.min(slots, swapFailures); round++) {
    throwIfCancelled(signal);
    const kept = without(best.x, cheapest(system, targets, best.x, freeSkip)[failures]);
    const trial = boundedNewton(problem, inserted(system, kept, gainsAt(kept)), swapSteps);
    if (trial.value < best.value * (1 - worthwhile)) {
      best = { ...trial, history: [...best.history, trial.value] };
      failures = 0;
    } else failures++;
  }
  best = continueNewton(problem, best, finishSteps);
  const { projection, ...last } = objective(slots);
  const weights = { rows: count, cols: slots, re: last.weights.re, im: last.weights.im };
  const set = createPoleSet(slots, kernelHorizon);
  const poles = polesAt(best.x);
  channels.forEach((h) => {
    projection.aim(targets[h]);
    placeAt(set, logPoles(poles, steps[h]));
    projection.value(set);
    weights.re.set(projection.weightRe, h * slots);
    weights.im.set(projection.weightIm, h * slots);
    skips[h] = projection.skip;
  });
  const reduced = { ...system, poles, weights };
  const skip = freeSkip ? skips : request.skip;
  const measure = (seen: InputSpectra): ChannelErrors => {
    const measured = channels.map((h) => {
      const response = finiteResponse(grid, channelModes(reduced, h), skip?.[h] ?? 0);
      return channelError(grid, featureSpectra(seen, grid, features[h]), full[h], response);
    });
    return {
      error: Float64Array.from(measured, ({ error }) => error),
      energy: Float64Array.from(measured, ({ energy }) => energy),
    };
  };
  return {
    reduced,
    skip,
    trace: {
      start: 'weighted greedy',
      stop: best.stop,
      objective: best.history.map((value) => value / grid.length),
      notes: [],
    },
    fitted: measure(request.spectra),
    heldOut: request.heldOut && measure(request.heldOut),
  };
}

function placeAt(
  set: ReturnType<typeof createPoleSet>,
  poles: { re: Float64Array; im: Float64Array },
): void {
  for (let j = 0; j < set.count; j++) setPole(set, j, poles.re[j], poles.im[j]);
}

/** Poles of the layer itself are the candidates; their gains, summed over the channels. */
function summedGains(
  system: TiedSystem,
  targets: readonly WeightedTarget[],
  x: Float64Array,
  freeSkip: boolean,
): Float64Array {
  const gains = new Float64Array(system.poles.re.length);
  const r = x.length / 2;
  const projection = new WeightedProjection(targets[0], r, freeSkip);
  const { grid } = targets[0];
  const set = createPoleSet(r, grid.horizon);
  targets.forEach((target, h) => {
    const steps = channelSteps(system, h);
    projection.aim(target);
    placeAt(set, logPoles(polesAt(x), steps));
    if (!(projection.value(set) < Infinity)) return;
    const own = candidatesAt(grid, logPoles(system.poles, steps));
    const [found] = insertionGains(projection, [weighCandidates(target, own)]);
    found.forEach((gain, n) => (gains[n] += Math.max(0, gain)));
  });
  return gains;
}

function inserted({ poles }: TiedSystem, x: Float64Array, gains: Float64Array): Float64Array {
  const best = gains.indexOf(Math.max(...gains));
  const { re, im } = polesAt(x);
  return coordinatesOf({
    re: Float64Array.of(...re, poles.re[best]),
    im: Float64Array.of(...im, Math.abs(poles.im[best])),
  });
}

/** The poles in the order of what their loss would cost, summed over the channels. */
function cheapest(
  system: TiedSystem,
  targets: readonly WeightedTarget[],
  x: Float64Array,
  freeSkip: boolean,
): number[] {
  const r = x.length / 2;
  const projection = new WeightedProjection(targets[0], r, freeSkip);
  const set = createPoleSet(r, targets[0].grid.horizon);
  const costs = new Float64Array(r);
  targets.forEach((target, h) => {
    projection.aim(target);
    placeAt(set, logPoles(polesAt(x), channelSteps(system, h)));
    if (!(projection.value(set) < Infinity)) return;
    projection.removalCosts().forEach((cost, j) => (costs[j] += cost));
  });
  return [...costs.keys()].sort((i, j) => costs[i] - costs[j]);
}

function without(x: Float64Array, deleted: number): Float64Array {
  const r = x.length / 2;
  return x.filter((_, k) => k % r !== deleted);
}
