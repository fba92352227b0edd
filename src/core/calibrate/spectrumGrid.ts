import { hotLoops } from '../hotLoops';
import { paddedSize } from '../linalg/fft';

/**
 * The frequencies of a real FFT of zero-padded sequences, w_m = 2 pi m / length for m = 0 … length / 2, with what the
 * transforms of modes need at each of them. The length is a power of two of at least twice the horizon, so that products
 * of transforms are transforms of linear convolutions.
 */
export interface SpectrumGrid {
  /** Number of steps L of the impulse responses. */
  readonly horizon: number;
  /** Length of the padded FFT. */
  readonly length: number;
  /** Lag l of a kernel counts 1 - taper * l / horizon. */
  readonly taper: number;
  /** length / 2 + 1. */
  readonly points: number;
  /** cos w_m and sin w_m */
  readonly cos: Float64Array;
  readonly sin: Float64Array;
  /** cos w_m L and sin w_m L */
  readonly endCos: Float64Array;
  readonly endSin: Float64Array;
}

/**
 * Outputs count up to the end of a sequence, so that lag l of a kernel acts on L - l of its L positions: an error there
 * weighs about sqrt(1 - l / L). The straight line that the modes' transforms can follow in closed form.
 */
export const lagTaper = 0.6;

/** The grid of sequences of up to `steps` steps; impulse responses are as long unless a layer cuts them sooner. */
export function createGrid(steps: number, taper = 0, horizon = steps): SpectrumGrid {
  const length = paddedSize(steps);
  const points = length / 2 + 1;
  const array = (): Float64Array => hotLoops().allocate(points);
  const grid = {
    horizon,
    taper,
    length,
    points,
    cos: array(),
    sin: array(),
    endCos: array(),
    endSin: array(),
  };
  for (let m = 0; m < points; m++) {
    const turn = (2 * Math.PI) / length;
    grid.cos[m] = Math.cos(turn * m);
    grid.sin[m] = Math.sin(turn * m);
    const end = (m * horizon) % length;
    grid.endCos[m] = Math.cos(turn * end);
    grid.endSin[m] = Math.sin(turn * end);
  }
  return grid;
}

/** How often frequency m counts in a sum over the whole circle: once at both ends, twice between them. */
export function multiplicity(grid: SpectrumGrid, m: number): number {
  return m === 0 || m === grid.points - 1 ? 1 : 2;
}
