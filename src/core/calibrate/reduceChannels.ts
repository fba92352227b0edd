import { hotLoops } from '../hotLoops';
import type { ComplexVector } from '../linalg/complex';
import type { SolverTrace } from '../solve/solver';
import { emptyModalBatch, systemOf, type ModalBatch, type ModalSystem } from '../systems/modal';
import { channelError } from './channelError';
import { candidatesAt, gridCandidates, weighCandidates, type Candidates } from './insertion';
import { featureSpectra, type InputSpectra } from './spectra';
import { createGrid, lagTaper, type SpectrumGrid } from './spectrumGrid';
import {
  continueWeighted,
  defaultEffort,
  searchWeighted,
  type WeightedEffort,
  type WeightedResult,
} from './weightedSearch';
import { finiteResponse, weightedTarget, type WeightedTarget } from './weightedTarget';

/** Channels of a layer with what they received on calibration sequences; kernel c reads feature `features[c]`. */
export interface ChannelsRequest {
  readonly batch: ModalBatch;
  readonly features: Int32Array;
  /** Skip weights D, one a kernel; without them there is no skip. */
  readonly skip: Float64Array | undefined;
  readonly freeSkip: boolean;
  readonly slots: number;
  /** Longest sequence. */
  readonly horizon: number;
  /** Length of the impulse responses that are fitted, at most that of the sequences. */
  readonly kernelHorizon: number;
  /** Floor of the weights as a share of the largest. */
  readonly epsilon: number;
  readonly spectra: InputSpectra;
  /** Spectra of held-out sequences, on which the results are measured. */
  readonly heldOut: InputSpectra | undefined;
  readonly effort?: WeightedEffort | undefined;
  /** Reduced log-poles that an engine found, `slots` a channel: they count where they are better than what is found here. */
  readonly searched?: ComplexVector | undefined;
}

/** Squared output errors and energies over the recorded sequences, one a channel. */
export interface ChannelErrors {
  readonly error: Float64Array;
  readonly energy: Float64Array;
}

export interface ChannelsReduced {
  readonly reduced: ModalBatch;
  readonly skip: Float64Array | undefined;
  readonly traces: readonly SolverTrace[];
  readonly fitted: ChannelErrors;
  readonly heldOut: ChannelErrors | undefined;
}

/** Where a channel misses more by this factor on held-out sequences, higher floors are tried. */
const overfitted = 1.05;
/** Floors tried beside the usual one, as shares of the largest weight. */
const higherFloors = [1e-4, 1e-2, 1];

/** What is computed once for all channels of a request. */
interface Setting {
  readonly request: ChannelsRequest;
  readonly grid: SpectrumGrid;
  readonly search: SpectrumGrid;
  /** Shared by all channels. */
  readonly candidates: Candidates;
}

type Measured = ReturnType<typeof channelError>;

/** A channel's result with what it misses. */
interface ChannelFit {
  readonly found: WeightedResult;
  readonly fitted: Measured;
  readonly heldOut: Measured | undefined;
}

/** Reduces channels one by one by the weighted error; each is independent of the others. */
export function reduceChannels(request: ChannelsRequest): ChannelsReduced {
  const { batch, slots, horizon, kernelHorizon } = request;
  const search = createGrid(horizon, lagTaper, kernelHorizon);
  const candidates = gridCandidates(search);
  const setting = { request, grid: createGrid(horizon, 0, kernelHorizon), search, candidates };
  const reduced = emptyModalBatch(batch.count, slots);
  reduced.step.set(batch.step);
  const skip = request.skip?.slice();
  const fits = Array.from({ length: batch.count }, (_, c) =>
    hotLoops().scoped(() => reduceChannel(setting, c)),
  );
  fits.forEach(({ found }, c) => {
    reduced.poleRe.set(found.poles.re, c * slots);
    reduced.poleIm.set(found.poles.im, c * slots);
    reduced.weightRe.set(found.weights.re, c * slots);
    reduced.weightIm.set(found.weights.im, c * slots);
    if (skip !== undefined && found.skip !== undefined) skip[c] = found.skip;
  });
  return {
    reduced,
    skip,
    traces: fits.map(({ found }) => ({
      start: found.start,
      stop: found.stop,
      objective: found.history.map((value) => value / search.length),
      notes: [],
    })),
    fitted: errorsOf(fits.map(({ fitted }) => fitted)),
    heldOut: request.heldOut && errorsOf(fits.flatMap(({ heldOut }) => heldOut ?? [])),
  };
}

function errorsOf(measured: readonly Measured[]): ChannelErrors {
  return {
    error: Float64Array.from(measured, ({ error }) => error),
    energy: Float64Array.from(measured, ({ energy }) => energy),
  };
}

/** One channel; where it fits what was recorded too closely, the floor that held-out sequences like best. */
function reduceChannel(setting: Setting, c: number): ChannelFit {
  const { request, grid, search } = setting;
  const { freeSkip, epsilon, effort = defaultEffort } = request;
  const system = systemOf(request.batch, c);
  const spectra = featureSpectra(request.spectra, grid, request.features[c]);
  const full = finiteResponse(grid, system, request.skip?.[c] ?? 0);
  const wanted = freeSkip ? full : finiteResponse(grid, system, 0);
  const targetAt = (floor: number): WeightedTarget =>
    weightedTarget(search, wanted, spectra, floor);
  const target = targetAt(epsilon);
  const first = searchChannel(setting, target, c);
  const measure = (found: WeightedResult): ChannelFit => {
    const reduced: ModalSystem = { ...system, poles: found.poles, weights: found.weights };
    const response = finiteResponse(grid, reduced, found.skip ?? request.skip?.[c] ?? 0);
    return {
      found,
      fitted: channelError(grid, spectra, full, response),
      heldOut:
        request.heldOut &&
        channelError(
          grid,
          featureSpectra(request.heldOut, grid, request.features[c]),
          full,
          response,
        ),
    };
  };
  const fit = measure(first);
  if (!isOverfitted(fit)) return fit;
  return higherFloors
    .filter((floor) => floor > epsilon)
    .map((floor) => measure(continueWeighted(targetAt(floor), freeSkip, first, effort)))
    .reduce((a, b) => (missed(b.heldOut) < missed(a.heldOut) ? b : a), fit);
}

/**
 * The processor's own search, and the minimum that an engine came to where that is lower: never worse than without, whatever
 * an engine answers.
 */
function searchChannel(
  { request, search, candidates }: Setting,
  target: WeightedTarget,
  c: number,
): WeightedResult {
  const { batch, slots, freeSkip, effort = defaultEffort, searched } = request;
  const own = candidatesAt(search, systemOf(batch, c).poles);
  const weighed = [weighCandidates(target, candidates), weighCandidates(target, own)];
  const found = searchWeighted(target, slots, freeSkip, weighed, [], effort);
  if (searched === undefined) return found;
  const [from, to] = [c * slots, (c + 1) * slots];
  const poles = { re: searched.re.slice(from, to), im: searched.im.slice(from, to) };
  const start = { poles, start: 'engine' };
  const arrived = continueWeighted(target, freeSkip, start, { ...effort, finish: 0 });
  if (!(arrived.value < found.value)) return found;
  return continueWeighted(target, freeSkip, start, effort);
}

function isOverfitted({ fitted, heldOut }: ChannelFit): boolean {
  return heldOut !== undefined && missed(heldOut) > overfitted ** 2 * missed(fitted);
}

function missed(measured: Measured | undefined): number {
  return measured === undefined || !(measured.energy > 0) ? 0 : measured.error / measured.energy;
}
