import type { ComplexVector } from '../linalg/complex';
import {
  type ComplexMatrix,
  complexMatrix,
  sameSize,
  stackColumns,
  stackRows,
} from '../linalg/matrix';
import { combine } from '../linalg/multiply';
import type { ModalSystem } from './modal';

/**
 * A diagonal linear system with m inputs and p outputs. Continuous time: x' = diag(poles) x + B u, y = C x, impulse
 * response C exp(diag(poles) t) B. Discrete time: `poles` are log-poles a = log z and the response is
 * C exp(diag(a) k) B, k = 0, 1, … Which of the two it is, the `TimeSpan` that goes with it says.
 */
export interface DiagonalSystem {
  /** N poles lambda (continuous) or log-poles a (discrete). */
  readonly poles: ComplexVector;
  /** N × m. */
  readonly B: ComplexMatrix;
  /** p × N. */
  readonly C: ComplexMatrix;
}

/** Poles and weights of a single-input single-output system, k(t) = sum_n w_n e^{pole_n t}. */
export interface Modes {
  readonly poles: ComplexVector;
  readonly weights: ComplexVector;
}

/** The single-input single-output system with these poles, B = 1 and C = weights. */
export function fromWeights(poles: ComplexVector, weights: ComplexVector): DiagonalSystem {
  const n = poles.re.length;
  const B = complexMatrix(n, 1);
  B.re.fill(1);
  return { poles, B, C: { rows: 1, cols: n, re: weights.re, im: weights.im } };
}

/** Weights w_n = C_1n B_n1 of the modes of a system with one input and one output. */
export function modeWeights({ B, C }: DiagonalSystem): ComplexVector {
  sameSize(B.cols, 1, 'one input');
  sameSize(C.rows, 1, 'one output');
  return {
    re: B.re.map((b, n) => b * C.re[n] - B.im[n] * C.im[n]),
    im: B.re.map((b, n) => b * C.im[n] + B.im[n] * C.re[n]),
  };
}

/** A network layer's system as a discrete diagonal system with B = 1. */
export function asDiagonal(system: ModalSystem): DiagonalSystem {
  return fromWeights(system.poles, system.weights);
}

/**
 * The system of twice the order whose response is Re(C exp(diag(a) k) B): poles a and conj a, B and conj B, C / 2 and
 * conj(C) / 2.
 */
export function closeUnderConjugation({ poles, B, C }: DiagonalSystem): DiagonalSystem {
  const n = poles.re.length;
  const closed = complexMatrix(C.rows, 2 * n);
  for (let i = 0; i < C.rows; i++) {
    for (let k = 0; k < n; k++) {
      const [from, to] = [i * n + k, i * 2 * n + k];
      closed.re[to] = closed.re[to + n] = C.re[from] / 2;
      closed.im[to] = C.im[from] / 2;
      closed.im[to + n] = -C.im[from] / 2;
    }
  }
  return {
    poles: { re: twice(poles.re, 1), im: twice(poles.im, -1) },
    B: { rows: 2 * n, cols: B.cols, re: twice(B.re, 1), im: twice(B.im, -1) },
    C: closed,
  };
}

function twice(x: Float64Array, sign: number): Float64Array {
  const both = new Float64Array(2 * x.length);
  both.set(x);
  for (let k = 0; k < x.length; k++) both[x.length + k] = sign * x[k];
  return both;
}

/** The parallel connection G + H: poles of both, inputs stacked, outputs side by side. */
export function sum(G: DiagonalSystem, H: DiagonalSystem): DiagonalSystem {
  return {
    poles: { re: joined(G.poles.re, H.poles.re), im: joined(G.poles.im, H.poles.im) },
    B: stackRows(G.B, H.B),
    C: stackColumns(G.C, H.C),
  };
}

/** The error system G - G^: their parallel connection with -C^. */
export function difference(full: DiagonalSystem, reduced: DiagonalSystem): DiagonalSystem {
  return sum(full, { ...reduced, C: combine(-1, reduced.C, 0, reduced.C) });
}

function joined(x: Float64Array, y: Float64Array): Float64Array {
  const both = new Float64Array(x.length + y.length);
  both.set(x);
  both.set(y, x.length);
  return both;
}
