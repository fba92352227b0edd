import type { SearchTargets } from '../../../core/calibrate/searchTargets';
import type { ComplexVector } from '../../../core/linalg/complex';
import { joinArrays } from '../searchEngine';
import { packPoles, type PackedPoles } from '../packedBatch';

/** Targets as devices take them. Phases are turns over the horizon, that of the grid's frequencies too. */
export interface PackedTargets extends Pick<
  SearchTargets,
  'count' | 'slots' | 'freeSkip' | 'slowest' | 'root' | 'values'
> {
  /** Frequencies of the grid. */
  readonly points: number;
  readonly span: number;
  /** What a lag weighs less than the one before it. */
  readonly taper: number;
  readonly grid: {
    readonly high: Float32Array;
    readonly low: Float32Array;
    readonly endRe: Float32Array;
    readonly endIm: Float32Array;
  };
  /** Trial poles: `shared` for all targets, then `own` for each. */
  readonly trials: PackedPoles;
  readonly shared: number;
  readonly own: number;
}

export function packTargets(targets: SearchTargets): PackedTargets {
  const { count, slots, freeSkip, slowest, root, values, horizon, length, taper } = targets;
  const { trial, own, ownPoles } = targets;
  const points = length / 2 + 1;
  const array = (): Float32Array => new Float32Array(points);
  const grid = { high: array(), low: array(), endRe: array(), endIm: array() };
  for (let m = 0; m < points; m++) {
    const turns = (m * horizon) / length;
    grid.high[m] = turns;
    grid.low[m] = turns - grid.high[m];
    const end = (2 * Math.PI * ((m * horizon) % length)) / length;
    grid.endRe[m] = Math.cos(end);
    grid.endIm[m] = Math.sin(end);
  }
  const joined = (part: 're' | 'im'): Float64Array =>
    joinArrays(Float64Array, [trial[part], own[part]]);
  const all: ComplexVector = { re: joined('re'), im: joined('im') };
  return {
    ...{ count, slots, freeSkip, slowest, root, values, points, grid },
    ...{ span: horizon, taper: taper / horizon },
    ...{ trials: packPoles(all, horizon), shared: trial.re.length, own: ownPoles },
  };
}

/** Cut into pieces of at most so many targets, at least one. */
export function piecesOfTargets(targets: SearchTargets, most: number): SearchTargets[] {
  const size = Math.max(1, most);
  return Array.from({ length: Math.ceil(targets.count / size) }, (_, i) =>
    sliceTargets(targets, i * size, Math.min(targets.count, (i + 1) * size)),
  );
}

function sliceTargets(targets: SearchTargets, from: number, to: number): SearchTargets {
  const { length, own, ownPoles: N } = targets;
  const M = length / 2 + 1;
  return {
    ...targets,
    count: to - from,
    root: targets.root.slice(from * M, to * M),
    values: targets.values.slice(from * 2 * M, to * 2 * M),
    own: { re: own.re.slice(from * N, to * N), im: own.im.slice(from * N, to * N) },
  };
}

/** Targets of the same kind one after another. */
export function joinTargets(parts: readonly SearchTargets[]): SearchTargets {
  const float = (of: (part: SearchTargets) => Float32Array): Float32Array =>
    joinArrays(Float32Array, parts.map(of));
  const double = (of: (part: SearchTargets) => Float64Array): Float64Array =>
    joinArrays(Float64Array, parts.map(of));
  return {
    ...parts[0],
    count: parts.reduce((sum, { count }) => sum + count, 0),
    root: float(({ root }) => root),
    values: float(({ values }) => values),
    own: { re: double(({ own }) => own.re), im: double(({ own }) => own.im) },
  };
}

/** Whether targets may be searched for in one batch. */
export function areAlike(a: SearchTargets, b: SearchTargets): boolean {
  const keys = ['slots', 'freeSkip', 'horizon', 'length', 'taper', 'ownPoles'] as const;
  return keys.every((key) => a[key] === b[key]) && sameEffort(a, b);
}

function sameEffort({ effort: a }: SearchTargets, { effort: b }: SearchTargets): boolean {
  const keys = ['growth', 'scout', 'swapFailures', 'swapSteps', 'finish'] as const;
  return keys.every((key) => a[key] === b[key]);
}
