import { typescriptLoops, type HotLoops } from '../../../core/hotLoops';
import { filledRows } from '../../../core/linalg/stackTriangles';
import { scaleFrom, sortAscending } from '../../../core/linalg/symmetricEigen';
import type { LoopExports } from './module';
import type { Workspace } from './workspace';

/** Dense matrices of a search, in vectors. */
export function matricesWith(
  loops: LoopExports,
  workspace: Workspace,
): Pick<HotLoops, 'symmetricEigen' | 'stackTriangles'> {
  return {
    symmetricEigen(
      matrix,
      n,
      into = { values: new Float64Array(n), vectors: new Float64Array(n * n) },
    ) {
      if (n < 2) return typescriptLoops.symmetricEigen(matrix, n, into);
      const [v, d, room] = workspace.room(n * n, n, 3 * n);
      const numbers = workspace.numbers();
      const { values, vectors } = into;
      const scale = scaleFrom(matrix, n, vectors);
      numbers.set(vectors.subarray(0, n * n), v);
      loops.symmetricEigen(8 * v, n, 8 * d, 8 * room);
      vectors.set(numbers.subarray(v, v + n * n));
      values.set(numbers.subarray(d, d + n));
      sortAscending(vectors, n, values);
      for (let i = 0; i < n; i++) values[i] *= scale;
      return into;
    },

    stackTriangles(top, low, n) {
      const [a, b, room] = workspace.room(n * n, n * n, 2 * n);
      const numbers = workspace.numbers();
      const [place, lowPlace] = [workspace.placeOf(top), workspace.placeOf(low)];
      if (place === undefined) numbers.set(top, a);
      if (lowPlace === undefined) numbers.set(low, b);
      const filled = filledRows(low, n);
      loops.stackTriangles(8 * (place ?? a), 8 * (lowPlace ?? b), n, filled, 8 * room);
      if (place === undefined) top.set(numbers.subarray(a, a + n * n));
    },
  };
}
