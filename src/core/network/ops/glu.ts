import { hotLoops } from '../../hotLoops';
import type { GluOp } from '../network';

/** One half of the features times the activation of the other. */
export function glu(op: GluOp, x: Float64Array): Float64Array {
  const half = x.length / 2;
  const [first, second] = [x.subarray(0, half), x.subarray(half)];
  const [kept, gates] = op.gate === 'second' ? [first, second] : [second, first];
  return hotLoops().gate(op.activation, kept, gates);
}
