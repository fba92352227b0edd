import { createGrid } from '../../core/calibrate/spectrumGrid';
import type { Program, SequencePair } from '../../core/calibrate/stage';
import { throwIfCancelled } from '../../core/errors';
import type { StreamTools } from './stream';

/** Sequences that the sensitivities are averaged over. */
const averagedOver = 48;
/** Sequences of one task. */
const piece = 8;

/**
 * How much the original's output cares for errors of each layer's outputs, per frequency, with mean 1 for every output:
 * one array a layer, outputs × M.
 *
 * @param pairs before the first step
 * @param floor share of the weight that is spread evenly over the frequencies
 */
export async function sensitivities(
  program: Program,
  pairs: readonly SequencePair[],
  horizon: number,
  floor: number,
  { engine, signal }: StreamTools,
): Promise<Float64Array[]> {
  const chosen = pairs.slice(0, averagedOver);
  const parts = await Promise.all(
    pieces(chosen.length).map(async (indices) => {
      throwIfCancelled(signal);
      const starts = indices.map((b) => chosen[b].original);
      return await engine.run(
        'sensitivity',
        structuredClone({ program, starts, indices, horizon }),
      );
    }),
  );
  throwIfCancelled(signal);
  const { points: M } = createGrid(horizon);
  return program.layers.map((_, layer) => {
    const sums = parts.map((part) => part.sums[layer]);
    const care = sums[0].map((_, i) => sums.reduce((total, part) => total + part[i], 0));
    for (let at = 0; at < care.length; at += M) spread(care.subarray(at, at + M), floor);
    return care;
  });
}

function spread(care: Float64Array, floor: number): void {
  const mean = care.reduce((total, value) => total + value, 0) / care.length;
  for (let m = 0; m < care.length; m++) {
    care[m] = mean > 0 ? (1 - floor) * (care[m] / mean) + floor : 1;
  }
}

function pieces(count: number): number[][] {
  return Array.from({ length: Math.ceil(count / piece) }, (_, i) =>
    Array.from({ length: Math.min(piece, count - i * piece) }, (_, k) => i * piece + k),
  );
}
