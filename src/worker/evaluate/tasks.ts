import { SsmError } from '../../core/errors';
import { compareNetworks } from '../../core/network/compare';
import { forward } from '../../core/network/forward';
import type { Network } from '../../core/network/network';
import type { Sequence } from '../../core/network/program';

export interface EvaluateInput {
  readonly network: Network;
  /** Run beside it, if given. */
  readonly original?: Network;
  readonly sequences: readonly Sequence[];
}

/** What one sequence came to; outputs are feature after feature. */
export interface SequenceResult {
  readonly output: Float64Array;
  readonly originalOutput?: Float64Array;
  /** Squared sums of errors and values of every layer's output and of the network's (`compareNetworks`). */
  readonly errors?: Float64Array;
  readonly norms?: Float64Array;
}

/** What computing threads do in an evaluation. */
export interface EvaluateTasks {
  /** Runs sequences through a network, or through two side by side. */
  evaluate: { input: EvaluateInput; output: readonly SequenceResult[] };
}

export const evaluateRunner = {
  evaluate({ network, original, sequences }: EvaluateInput): readonly SequenceResult[] {
    return sequences.map((sequence): SequenceResult => {
      if (original === undefined) return { output: forward(network, sequence).x };
      const found = compareNetworks(original, network, sequence);
      return {
        output: found.other.x,
        originalOutput: found.original.x,
        errors: found.errors,
        norms: found.norms,
      };
    });
  },
};

/** Throws `bad-parameters` where an output is NaN or infinite: whose it is and for which sequence. */
export function requireFiniteOutput(output: Float64Array, whose: string, index: number): void {
  const at = output.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  throw new SsmError(
    'bad-parameters',
    `${whose} gives ${output[at]} for sequence ${index}. The cause lies in its weights or in data of another scale than it was trained with.`,
  );
}
