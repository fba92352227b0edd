import { typescriptLoops, type HotLoops } from '../../../core/hotLoops';
import type { Activation } from '../../../core/network/network';
import { erfCoefficients } from '../../../core/network/ops/erf';
import type { LoopExports } from './module';
import type { Workspace } from './workspace';

/** Numbers of one pass, few enough to stay in the fastest cache. */
const chunk = 1024;

/** As wasm/activation numbers them; the others are left to the reference. */
const kinds: Readonly<Partial<Record<Activation, number>>> = {
  gelu: 0,
  'gelu-tanh': 1,
  silu: 2,
  sigmoid: 3,
};

/** `activate` and `gate` in vectors. */
export function activateWith(
  loops: LoopExports,
  workspace: Workspace,
): Pick<HotLoops, 'activate' | 'gate'> {
  const erf = 8 * workspace.keep(erfCoefficients);
  return {
    activate(activation, x) {
      const kind = kinds[activation];
      if (kind === undefined) return typescriptLoops.activate(activation, x);
      const y = new Float64Array(x.length);
      const [a, b] = workspace.room(chunk, chunk);
      const numbers = workspace.numbers();
      for (let from = 0; from < x.length; from += chunk) {
        const part = x.subarray(from, from + chunk);
        numbers.set(part, a);
        loops.activate(kind, 8 * a, 8 * b, even(part.length), erf);
        y.set(numbers.subarray(b, b + part.length), from);
      }
      return y;
    },
    gate(activation, kept, gates) {
      const kind = kinds[activation];
      if (kind === undefined) return typescriptLoops.gate(activation, kept, gates);
      const y = new Float64Array(gates.length);
      const [a, b, c] = workspace.room(chunk, chunk, chunk);
      const numbers = workspace.numbers();
      for (let from = 0; from < y.length; from += chunk) {
        const part = gates.subarray(from, from + chunk);
        numbers.set(kept.subarray(from, from + chunk), a);
        numbers.set(part, b);
        loops.gate(kind, 8 * a, 8 * b, 8 * c, even(part.length), erf);
        y.set(numbers.subarray(c, c + part.length), from);
      }
      return y;
    },
  };
}

/** Vectors hold two numbers; the one too many of an odd count is never read. */
function even(count: number): number {
  return count + (count % 2);
}
