import type { Network } from './network';
import { advance, programOf, startState, type Sequence, type SequenceState } from './program';

/**
 * The network's output for one sequence: a vector (length 1) where it pools, else one a position. Throws `bad-request`
 * where the sequence does not fit the input.
 */
export function forward(network: Network, sequence: Sequence): SequenceState {
  const steps = programOf(network);
  return advance(network, steps, 0, steps.length, startState(network, sequence));
}
