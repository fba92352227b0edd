import { emptyModalBatch, systemOf, type ModalBatch } from '../systems/modal';
import type { SolverTrace } from '../solve/solver';
import { channelError } from './channelError';
import { candidatesAt, gridCandidates, weighCandidates } from './insertion';
import { featureSpectra, type InputSpectra } from './spectra';
import { createGrid, lagTaper } from './spectrumGrid';
import { finiteResponse, weightedTarget } from './weightedTarget';
import { defaultEffort, searchWeighted, type WeightedEffort } from './weightedSearch';

/** Channels of a layer with what they received on calibration sequences; kernel c reads feature `features[c]`. */
export interface ChannelsRequest {
  readonly batch: ModalBatch;
  readonly features: Int32Array;
  /** Skip weights D, one a kernel; without them there is no skip. */
  readonly skip: Float64Array | undefined;
  readonly freeSkip: boolean;
  readonly slots: number;
  /** Longest sequence: length of the impulse responses that are fitted. */
  readonly horizon: number;
  /** Floor of the weights as a share of the largest. */
  readonly epsilon: number;
  readonly spectra: InputSpectra;
  /** Spectra of held-out sequences, on which the results are measured. */
  readonly heldOut: InputSpectra | undefined;
  /** How much the network's output cares for errors at each frequency, kernels × M; undefined for alike. */
  readonly care?: Float64Array | undefined;
  readonly effort?: WeightedEffort | undefined;
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

/** Reduces channels one by one by the weighted error; each is independent of the others. */
export function reduceChannels(request: ChannelsRequest): ChannelsReduced {
  const { batch, slots, horizon, epsilon, freeSkip } = request;
  const grid = createGrid(horizon);
  const search = createGrid(horizon, lagTaper);
  const onGrid = gridCandidates(search);
  const reduced = emptyModalBatch(batch.count, slots);
  reduced.step.set(batch.step);
  const skip = request.skip?.slice();
  const traces: SolverTrace[] = [];
  const errors = (): ChannelErrors => ({
    error: new Float64Array(batch.count),
    energy: new Float64Array(batch.count),
  });
  const fitted = errors();
  const heldOut = request.heldOut === undefined ? undefined : errors();
  for (let c = 0; c < batch.count; c++) {
    const system = systemOf(batch, c);
    const spectra = featureSpectra(request.spectra, grid, request.features[c]);
    const full = finiteResponse(grid, system, request.skip?.[c] ?? 0);
    const wanted = freeSkip ? full : finiteResponse(grid, system, 0);
    const M = grid.points;
    const care = request.care?.subarray(c * M, (c + 1) * M);
    const target = weightedTarget(search, wanted, spectra, epsilon, care);
    const own = candidatesAt(search, system.poles);
    const candidates = [weighCandidates(target, onGrid), weighCandidates(target, own)];
    const found = searchWeighted(
      target,
      slots,
      freeSkip,
      candidates,
      [],
      request.effort ?? defaultEffort,
    );
    const at = c * slots;
    reduced.poleRe.set(found.poles.re, at);
    reduced.poleIm.set(found.poles.im, at);
    reduced.weightRe.set(found.weights.re, at);
    reduced.weightIm.set(found.weights.im, at);
    if (skip !== undefined && found.skip !== undefined) skip[c] = found.skip;
    traces.push({
      start: found.start,
      stop: found.stop,
      objective: found.history.map((value) => value / grid.length),
      notes: [],
    });
    const response = finiteResponse(grid, systemOf(reduced, c), skip?.[c] ?? 0);
    const measured = channelError(grid, spectra, full, response);
    fitted.error[c] = measured.error;
    fitted.energy[c] = measured.energy;
    if (heldOut === undefined || request.heldOut === undefined) continue;
    const unseen = featureSpectra(request.heldOut, grid, request.features[c]);
    const other = channelError(grid, unseen, full, response);
    heldOut.error[c] = other.error;
    heldOut.energy[c] = other.energy;
  }
  return { reduced, skip, traces, fitted, heldOut };
}
