import type { HotLoops } from '../../../core/hotLoops';
import type { LoopExports } from './module';
import type { Workspace } from './workspace';

/** Positions and rows of one pass: what keeps the operands in the caches, and bounds the memory for the largest. */
const numbersOfPositions = 1 << 16;
const numbersOfRows = 1 << 20;

/** `multiply` a block of positions and rows at a time. */
export function multiplyWith(loops: LoopExports, workspace: Workspace): HotLoops['multiply'] {
  return (W, x, rows, inner, length) => {
    const y = new Float64Array(rows * length);
    const most = 4 * Math.max(1, Math.floor(numbersOfPositions / (4 * inner)));
    const width = Math.min(most, 4 * Math.ceil(length / 4));
    const widest = Math.max(inner, width);
    const height = Math.min(rows, 4 * Math.max(1, Math.floor(numbersOfRows / (4 * widest))));
    const [w, u, v, panel] = workspace.room(
      height * inner,
      inner * width,
      height * width,
      4 * inner,
    );
    const numbers = workspace.numbers();
    for (let i = 0; i < rows; i += height) {
      const count = Math.min(height, rows - i);
      numbers.set(W.subarray(i * inner, (i + count) * inner), w);
      for (let t = 0; t < length; t += width) {
        const end = Math.min(length, t + width);
        for (let k = 0; k < inner; k++) {
          numbers.set(x.subarray(k * length + t, k * length + end), u + k * width);
        }
        loops.multiply(8 * w, 8 * u, 8 * v, 8 * panel, count, inner, width);
        for (let k = 0; k < count; k++) {
          const from = v + k * width;
          y.set(numbers.subarray(from, from + end - t), (i + k) * length + t);
        }
      }
    }
    return y;
  };
}
