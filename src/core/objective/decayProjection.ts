import {
  choleskyInPlace,
  solveLower,
  solveLowerMany,
  solveLowerTransposed,
} from '../linalg/realCholesky';
import { discreteSums } from '../scalars';

/** A kernel k_t = sum_n w_n e^{a_n t} with real a_n < 0 and real weights, over a horizon. */
export interface DecayTarget {
  readonly poles: Float64Array;
  readonly weights: Float64Array;
  readonly horizon: number;
  /** sum_t k_t². */
  readonly norm2: number;
}

const sums = new Float64Array(6);

export function decayTarget(
  poles: Float64Array,
  weights: Float64Array,
  horizon: number,
): DecayTarget {
  let norm2 = 0;
  for (let i = 0; i < poles.length; i++) {
    for (let j = 0; j < poles.length; j++) {
      discreteSums(poles[i] + poles[j], 0, horizon, 0, sums, 0);
      norm2 += weights[i] * weights[j] * sums[0];
    }
  }
  return { poles, weights, horizon, norm2 };
}

/**
 * Variable projection for kernels with real poles and real weights: for reduced log-poles b = -e^x
 *     J(x) = min_v sum_{t<L} (k_t - sum_j v_j e^{b_j t})² + ridge,
 * with gradient and exact Hessian, as `VariableProjection` has for complex poles. The relative ridge eta² sum_j v_j²
 * ||e^{b_j t}||² bounds the weights of poles that come close, so that they merge instead of growing against each other.
 */
export interface DecayProjection {
  /** Optimal weights of the last evaluation. */
  readonly weights: Float64Array;
  value(x: Float64Array): number;
  derivatives(x: Float64Array, gradient: Float64Array, hessian: Float64Array): number;
}

export function decayProjection(target: DecayTarget, r: number, ridge: number): DecayProjection {
  const { poles: a, weights: w, horizon } = target;
  const weights = new Float64Array(r);
  /** S, S', S'' at b_i + b_j, and sum_n w_n S^(p)(b_j + a_n). */
  const own = [0, 1, 2].map(() => new Float64Array(r * r));
  const cross = [0, 1, 2].map(() => new Float64Array(r));
  const factor = new Float64Array(r * r);
  const scale = new Float64Array(r);
  const mixed = new Float64Array(r * r);

  const sumPairs = (b: Float64Array, order: 0 | 2): void => {
    for (let j = 0; j < r; j++) {
      for (let p = 0; p <= order; p++) cross[p][j] = 0;
      for (let n = 0; n < a.length; n++) {
        discreteSums(b[j] + a[n], 0, horizon, order, sums, 0);
        for (let p = 0; p <= order; p++) cross[p][j] += w[n] * sums[2 * p];
      }
      for (let i = 0; i <= j; i++) {
        discreteSums(b[i] + b[j], 0, horizon, order, sums, 0);
        const raised = i === j ? 1 + ridge : 1;
        for (let p = 0; p <= order; p++) {
          own[p][i * r + j] = own[p][j * r + i] = raised * sums[2 * p];
        }
      }
    }
  };

  const solveWeights = (): number => {
    const [gram] = own;
    const [rhs] = cross;
    for (let i = 0; i < r; i++) scale[i] = Math.sqrt(gram[i * r + i]);
    for (let i = 0; i < r; i++) {
      for (let j = 0; j <= i; j++) factor[i * r + j] = gram[i * r + j] / (scale[i] * scale[j]);
    }
    if (!choleskyInPlace(factor, r, 1e-16)) return Infinity;
    for (let i = 0; i < r; i++) weights[i] = rhs[i] / scale[i];
    solveLower(factor, r, weights);
    solveLowerTransposed(factor, r, weights);
    let value = target.norm2;
    for (let i = 0; i < r; i++) weights[i] /= scale[i];
    for (let i = 0; i < r; i++) {
      let row = 0;
      for (let j = 0; j < r; j++) row += gram[i * r + j] * weights[j];
      value += weights[i] * (row - 2 * rhs[i]);
    }
    return Number.isFinite(value) ? value : Infinity;
  };

  const differentiate = (b: Float64Array, gradient: Float64Array, hessian: Float64Array): void => {
    for (let j = 0; j < r; j++) {
      // e_p = sum over the error system of its weights times S^(p)(b_j + .)
      let [first, second] = [cross[1][j], cross[2][j]];
      for (let i = 0; i < r; i++) {
        const k = j * r + i;
        first -= weights[i] * own[1][k];
        second -= weights[i] * own[2][k];
        hessian[k] = 2 * weights[j] * weights[i] * b[j] * b[i] * own[2][k];
        mixed[k] = 2 * weights[i] * b[i] * own[1][k];
      }
      const slope = -2 * weights[j] * first * b[j];
      gradient[j] = slope;
      hessian[j * r + j] += slope - 2 * weights[j] * second * b[j] * b[j];
      mixed[j * r + j] -= 2 * first * b[j];
    }
    // the weights follow the poles: hessian <- hessian - 1/2 mixed^T Gram^{-1} mixed
    for (let i = 0; i < r; i++) for (let j = 0; j < r; j++) mixed[i * r + j] /= scale[i];
    solveLowerMany(factor, r, mixed, r);
    for (let i = 0; i < r; i++) {
      for (let j = 0; j < r; j++) {
        let sum = 0;
        for (let k = 0; k < r; k++) sum += mixed[k * r + i] * mixed[k * r + j];
        hessian[i * r + j] -= sum / 2;
      }
    }
  };

  const polesAt = (x: Float64Array): Float64Array => x.map((v) => -Math.exp(v));
  return {
    weights,
    value(x) {
      sumPairs(polesAt(x), 0);
      return solveWeights();
    },
    derivatives(x, gradient, hessian) {
      const b = polesAt(x);
      sumPairs(b, 2);
      const value = solveWeights();
      if (value < Infinity) differentiate(b, gradient, hessian);
      return value;
    },
  };
}
