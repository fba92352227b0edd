import type { GluOp, LinearOp } from '../network/network';
import { lipschitz } from './lipschitz';
import { operatorNormAbove, type RealMatrix } from './operatorNorm';
import { largest, normAbove, raised, times } from './rounding';

/** A linear map, alone or with the gate that follows it: half of its outputs times an activation of the other half. */
export interface Mapping {
  readonly weight: RealMatrix;
  readonly bias: Float64Array | undefined;
  readonly gate: GluOp | undefined;
}

/** What the gate of a mapping multiplies: sup |a_i| of the half that is kept, sup |f(b_i)| of the activated one. */
export interface GateReach {
  readonly kept: Float64Array;
  readonly activated: Float64Array;
}

export function mappingOf(
  { outputs, inputs, weight, bias }: LinearOp,
  gate: GluOp | undefined,
): Mapping {
  const matrix = { rows: outputs, cols: inputs, values: weight.values };
  return { weight: matrix, bias: bias?.values, gate };
}

/** A gate without a map of its own before it. */
export function bareGate(width: number, gate: GluOp): Mapping {
  const values = new Float64Array(width * width);
  for (let i = 0; i < width; i++) values[i * width + i] = 1;
  return { weight: { rows: width, cols: width, values }, bias: undefined, gate };
}

/** Rows of the half that is kept and of the half that is activated. */
export function halves({ weight, bias, gate }: Mapping): {
  readonly kept: RealMatrix;
  readonly activated: RealMatrix;
  readonly keptBias: Float64Array;
  readonly activatedBias: Float64Array;
} {
  const rows = weight.rows / 2;
  const half = (k: number): RealMatrix => ({
    rows,
    cols: weight.cols,
    values: weight.values.subarray(k * rows * weight.cols, (k + 1) * rows * weight.cols),
  });
  const biases = bias ?? new Float64Array(2 * rows);
  const [a, b] = gate?.gate === 'first' ? [1, 0] : [0, 1];
  return {
    kept: half(a),
    activated: half(b),
    keptBias: biases.subarray(a * rows, (a + 1) * rows),
    activatedBias: biases.subarray(b * rows, (b + 1) * rows),
  };
}

/**
 * A bound of the increment of a mapping's output from `bound`, which bounds the increment of W x for a matrix W: for a
 * gate |dm_i| <= F_i |da_i| + A_i La |db_i|, with A the kept half of the original network, so
 *     min( bound(F Wa) + La bound(A Wb), sqrt(max F² + (La max A)²) bound([Wa; Wb]) ).
 */
export function throughMapping(
  mapping: Mapping,
  gate: GateReach | undefined,
  bound: (W: RealMatrix) => number,
): number {
  const { weight, gate: op } = mapping;
  if (op === undefined || gate === undefined) return bound(weight);
  const { kept, activated } = halves(mapping);
  const slope = lipschitz[op.activation];
  const apart =
    times(1, bound(scaledRows(kept, gate.activated))) +
    times(slope, bound(scaledRows(activated, gate.kept)));
  const joint = Math.hypot(largest(gate.activated), slope * largest(gate.kept));
  return raised(Math.min(apart, times(joint, bound(weight))), 8);
}

/** ||W diag(columns)||, as an upper bound. */
export function scaledNorm(W: RealMatrix, columns: Float64Array | undefined): number {
  return operatorNormAbove(columns === undefined ? W : scaledColumns(W, columns));
}

export function scaledColumns(W: RealMatrix, columns: Float64Array): RealMatrix {
  return { ...W, values: W.values.map((x, k) => times(x, columns[k % W.cols])) };
}

function scaledRows(W: RealMatrix, rows: Float64Array): RealMatrix {
  if (rows.every((x) => x === 1)) return W;
  return { ...W, values: W.values.map((x, k) => times(x, rows[Math.floor(k / W.cols)])) };
}

/**
 * ||delta||_F behind W for channels of energies t: the smaller of ||W|| ||t||, sqrt(t^T |W^T W| t), ||W diag(t)||
 * sqrt(n), since a channel may be correlated with any other.
 */
export function energyBound(W: RealMatrix, t: Float64Array): number {
  const { rows, cols, values } = W;
  let correlated = 0;
  for (let i = 0; i < cols; i++) {
    if (t[i] === 0) continue;
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < rows; k++) sum += values[k * cols + i] * values[k * cols + j];
      correlated += (i === j ? 1 : 2) * Math.abs(sum) * t[i] * t[j];
    }
  }
  // a product of cancelling terms is off by its terms' sizes
  const sizes = normAbove(rowSums(W, t));
  const rounding = (rows + 4) * 2 ** -53 * sizes * sizes;
  return raised(
    Math.min(
      times(operatorNormAbove(W), normAbove(t)),
      Math.sqrt(correlated + rounding),
      operatorNormAbove(scaledColumns(W, t)) * Math.sqrt(cols),
    ),
    cols * cols + rows,
  );
}

function rowSums({ rows, cols, values }: RealMatrix, t: Float64Array): Float64Array {
  return Float64Array.from({ length: rows }, (_, k) => {
    let sum = 0;
    for (let i = 0; i < cols; i++) sum += Math.abs(values[k * cols + i]) * t[i];
    return sum;
  });
}
