import { type ComplexMatrix, columns, complexMatrix } from '../core/linalg/matrix';
import { wrapPhase } from '../core/scalars';
import type { DiagonalSystem } from '../core/systems/diagonal';
import type { TensorEdit } from '../formats/checkpoint';
import type { TensorValues } from '../formats/tensor';
import { storedComplexShape } from './siblings';
import { storedEdit } from './values';

/** A tensor of complex numbers, stored as such or as pairs, as a matrix. */
export function fromPairs({ values }: TensorValues, rows: number, cols: number): ComplexMatrix {
  const M = complexMatrix(rows, cols);
  for (let at = 0; at < rows * cols; at++) {
    M.re[at] = values[2 * at];
    M.im[at] = values[2 * at + 1];
  }
  return M;
}

/** The numbers of a matrix as pairs, row by row. */
export function toPairs({ re, im }: Pick<ComplexMatrix, 're' | 'im'>): Float64Array {
  const pairs = new Float64Array(2 * re.length);
  for (let at = 0; at < re.length; at++) {
    pairs[2 * at] = re[at];
    pairs[2 * at + 1] = im[at];
  }
  return pairs;
}

/**
 * The discrete system with the same real response Re(C diag(e^{a t}) B) whose log-poles have phases from 0 to pi: modes
 * below the real axis are conjugated.
 */
export function inUpperHalf({ poles, B, C }: DiagonalSystem): DiagonalSystem {
  const phases = poles.im.map(wrapPhase);
  const sign = phases.map((phase) => (phase < 0 ? -1 : 1));
  return {
    poles: { re: poles.re, im: phases.map(Math.abs) },
    B: { ...B, im: B.im.map((x, at) => x * sign[Math.floor(at / B.cols)]) },
    C: { ...C, im: C.im.map((x, at) => x * sign[at % C.cols]) },
  };
}

/** A matrix as the new contents of a tensor of complex numbers, stored as such or as pairs. */
export function matrixEdit(tensor: TensorValues, M: ComplexMatrix): TensorEdit {
  return storedEdit(tensor, storedComplexShape(tensor.info, [M.rows, M.cols]), toPairs(M));
}

/** The left and the right half of the columns. */
export function halfColumns(M: ComplexMatrix): [left: ComplexMatrix, right: ComplexMatrix] {
  const half = M.cols / 2;
  return [columns(M, 0, half), columns(M, half, M.cols)];
}
