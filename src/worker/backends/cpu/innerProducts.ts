import type { HotLoops } from '../../../core/hotLoops';
import type { LoopExports } from './module';
import type { Workspace } from './workspace';

/** Numbers of all columns in one pass, which bounds the memory. */
const mostNumbers = 1 << 21;

/** `gram` and `innerProducts` in vectors. */
export function innerProductsWith(
  loops: LoopExports,
  workspace: Workspace,
): Pick<HotLoops, 'gram' | 'innerProducts'> {
  /**
   * Sums on the module's side, from where they are to be copied. Columns that lie there already are used where they are;
   * others are taken a piece of their length at a time.
   */
  const sums = (
    x: Float64Array,
    from: number,
    to: number,
    y: Float64Array,
    yCount: number,
    rows: number,
  ): { readonly numbers: Float64Array; readonly at: number } => {
    const same = x === y && to === yCount;
    const [xPlace, yPlace] = rows % 2 === 0 ? [workspace.placeOf(x), workspace.placeOf(y)] : [];
    const copied = (xPlace === undefined ? to : 0) + (yPlace === undefined && !same ? yCount : 0);
    const piece =
      copied === 0 ? rows : Math.min(rows + (rows % 2), 2 * Math.ceil(mostNumbers / (2 * copied)));
    const [a, b, out] = workspace.room(
      xPlace === undefined ? to * piece : 0,
      yPlace === undefined && !same ? yCount * piece : 0,
      to * yCount,
    );
    const numbers = workspace.numbers();
    numbers.fill(0, out, out + to * yCount);
    for (let start = 0; start < rows; start += piece) {
      const end = Math.min(rows, start + piece);
      const operand = (
        columns: Float64Array,
        place: number | undefined,
        room: number,
        count: number,
      ): readonly [address: number, column: number] => {
        if (place !== undefined) return [8 * (place + start), rows];
        copyColumns(numbers, room, piece, columns, count, rows, start, end);
        return [8 * room, piece];
      };
      const left = operand(x, xPlace, a, to);
      const right = same ? left : operand(y, yPlace, b, yCount);
      const size = end - start + ((end - start) % 2);
      loops.innerProducts(
        left[0],
        left[1],
        from,
        to,
        right[0],
        right[1],
        yCount,
        size,
        8 * out,
        yCount,
        same ? 1 : 0,
      );
    }
    return { numbers, at: out };
  };
  return {
    gram(columns, rows, from, to, out, stride) {
      const { numbers, at } = sums(columns, from, to, columns, to, rows);
      for (let i = from; i < to; i++) {
        const row = at + i * to;
        for (let j = 0; j <= i; j++) out[i * stride + j] = numbers[row + j];
      }
    },
    innerProducts(x, xCount, y, yCount, rows, out) {
      const { numbers, at } = sums(x, 0, xCount, y, yCount, rows);
      out.set(numbers.subarray(at, at + xCount * yCount));
      if (x !== y || xCount !== yCount) return;
      for (let i = 0; i < xCount; i++) {
        for (let j = i + 1; j < yCount; j++) out[i * yCount + j] = out[j * yCount + i];
      }
    },
  };
}

/** Copies numbers start … end of every column, filled up with zeros to `piece`. */
function copyColumns(
  numbers: Float64Array,
  to: number,
  piece: number,
  columns: Float64Array,
  count: number,
  rows: number,
  start: number,
  end: number,
): void {
  if (piece === rows) {
    numbers.set(columns.subarray(0, count * rows), to);
    return;
  }
  for (let c = 0; c < count; c++) {
    const at = to + c * piece;
    numbers.set(columns.subarray(c * rows + start, c * rows + end), at);
    numbers.fill(0, at + end - start, at + piece);
  }
}
