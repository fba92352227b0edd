import type { ComplexVector } from '../linalg/complex';
import { slowestSearched } from '../solve/newtonSearch';
import { systemOf } from '../systems/modal';
import { gridPoles } from './insertion';
import type { ChannelsRequest } from './reduceChannels';
import { featureSpectra } from './spectra';
import { createGrid, lagTaper } from './spectrumGrid';
import { defaultEffort, type WeightedEffort } from './weightedSearch';
import { finiteResponse, weightedTarget, type WeightedTarget } from './weightedTarget';

/** What the searches of `reduceChannels` fit, in single precision, for engines that search beside the processor. */
export interface SearchTargets {
  readonly count: number;
  /** Reduced poles to find for each. */
  readonly slots: number;
  readonly freeSkip: boolean;
  readonly effort: WeightedEffort;
  /** Length of the responses that are fitted, and of the padded transform. */
  readonly horizon: number;
  readonly length: number;
  readonly taper: number;
  /** Decay rate that no pole goes slower than. */
  readonly slowest: number;
  /** count × M: `root` of the weighted targets, the largest of each 1. */
  readonly root: Float32Array;
  /** count × 2 M: `values` of the weighted targets, of norm 1. */
  readonly values: Float32Array;
  /** Trial poles for all, and those of each full system, `ownPoles` a channel. */
  readonly trial: ComplexVector;
  readonly own: ComplexVector;
  readonly ownPoles: number;
}

/** The first half of `reduceChannels`, from which an engine may search; the poles it finds go in as `searched`. */
export function searchTargets(request: ChannelsRequest): SearchTargets {
  const { batch, slots, freeSkip, horizon, kernelHorizon, effort = defaultEffort } = request;
  const [grid, search] = [0, lagTaper].map((taper) => createGrid(horizon, taper, kernelHorizon));
  const { points: M } = search;
  const root = new Float32Array(batch.count * M);
  const values = new Float32Array(batch.count * 2 * M);
  let slowest = 0;
  for (let c = 0; c < batch.count; c++) {
    const spectra = featureSpectra(request.spectra, grid, request.features[c]);
    const skip = freeSkip ? (request.skip?.[c] ?? 0) : 0;
    const wanted = finiteResponse(grid, systemOf(batch, c), skip);
    const target = weightedTarget(search, wanted, spectra, request.epsilon);
    const largest = target.root.reduce((most, x) => Math.max(most, x), 0);
    const norm = Math.sqrt(target.norm2);
    root.set(
      target.root.map((x) => x / largest),
      c * M,
    );
    if (norm > 0) {
      values.set(
        target.values.map((x) => x / norm),
        c * 2 * M,
      );
    }
    slowest = slowestSearched(target);
  }
  return {
    ...{ count: batch.count, slots, freeSkip, effort, horizon: kernelHorizon, slowest },
    ...{ length: search.length, taper: search.taper, root, values },
    trial: gridPoles(search),
    own: { re: batch.poleRe, im: batch.poleIm },
    ownPoles: batch.slots,
  };
}

/** One of the targets as the search on the processor takes it, rounded to single precision. */
export function targetAt(targets: SearchTargets, c: number): WeightedTarget {
  const { length, taper, horizon, root, values, slowest } = targets;
  const grid = createGrid(length / 2, taper, horizon);
  const M = grid.points;
  return {
    grid,
    root: Float64Array.from(root.subarray(c * M, (c + 1) * M)),
    values: Float64Array.from(values.subarray(c * 2 * M, (c + 1) * 2 * M)),
    norm2: 1,
    poles: { horizon, re: Float64Array.of(2 * slowest) },
  };
}
