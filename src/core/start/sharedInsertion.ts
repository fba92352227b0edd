import type { ComplexVector } from '../linalg/complex';
import { type Candidates, addInsertionGains, candidatesAt } from '../objective/insertion';
import { deletionCost, factorScaled, inverseScaled, realGram } from '../objective/realGram';
import { placeChannel } from '../objective/sharedChart';
import type { SharedProjection, SharedTargets } from '../objective/sharedProjection';
import { createPoleSet } from '../systems/poleSet';
import { leastAngle, meanOf } from '../solve/sharedProblem';
import type { TiedSystem } from '../systems/tied';

/** Poles that could be shared, in the coordinates of the search, and what every channel knows of them. */
export interface SharedCandidates {
  readonly count: number;
  /** Logarithms of the decay rates, then frequencies. */
  readonly x: Float64Array;
  readonly channels: readonly Candidates[];
}

/** A grid's decay rates and the frequencies it adds to those of the full system. */
const decays = 8;
const frequencies = 32;
/** Pairs of candidates and modes, over all channels, that a grid may cost at most. */
const gridBudget = 4e5;
/** Decay rates tried at each mode of the full system where a grid costs too much, relative to its own. */
const rates = [1 / 4, 1, 4];

/**
 * Candidates on a grid: decay rates, logarithmic from twice a step of the channels to the slowest the horizon can tell,
 * times frequencies up to the highest of the full system and its own (math reference, 7.1). Where there are too many
 * channels for that, the modes of the full system at their own and at slower and faster decay rates.
 */
export function sharedCandidates(full: TiedSystem, shared: SharedTargets): SharedCandidates {
  const { poles, steps } = full;
  const n = poles.re.length;
  const size = steps.length * n * decays * (n + frequencies);
  const points =
    size <= gridBudget
      ? [...modePoints(poles), ...gridPoints(full, shared.targets[0].poles.horizon)]
      : modePoints(poles);
  const count = points.length;
  const x = new Float64Array(2 * count);
  points.forEach(([decay, frequency], i) => {
    x[i] = Math.log(decay);
    x[count + i] = frequency;
  });
  const channels = shared.targets.map((target, h) => {
    const set = createPoleSet(count, target.poles.horizon);
    placeChannel(x, shared.steps[h], set);
    return candidatesAt(target, set);
  });
  return { count, x, channels };
}

type Point = readonly [decay: number, frequency: number];

function modePoints({ re, im }: ComplexVector): Point[] {
  return rates.flatMap((rate) => Array.from(re, (x, n): Point => [-rate * x, Math.abs(im[n])]));
}

function gridPoints({ poles, steps }: TiedSystem, horizon: number): Point[] {
  const slowest = -poles.re.reduce((most, x) => Math.max(most, x), -Infinity);
  const longest = Math.min(horizon * meanOf(steps), 40 / slowest);
  const [fast, slow] = [Math.log(2 / meanOf(steps)), Math.log(0.3 / longest)];
  const highest = poles.im.reduce((most, y) => Math.max(most, Math.abs(y)), 0);
  const phases = new Set(Array.from(poles.im, Math.abs));
  for (let i = 0; i < frequencies; i++) phases.add((highest * i) / (frequencies - 1));
  return Array.from({ length: decays }, (_, d) =>
    Math.exp(fast + ((slow - fast) * d) / (decays - 1)),
  ).flatMap((decay) =>
    Array.from(phases, (phase): Point => [decay, Math.max(phase, leastAngle * decay)]),
  );
}

/** The point x with the candidate appended whose insertion lowers the sum of the squared errors most. */
export function withBestInsertion(
  candidates: SharedCandidates,
  { steps, targets }: SharedTargets,
  projection: SharedProjection | undefined,
  x: Float64Array,
): Float64Array {
  const r = x.length / 2;
  const gains = new Float64Array(candidates.count);
  if (projection !== undefined) projection.value(x);
  const set = createPoleSet(r, targets[0].poles.horizon);
  candidates.channels.forEach((channel, h) => {
    placeChannel(x, steps[h], set);
    addInsertionGains(channel, set, rowOf(projection, h), gains);
  });
  const best = gains.reduce((most, gain, c) => (gain > gains[most] ? c : most), 0);
  return Float64Array.of(
    ...x.subarray(0, r),
    candidates.x[best],
    ...x.subarray(r),
    candidates.x[candidates.count + best],
  );
}

function rowOf(projection: SharedProjection | undefined, h: number): ComplexVector {
  if (projection === undefined) return { re: new Float64Array(0), im: new Float64Array(0) };
  const { re, im, cols } = projection.weights;
  return { re: re.subarray(h * cols, (h + 1) * cols), im: im.subarray(h * cols, (h + 1) * cols) };
}

const deletionRidge = 1e-12;

/** The shared poles at x in the order of what deleting each would cost all channels together, cheapest first. */
export function cheapestShared(
  { steps, targets }: SharedTargets,
  projection: SharedProjection,
  x: Float64Array,
): number[] {
  const r = x.length / 2;
  projection.value(x);
  const costs = new Float64Array(r);
  const set = createPoleSet(r, targets[0].poles.horizon);
  const u = new Float64Array(2 * r);
  steps.forEach((step, h) => {
    placeChannel(x, step, set);
    const factor = factorScaled(realGram(set, deletionRidge), 2 * r);
    if (factor === undefined) return;
    const inverse = inverseScaled(factor);
    const { re, im } = rowOf(projection, h);
    for (let j = 0; j < r; j++) {
      u[j] = re[j] * factor.scale[j];
      u[j + r] = im[j] * factor.scale[j + r];
    }
    for (let j = 0; j < r; j++) costs[j] += deletionCost(inverse, u, j);
  });
  return Array.from(costs.keys()).sort((i, j) => costs[i] - costs[j]);
}

/** The point x without pole j. */
export function withoutPole(x: Float64Array, j: number): Float64Array {
  const r = x.length / 2;
  return x.filter((_, k) => k !== j && k !== r + j);
}
