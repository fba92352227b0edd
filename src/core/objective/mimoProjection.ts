import type { ComplexVector } from '../linalg/complex';
import { type ComplexMatrix, complexMatrix } from '../linalg/matrix';
import { choleskyInPlace, solveLower, solveLowerTransposed } from '../linalg/realCholesky';
import { multiplyReal, multiplyTransposed } from '../linalg/realMatrix';
import type { DiagonalSystem } from '../systems/diagonal';
import { setPole } from '../systems/poleSet';
import {
  type CrossProducts,
  type InputModes,
  type ModesGradient,
  addProductGradient,
  createCrossProducts,
  createInputModes,
  fillCrossProducts,
} from './realResponses';

/** A system with several inputs and outputs prepared for the search. */
export interface MimoTarget {
  readonly order: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly modes: InputModes;
  /** [Re C, Im C], p × 2N. */
  readonly readout: Float64Array;
  readonly horizon: number;
  /** Inner products of the 2N functions, and of each with every output of the system (p × 2N). */
  readonly own: CrossProducts;
  readonly seen: Float64Array;
  /** sum_k ||Re K_k||_F². */
  readonly norm2: number;
}

export function mimoTarget({ poles, B, C }: DiagonalSystem, horizon: number): MimoTarget {
  const n = poles.re.length;
  const modes = createInputModes(n, B.cols, horizon);
  placeModes(modes, poles, B);
  const readout = new Float64Array(C.rows * 2 * n);
  for (let i = 0; i < C.rows; i++) {
    readout.set(C.re.subarray(i * n, (i + 1) * n), i * 2 * n);
    readout.set(C.im.subarray(i * n, (i + 1) * n), (2 * i + 1) * n);
  }
  const own = createCrossProducts(n, n, B.cols);
  fillCrossProducts(own, modes, modes, 0);
  const seen = new Float64Array(C.rows * 2 * n);
  multiplyReal(readout, own.products, seen, C.rows, 2 * n, 2 * n);
  const norm2 = seen.reduce((sum, x, k) => sum + x * readout[k], 0);
  return { order: n, inputs: B.cols, outputs: C.rows, modes, readout, horizon, own, seen, norm2 };
}

/** Sets poles and input rows. */
export function placeModes(modes: InputModes, poles: ComplexVector, B: ComplexMatrix): void {
  poles.re.forEach((x, j) => {
    setPole(modes.poles, j, x, poles.im[j]);
  });
  modes.inputs.set(B.re);
  modes.inputs.set(B.im, B.re.length);
}

/**
 * Variable projection of the real-part objective for any number of inputs and outputs: for given poles b and B^ the rows
 * (Re c^, Im c^) of C^ solve independent least-squares problems with one 2r × 2r matrix A,
 *     J(b, B^) = min over C^ of sum_k ||Re(K_k - K^_k)||_F² + ridge,
 * and by the envelope theorem the gradient is that at the solution. In real arithmetic: four products of the sizes
 * 2N × m × 2r and p × 2N × 2r are all the work. One object serves many evaluations of the same r.
 */
export interface MimoProjection {
  readonly target: MimoTarget;
  readonly slots: number;
  /** Poles and input rows to be evaluated; set them with `placeModes`. */
  readonly modes: InputModes;
  /** (Re C^, Im C^) of the last evaluation, p × 2r. */
  readonly readout: Float64Array;
  /** A of the last evaluation, and the products of the full system's functions with the reduced one's. */
  readonly own: CrossProducts;
  readonly cross: CrossProducts;
  readonly gradient: ModesGradient;
  /** J; Infinity where the least-squares problem cannot be solved. */
  value(): number;
  /** J, with `gradient` written. */
  differentiate(): number;
}

export function mimoProjection(target: MimoTarget, slots: number, ridge: number): MimoProjection {
  const { order: n, inputs: m, outputs: p } = target;
  const r = slots;
  const modes = createInputModes(r, m, target.horizon);
  const cross = createCrossProducts(n, r, m);
  const own = createCrossProducts(r, r, m);
  const rhs = new Float64Array(p * 2 * r);
  const readout = new Float64Array(p * 2 * r);
  const factor = new Float64Array(4 * r * r);
  const scale = new Float64Array(2 * r);
  const row = new Float64Array(2 * r);
  const weighing = new Float64Array(4 * n * r);
  const squares = new Float64Array(4 * r * r);
  const scratch = new Float64Array(4 * n * r + 2 * r * m);
  const gradient = {
    re: new Float64Array(r),
    im: new Float64Array(r),
    inputs: new Float64Array(2 * r * m),
  };

  const evaluate = (order: 0 | 1): number => {
    fillCrossProducts(cross, target.modes, modes, order);
    fillCrossProducts(own, modes, modes, order, 1 + ridge);
    multiplyReal(target.readout, cross.products, rhs, p, 2 * n, 2 * r);
    const A = own.products;
    const size = 2 * r;
    for (let i = 0; i < size; i++) {
      // both functions of a slot share a scale: a real pole has a vanishing second one
      const other = (i + r) % size;
      scale[i] = Math.sqrt(Math.max(A[i * size + i] + A[other * size + other], 1e-300));
    }
    for (let i = 0; i < size; i++) {
      for (let j = 0; j <= i; j++) factor[i * size + j] = A[i * size + j] / (scale[i] * scale[j]);
    }
    if (!choleskyInPlace(factor, size, 1e-15)) return Infinity;
    let value = target.norm2;
    for (let i = 0; i < p; i++) {
      const from = i * size;
      for (let k = 0; k < size; k++) row[k] = rhs[from + k] / scale[k];
      solveLower(factor, size, row);
      for (let k = 0; k < size; k++) value -= row[k] * row[k];
      solveLowerTransposed(factor, size, row);
      for (let k = 0; k < size; k++) readout[from + k] = row[k] / scale[k];
    }
    return Number.isFinite(value) ? value : Infinity;
  };

  return {
    target,
    slots,
    modes,
    readout,
    own,
    cross,
    gradient,
    value: () => evaluate(0),
    differentiate() {
      const value = evaluate(1);
      gradient.re.fill(0);
      gradient.im.fill(0);
      gradient.inputs.fill(0);
      if (value === Infinity) return value;
      multiplyTransposed(target.readout, readout, weighing, 2 * n, p, 2 * r);
      addProductGradient(cross, target.modes, weighing, -2, gradient, scratch);
      // A stands for both sides of its products: twice the gradient in the second
      multiplyTransposed(readout, readout, squares, 2 * r, p, 2 * r);
      addProductGradient(own, modes, squares, 2, gradient, scratch);
      return value;
    },
  };
}

/** The reduced system of the last evaluation. */
export function reducedSystem({
  modes,
  readout,
  slots: r,
  target,
}: MimoProjection): DiagonalSystem {
  const { inputs: m, outputs: p } = target;
  const C = complexMatrix(p, r);
  for (let i = 0; i < p; i++) {
    C.re.set(readout.subarray(i * 2 * r, i * 2 * r + r), i * r);
    C.im.set(readout.subarray(i * 2 * r + r, (i + 1) * 2 * r), i * r);
  }
  return {
    poles: { re: modes.poles.re.slice(), im: modes.poles.im.slice() },
    B: {
      rows: r,
      cols: m,
      re: modes.inputs.slice(0, r * m),
      im: modes.inputs.slice(r * m),
    },
    C,
  };
}
