import type { ModalSystem } from '../systems/modal';

/** A kernel counts as over where its modes have together fallen to this share of what they began with. */
const fallen = 1e-4;
/** No kernel is computed over more steps. */
const mostSteps = 1 << 16;
/** No chart has more places along its axis. */
const mostPlaces = 480;

/**
 * How many steps are worth showing: until the modes of every channel have decayed, at most the horizon. Sum_n |w_n|
 * e^{Re a_n t} bounds a kernel from above, so nothing larger comes after.
 */
export function shownSteps(channels: readonly ModalSystem[], horizon: number): number {
  const limit = Math.min(horizon, mostSteps);
  const over = (t: number): boolean =>
    channels.every((modes) => envelope(modes, t) <= fallen * envelope(modes, 0));
  if (!over(limit)) return limit;
  let [low, high] = [0, limit];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (over(middle)) high = middle;
    else low = middle;
  }
  return Math.min(limit, Math.max(high, 16));
}

function envelope({ poles, weights }: ModalSystem, t: number): number {
  return poles.re.reduce(
    (sum, x, n) => sum + Math.hypot(weights.re[n], weights.im[n]) * Math.exp(x * t),
    0,
  );
}

/** Edges of so few intervals of steps 0 … length - 1 that each can be a place of a chart; the last edge is `length`. */
export function stepEdges(length: number): Float64Array {
  const places = Math.min(length, mostPlaces);
  return Float64Array.from({ length: places + 1 }, (_, i) => Math.round((i * length) / places));
}

/**
 * The steps to draw of single curves that oscillate faster than a chart has places: within each interval those where
 * some curve is least or greatest.
 */
export function extremeSteps(edges: Float64Array, curves: readonly Float64Array[]): Float64Array {
  const steps = new Set<number>();
  for (let i = 0; i + 1 < edges.length; i++) {
    for (const curve of curves) {
      let [least, greatest] = [edges[i], edges[i]];
      for (let t = edges[i]; t < edges[i + 1]; t++) {
        if (curve[t] < curve[least]) least = t;
        if (curve[t] > curve[greatest]) greatest = t;
      }
      steps.add(least).add(greatest);
    }
  }
  return Float64Array.from(steps).sort();
}

/**
 * Frequencies in radians per step, evenly spaced over powers of ten from one period in the shown steps up to pi, and
 * those at which the given modes resonate.
 */
export function frequencies(steps: number, resonant: readonly ModalSystem[]): Float64Array {
  const [least, places] = [Math.PI / Math.max(steps, 64), mostPlaces / 2];
  const grid = Array.from(
    { length: places },
    (_, i) => least * (Math.PI / least) ** (i / (places - 1)),
  );
  grid[places - 1] = Math.PI;
  const peaks = resonant
    .flatMap(({ poles }) => Array.from(poles.im, folded))
    .filter((omega) => omega > least && omega < Math.PI);
  return Float64Array.from(new Set([...grid, ...peaks])).sort();
}

/** The frequency in [0, pi] at which a real kernel with this phase per step oscillates. */
function folded(phase: number): number {
  const turn = Math.abs(phase) % (2 * Math.PI);
  return Math.min(turn, 2 * Math.PI - turn);
}
