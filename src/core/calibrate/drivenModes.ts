import type { DiagonalSystem } from '../systems/diagonal';
import { hotLoops } from '../hotLoops';

/**
 * Signals that the outputs of a layer with many inputs are linear in: real and imaginary parts of its states when the
 * inputs drive them, and the inputs themselves. Rows, each `length` long: Re x_1, Im x_1, Re x_2, …, for layers that run
 * both ways the same of the states backward in time, then the inputs.
 */
export interface DrivenSignals {
  readonly rows: number;
  readonly values: Float64Array;
}

/** How a layer runs backward, if it does: `shifted` gives position t the state of t + 1. */
export type Backward = 'shifted' | 'unshifted' | undefined;

/** Numbers of signals of a mode: two, or four where the layer runs both ways. */
export function signalsPerMode(backward: Backward): number {
  return backward === undefined ? 2 : 4;
}

/** Drives the modes with inputs (inputs × length). The signals of mode n lie together. */
export function drive(
  { poles, B }: DiagonalSystem,
  backward: Backward,
  u: Float64Array,
  length: number,
): DrivenSignals {
  const r = poles.re.length;
  const inputs = B.cols;
  const per = signalsPerMode(backward);
  const values = new Float64Array((per * r + inputs) * length);
  const re = hotLoops().multiply(B.re, u, r, inputs, length);
  const im = hotLoops().multiply(B.im, u, r, inputs, length);
  for (let n = 0; n < r; n++) {
    const size = Math.exp(poles.re[n]);
    const [c, s] = [size * Math.cos(poles.im[n]), size * Math.sin(poles.im[n])];
    const [from, to] = [n * length, per * n * length];
    let [x, y] = [0, 0];
    for (let t = 0; t < length; t++) {
      const next = c * x - s * y + re[from + t];
      y = s * x + c * y + im[from + t];
      x = next;
      values[to + t] = x;
      values[to + length + t] = y;
    }
    if (backward === undefined) continue;
    [x, y] = [0, 0];
    for (let t = length - 1; t >= 0; t--) {
      if (backward === 'shifted') {
        values[to + 2 * length + t] = x;
        values[to + 3 * length + t] = y;
      }
      const next = c * x - s * y + re[from + t];
      y = s * x + c * y + im[from + t];
      x = next;
      if (backward === 'shifted') continue;
      values[to + 2 * length + t] = x;
      values[to + 3 * length + t] = y;
    }
  }
  values.set(u, per * r * length);
  return { rows: per * r + inputs, values };
}

/** Sums over positions for fitting outputs to driven signals: signals × signals, signals × outputs, one number. */
export interface DrivenSums {
  readonly gram: Float64Array;
  readonly cross: Float64Array;
  readonly energy: Float64Array;
}

export function emptyDriven(signals: number, outputs: number): DrivenSums {
  return {
    gram: new Float64Array(signals * signals),
    cross: new Float64Array(signals * outputs),
    energy: new Float64Array(1),
  };
}

/** Adds one sequence; `wanted` is outputs × length. */
export function addDriven(
  sums: DrivenSums,
  { rows, values }: DrivenSignals,
  wanted: Float64Array,
  length: number,
): void {
  const outputs = wanted.length / length;
  const products = new Float64Array(rows * Math.max(rows, outputs));
  hotLoops().innerProducts(values, rows, values, rows, length, products);
  for (let i = 0; i < rows * rows; i++) sums.gram[i] += products[i];
  hotLoops().innerProducts(values, rows, wanted, outputs, length, products);
  for (let i = 0; i < rows * outputs; i++) sums.cross[i] += products[i];
  for (const value of wanted) sums.energy[0] += value * value;
}
