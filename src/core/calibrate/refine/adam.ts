import { solveLower, solveLowerTransposed } from '../../linalg/realCholesky';
import type { Block } from './curvature';

/** An array of variables that move by about `rate * scale` a step. */
export interface AdamVariable {
  readonly values: Float64Array;
  readonly scale: Float64Array;
}

/** A descent under way. */
export interface Adam {
  /** Moves the variables by the gradients. */
  readonly move: (gradients: readonly Float64Array[], rate: number) => void;
  /** Forgets where it was going, not how steep it is: after the variables were put back. */
  readonly halt: () => void;
}

/**
 * Adam (Kingma and Ba, arXiv 1412.6980) on several arrays at once, each variable with its own scale; those of a block
 * in the coordinates z = L^T x in which its curvature L L^T is the identity.
 */
export function createAdam(
  variables: readonly AdamVariable[],
  blocks: readonly Block[] = [],
): Adam {
  const [beta1, beta2] = [0.9, 0.98];
  const first = variables.map(({ values }) => new Float64Array(values.length));
  const second = variables.map(({ values }) => new Float64Array(values.length));
  let [step, since] = [0, 0];
  const move = (gradients: readonly Float64Array[], rate: number): void => {
    step++;
    since++;
    const [c1, c2] = [1 - beta1 ** since, 1 - beta2 ** step];
    const moves = gradients.map((g, k) => g.map((x, i) => x * variables[k].scale[i]));
    for (const block of blocks) exchange(block, gradients, moves, solveLower);
    moves.forEach((z, k) => {
      const [m, v] = [first[k], second[k]];
      for (let i = 0; i < z.length; i++) {
        const g = z[i];
        m[i] += (1 - beta1) * (g - m[i]);
        v[i] += (1 - beta2) * (g * g - v[i]);
        z[i] = v[i] > 0 ? (-rate * (m[i] / c1)) / Math.sqrt(v[i] / c2) : 0;
      }
    });
    const changes = moves.map((z, k) => z.map((x, i) => x * variables[k].scale[i]));
    for (const block of blocks) exchange(block, moves, changes, solveLowerTransposed);
    variables.forEach(({ values }, k) => {
      for (let i = 0; i < values.length; i++) values[i] += changes[k][i];
    });
  };
  const halt = (): void => {
    since = 0;
    for (const m of first) m.fill(0);
  };
  return { move, halt };
}

/** Puts what a triangle of a block makes of its entries into the same places. */
function exchange(
  { arrays, from, count, factor }: Block,
  source: readonly Float64Array[],
  target: readonly Float64Array[],
  solve: (factor: Float64Array, n: number, x: Float64Array) => void,
): void {
  const x = new Float64Array(arrays.length * count);
  arrays.forEach((array, k) => {
    x.set(source[array].subarray(from, from + count), k * count);
  });
  solve(factor, x.length, x);
  arrays.forEach((array, k) => {
    target[array].set(x.subarray(k * count, (k + 1) * count), from);
  });
}
