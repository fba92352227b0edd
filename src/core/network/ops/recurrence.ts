import { hotLoops } from '../../hotLoops';
import type { DiagonalSystem } from '../../systems/diagonal';
import type { StateSpaceLayer } from '../network';

/** A system with many inputs and outputs made ready for recurrences: z = e^a, [Re B; Im B], [Re C, -Im C]. */
interface Recurrence {
  readonly order: number;
  readonly zRe: Float64Array;
  readonly zIm: Float64Array;
  readonly input: Float64Array;
  readonly forward: Float64Array;
  readonly backward: Float64Array | undefined;
}

const known = new WeakMap<StateSpaceLayer, Recurrence>();

/**
 * y = k * u for k_t = Re(C diag(e^{a t}) B) by the recurrence of the modes, and the backward direction added where the
 * layer has one. u is inputs × length, y outputs × length.
 */
export function recur(
  layer: StateSpaceLayer,
  system: DiagonalSystem,
  u: Float64Array,
  length: number,
): Float64Array {
  const made = known.get(layer) ?? prepare(layer, system);
  known.set(layer, made);
  const { order, input, forward, backward } = made;
  const driven = hotLoops().multiply(input, u, 2 * order, layer.inputs, length);
  const states = backward === undefined ? driven : driven.slice();
  scanForward(states, made, length);
  const y = hotLoops().multiply(forward, states, layer.outputs, 2 * order, length);
  if (backward === undefined) return y;
  scanBackward(driven, made, length, layer.bidirectional === 'shifted');
  const back = hotLoops().multiply(backward, driven, layer.outputs, 2 * order, length);
  for (let i = 0; i < y.length; i++) y[i] += back[i];
  return y;
}

function prepare(layer: StateSpaceLayer, { poles, B, C }: DiagonalSystem): Recurrence {
  const order = poles.re.length;
  const size = poles.re.map(Math.exp);
  const input = new Float64Array(2 * order * layer.inputs);
  input.set(B.re);
  input.set(B.im, order * layer.inputs);
  const rows = (from: number): Float64Array => {
    const output = new Float64Array(layer.outputs * 2 * order);
    for (let i = 0; i < layer.outputs; i++) {
      for (let n = 0; n < order; n++) {
        output[i * 2 * order + n] = C.re[(from + i) * order + n];
        output[i * 2 * order + order + n] = -C.im[(from + i) * order + n];
      }
    }
    return output;
  };
  return {
    order,
    zRe: size.map((r, n) => r * Math.cos(poles.im[n])),
    zIm: size.map((r, n) => r * Math.sin(poles.im[n])),
    input,
    forward: rows(0),
    backward: layer.bidirectional === undefined ? undefined : rows(layer.outputs),
  };
}

/** v_t becomes x_t = z x_{t-1} + v_t, in place; real parts in the first `order` rows, imaginary ones in the others. */
function scanForward(v: Float64Array, { order, zRe, zIm }: Recurrence, length: number): void {
  for (let n = 0; n < order; n++) {
    const [c, s] = [zRe[n], zIm[n]];
    const [re, im] = [n * length, (order + n) * length];
    let [x, y] = [0, 0];
    for (let t = 0; t < length; t++) {
      const next = c * x - s * y + v[re + t];
      y = s * x + c * y + v[im + t];
      x = next;
      v[re + t] = x;
      v[im + t] = y;
    }
  }
}

/** The same backward in time; `shifted` gives position t the state of t + 1, so that the present does not count. */
function scanBackward(
  v: Float64Array,
  { order, zRe, zIm }: Recurrence,
  length: number,
  shifted: boolean,
): void {
  for (let n = 0; n < order; n++) {
    const [c, s] = [zRe[n], zIm[n]];
    const [re, im] = [n * length, (order + n) * length];
    let [x, y] = [0, 0];
    for (let t = length - 1; t >= 0; t--) {
      const [driveRe, driveIm] = [v[re + t], v[im + t]];
      if (shifted) {
        v[re + t] = x;
        v[im + t] = y;
      }
      const next = c * x - s * y + driveRe;
      y = s * x + c * y + driveIm;
      x = next;
      if (shifted) continue;
      v[re + t] = x;
      v[im + t] = y;
    }
  }
}
