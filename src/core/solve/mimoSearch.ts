import type { ComplexVector } from '../linalg/complex';
import { type ComplexMatrix, complexMatrix } from '../linalg/matrix';
import { type MimoProjection, placeModes } from '../objective/mimoProjection';
import type { DiagonalSystem } from '../systems/diagonal';
import { minimise } from './bfgs';
import type { StopReason } from './solver';

/** Poles and input rows of a reduced system. */
export type PolesAndInputs = Pick<DiagonalSystem, 'poles' | 'B'>;

export interface MimoPoint {
  readonly at: PolesAndInputs;
  readonly value: number;
  readonly history: readonly number[];
  readonly stop: StopReason;
}

/** J at a point. */
export function mimoValue(projection: MimoProjection, { poles, B }: PolesAndInputs): number {
  placeModes(projection.modes, poles, B);
  return projection.value();
}

/**
 * Descends by BFGS in the poles, as (log(-Re b), Im b) so that they stay stable, and in the input rows; for one input
 * these are 1. Rows are scaled to length 1 first, since the scale of a slot belongs to its outputs.
 */
export function mimoSearch(
  projection: MimoProjection,
  start: PolesAndInputs,
  iterations: number,
  signal?: AbortSignal,
): MimoPoint {
  const from = withUnitRows(start);
  const r = from.poles.re.length;
  const rate = from.poles.re.map((x) => -x);
  const size = from.B.re.length;
  const moves = from.B.cols > 1;
  const x = new Float64Array(2 * r + (moves ? 2 * size : 0));
  x.set(rate.map(Math.log));
  x.set(
    from.poles.im.map((y, j) => y / rate[j]),
    r,
  );
  if (moves) {
    x.set(from.B.re, 2 * r);
    x.set(from.B.im, 2 * r + size);
  }
  const read = (at: Float64Array): PolesAndInputs => ({
    poles: polesAt(at, r, rate),
    B: moves
      ? {
          ...from.B,
          re: at.slice(2 * r, 2 * r + size),
          im: at.slice(2 * r + size),
        }
      : from.B,
  });
  const evaluate = (at: Float64Array, gradient: Float64Array): number => {
    const { poles, B } = read(at);
    placeModes(projection.modes, poles, B);
    const value = projection.differentiate();
    const g = projection.gradient;
    for (let j = 0; j < r; j++) {
      gradient[j] = g.re[j] * poles.re[j];
      gradient[r + j] = g.im[j] * rate[j];
    }
    if (moves) gradient.set(g.inputs, 2 * r);
    return value;
  };
  const found = minimise(evaluate, x, {
    iterations,
    gradientTolerance: 1e-7,
    scale: projection.target.norm2,
    ...(signal === undefined ? {} : { signal }),
  });
  const { value, history, stop } = found;
  return { at: read(found.x), value, history, stop };
}

/** A search that goes on where another ended, their histories joined. */
export function continueMimo(
  projection: MimoProjection,
  from: MimoPoint,
  iterations: number,
  signal?: AbortSignal,
): MimoPoint {
  const found = mimoSearch(projection, from.at, iterations, signal);
  return { ...found, history: [...from.history, ...found.history.slice(1)] };
}

function polesAt(at: Float64Array, r: number, rate: Float64Array): ComplexVector {
  return {
    re: at.slice(0, r).map((v) => -Math.exp(v)),
    im: at.slice(r, 2 * r).map((v, j) => v * rate[j]),
  };
}

function withUnitRows({ poles, B }: PolesAndInputs): PolesAndInputs {
  const unit: ComplexMatrix = complexMatrix(B.rows, B.cols);
  for (let j = 0; j < B.rows; j++) {
    const [from, to] = [j * B.cols, (j + 1) * B.cols];
    let size2 = 0;
    for (let k = from; k < to; k++) size2 += B.re[k] ** 2 + B.im[k] ** 2;
    if (B.cols === 1 || !(size2 > 0)) {
      unit.re[from] = 1;
      continue;
    }
    for (let k = from; k < to; k++) {
      unit.re[k] = B.re[k] / Math.sqrt(size2);
      unit.im[k] = B.im[k] / Math.sqrt(size2);
    }
  }
  return { poles, B: unit };
}
