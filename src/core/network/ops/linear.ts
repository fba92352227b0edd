import { hotLoops } from '../../hotLoops';
import type { LinearOp } from '../network';

/** y = W x + b at every position. */
export function linear(op: LinearOp, x: Float64Array, length: number): Float64Array {
  const y = hotLoops().multiply(op.weight.values, x, op.outputs, op.inputs, length);
  if (op.bias !== undefined) addToRows(y, op.bias.values, length);
  return y;
}

function addToRows(y: Float64Array, bias: Float64Array, length: number): void {
  for (let i = 0; i < bias.length; i++) {
    const b = bias[i];
    for (let at = i * length; at < (i + 1) * length; at++) y[at] += b;
  }
}
