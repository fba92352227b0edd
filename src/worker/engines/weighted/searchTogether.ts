import type { WeightedEffort } from '../../../core/calibrate/weightedSearch';
import type { SearchTargets } from '../../../core/calibrate/searchTargets';
import type { ComplexVector } from '../../../core/linalg/complex';
import { packPoles, type PackedPoles } from '../packedBatch';
import type { PackedTargets } from './packedTargets';

/** Reduced poles, `slots` a search. */
export interface Points {
  /** Which target each search is for. */
  readonly targetOf: Int32Array;
  readonly poles: PackedPoles;
  /** 1 for slots that are in use, 0 for others. */
  readonly active: Float32Array;
}

export interface Reached {
  readonly poles: PackedPoles;
  /** Weighted squared errors over the squared norms. */
  readonly value: Float32Array;
}

export interface Weighed {
  /** What the loss of each slot would cost, `slots` a search; huge for those not in use. */
  readonly costs: Float32Array;
  /** The trial pole that lowers the error most, as an index into all trial poles. */
  readonly best: Int32Array;
  /** By how much it does. */
  readonly gain: Float32Array;
}

/** One search for each target, at poles given. */
export function allPoints({ count, slots, horizon }: SearchTargets, poles: ComplexVector): Points {
  return {
    targetOf: Int32Array.from({ length: count }, (_, c) => c),
    poles: packPoles(poles, horizon),
    active: new Float32Array(count * slots).fill(1),
  };
}

/** What a device does on the targets that it holds. */
export interface WeightedDevice {
  newton(points: Points, steps: number): Promise<Reached>;
  weigh(points: Points): Promise<Weighed>;
}

/** A swap counts where it lowers the squared error by more than this share, as for the processor. */
const worthwhile = 1e-3;
/** In single precision a start is grown with a few more steps, since some are tried in vain. */
const moreSteps = 2;
/** A start grown with so many times the steps leads elsewhere; the processor does without it. */
const moreGrowth = 4;

/**
 * The search of `core/calibrate/weightedSearch` for all targets at once, step by step together: greedy growth, then swaps,
 * which targets leave as they run out of them, then the last steps.
 */
export async function searchTogether(
  device: WeightedDevice,
  targets: PackedTargets,
  effort: WeightedEffort,
): Promise<Reached> {
  let best: Found | undefined;
  // as the processor grows its start, so that it leads to the same minimum, and in another way
  for (const growth of [effort.growth, moreGrowth * effort.growth + moreSteps]) {
    const grown = await grow(device, targets, growth);
    const scouted = await moved(device, grown, effort.scout + moreSteps);
    const swapped = await improveBySwaps(device, targets, scouted, effort);
    best = best === undefined ? swapped : better(best, swapped, targets.slots);
  }
  return best ?? { poles: emptyPoles(0), value: new Float32Array(0) };
}

type Found = Points & Reached;

async function moved(device: WeightedDevice, points: Points, steps: number): Promise<Found> {
  return { ...points, ...(await device.newton(points, steps)) };
}

async function grow(
  device: WeightedDevice,
  targets: PackedTargets,
  steps: number,
): Promise<Points> {
  const { count, slots } = targets;
  let points: Points = {
    targetOf: Int32Array.from({ length: count }, (_, c) => c),
    poles: emptyPoles(count * slots),
    active: new Float32Array(count * slots),
  };
  for (let j = 0; j < slots; j++) {
    if (j > 0) points = await moved(device, points, steps);
    const { best } = await device.weigh(points);
    best.forEach((trial, t) => {
      place(points, t * slots + j, targets, trial);
    });
  }
  return points;
}

/** Takes out of each the pole whose loss costs least, puts in the best trial pole, and keeps what is better. */
async function improveBySwaps(
  device: WeightedDevice,
  targets: PackedTargets,
  found: Found,
  { swapFailures, swapSteps }: WeightedEffort,
): Promise<Found> {
  const { slots } = targets;
  const failures = new Int32Array(found.targetOf.length);
  const most = Math.min(slots, swapFailures + 2);
  for (let round = 0; round < 2 * slots; round++) {
    const open = [...found.targetOf.keys()].filter((t) => failures[t] < most);
    if (open.length === 0) break;
    const points = picked(found, open, slots);
    const { costs } = await device.weigh(points);
    const taken = open.map((t, i) => {
      const own = [...costs.subarray(i * slots, (i + 1) * slots)];
      const order = [...own.keys()].sort((a, b) => own[a] - own[b]);
      return i * slots + order[failures[t]];
    });
    for (const at of taken) points.active[at] = 0;
    const { best } = await device.weigh(points);
    taken.forEach((at, i) => {
      place(points, at, targets, best[i]);
    });
    const tried = await moved(device, points, swapSteps + moreSteps);
    open.forEach((t, i) => {
      if (tried.value[i] < found.value[t] * (1 - worthwhile)) {
        failures[t] = 0;
        put(found, t, tried, i, slots);
      } else failures[t]++;
    });
  }
  return found;
}

/** The better of two results for each target. */
function better(a: Found, b: Found, slots: number): Found {
  b.value.forEach((value, t) => {
    if (value < a.value[t]) put(a, t, b, t, slots);
  });
  return a;
}

/** Puts a trial pole into a slot. */
function place({ poles, active }: Points, at: number, { trials }: PackedTargets, c: number): void {
  poles.re[at] = trials.re[c];
  poles.high[at] = trials.high[c];
  poles.low[at] = trials.low[c];
  active[at] = 1;
}

function picked({ targetOf, poles, active }: Points, which: number[], slots: number): Points {
  const pick = (x: Float32Array): Float32Array => {
    const some = new Float32Array(which.length * slots);
    which.forEach((t, i) => {
      some.set(x.subarray(t * slots, (t + 1) * slots), i * slots);
    });
    return some;
  };
  return {
    targetOf: Int32Array.from(which, (t) => targetOf[t]),
    poles: { re: pick(poles.re), high: pick(poles.high), low: pick(poles.low) },
    active: pick(active),
  };
}

function put(into: Found, t: number, { poles, value }: Reached, i: number, slots: number): void {
  for (const part of ['re', 'high', 'low'] as const) {
    into.poles[part].set(poles[part].subarray(i * slots, (i + 1) * slots), t * slots);
  }
  into.value[t] = value[i];
}

/** Slots not in use are somewhere where nothing overflows. */
function emptyPoles(length: number): PackedPoles {
  const array = (): Float32Array => new Float32Array(length);
  return { re: array().fill(-1), high: array(), low: array() };
}
