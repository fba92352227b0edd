import type { GluOp, LayerNormOp, LinearOp } from '../../network/network';
import type { Step } from '../../network/program';
import { hotLoops } from '../../hotLoops';
import { activations } from '../../network/ops/activation';
import { glu } from '../../network/ops/glu';
import { linear } from '../../network/ops/linear';
import { batchNorm, layerNorm } from '../../network/ops/norm';
import { activationSlopes } from './derivatives';

/** Steps that work position by position, which a block may have after its convolution. */
export type PointwiseStep = Extract<
  Step,
  { kind: 'linear' | 'layer-norm' | 'batch-norm' | 'activation' | 'glu' | 'add' }
>;

/** Gradients of a sum over positions with respect to arrays of parameters, added up over sequences. */
export type ParameterGradients = Map<Float64Array, Float64Array>;

export function isPointwise(step: Step): step is PointwiseStep {
  return ['linear', 'layer-norm', 'batch-norm', 'activation', 'glu', 'add'].includes(step.kind);
}

/** Inputs of every step and the output of the last; `residual` is what the `add` among them adds. */
export function forwardTape(
  steps: readonly PointwiseStep[],
  x: Float64Array,
  residual: Float64Array | undefined,
  length: number,
): Float64Array[] {
  const tape = [x];
  for (const step of steps) tape.push(output(step, tape[tape.length - 1], residual, length));
  return tape;
}

function output(
  step: PointwiseStep,
  x: Float64Array,
  residual: Float64Array | undefined,
  length: number,
): Float64Array {
  switch (step.kind) {
    case 'linear':
      return linear(step, x, length);
    case 'layer-norm':
      return layerNorm(step, x, length);
    case 'batch-norm':
      return batchNorm(step, x, length);
    case 'activation':
      return hotLoops().activate(step.activation, x);
    case 'glu':
      return glu(step, x);
    case 'add':
      return residual === undefined ? x : x.map((value, i) => value + residual[i]);
  }
}

/**
 * The gradient with respect to the first input from that of the last output; those of maps and norms are added to
 * `gradients` under the arrays that hold their values.
 */
export function backwardTape(
  steps: readonly PointwiseStep[],
  tape: readonly Float64Array[],
  last: Float64Array,
  length: number,
  gradients: ParameterGradients,
): Float64Array {
  let g = last;
  for (let i = steps.length - 1; i >= 0; i--) g = backward(steps[i], tape[i], g, length, gradients);
  return g;
}

export function backward(
  step: PointwiseStep,
  x: Float64Array,
  g: Float64Array,
  length: number,
  gradients: ParameterGradients,
): Float64Array {
  switch (step.kind) {
    case 'linear':
      return backwardLinear(step, x, g, length, gradients);
    case 'layer-norm':
      return backwardLayerNorm(step, x, g, length, gradients);
    case 'batch-norm': {
      const gain = (h: number): number =>
        (step.scale?.values[h] ?? 1) / Math.sqrt(step.variance.values[h] + step.epsilon);
      return scaleRows(g, step.width, length, gain);
    }
    case 'activation': {
      const slope = activationSlopes[step.activation];
      return g.map((value, i) => value * slope(x[i]));
    }
    case 'glu':
      return backwardGlu(step, x, g);
    case 'add':
      return g;
  }
}

function scaleRows(
  g: Float64Array,
  width: number,
  length: number,
  gain: (h: number) => number,
): Float64Array {
  const out = new Float64Array(g.length);
  for (let h = 0; h < width; h++) {
    const factor = gain(h);
    for (let i = h * length; i < (h + 1) * length; i++) out[i] = g[i] * factor;
  }
  return out;
}

function gradientOf(gradients: ParameterGradients, values: Float64Array): Float64Array {
  const found = gradients.get(values) ?? new Float64Array(values.length);
  gradients.set(values, found);
  return found;
}

function backwardLinear(
  { inputs, outputs, weight, bias }: LinearOp,
  x: Float64Array,
  g: Float64Array,
  length: number,
  gradients: ParameterGradients,
): Float64Array {
  const products = new Float64Array(outputs * inputs);
  hotLoops().innerProducts(g, outputs, x, inputs, length, products);
  const dW = gradientOf(gradients, weight.values);
  for (let i = 0; i < products.length; i++) dW[i] += products[i];
  if (bias !== undefined) {
    const db = gradientOf(gradients, bias.values);
    for (let o = 0; o < outputs; o++) {
      for (let i = o * length; i < (o + 1) * length; i++) db[o] += g[i];
    }
  }
  const transposed = new Float64Array(inputs * outputs);
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) transposed[i * outputs + o] = weight.values[o * inputs + i];
  }
  return hotLoops().multiply(transposed, g, inputs, outputs, length);
}

function backwardGlu(op: GluOp, x: Float64Array, g: Float64Array): Float64Array {
  const half = x.length / 2;
  const [kept, gate] = op.gate === 'second' ? [0, half] : [half, 0];
  const f = activations[op.activation];
  const slope = activationSlopes[op.activation];
  const out = new Float64Array(x.length);
  for (let i = 0; i < half; i++) {
    out[kept + i] = g[i] * f(x[gate + i]);
    out[gate + i] = g[i] * x[kept + i] * slope(x[gate + i]);
  }
  return out;
}

function backwardLayerNorm(
  { width, epsilon, scale, shift, uncentred }: LayerNormOp,
  x: Float64Array,
  g: Float64Array,
  length: number,
  gradients: ParameterGradients,
): Float64Array {
  const out = new Float64Array(x.length);
  const dScale = scale && gradientOf(gradients, scale.values);
  const dShift = shift && gradientOf(gradients, shift.values);
  for (let t = 0; t < length; t++) {
    let [mean, square] = [0, 0];
    if (uncentred !== true) {
      for (let i = t; i < x.length; i += length) mean += x[i];
      mean /= width;
    }
    for (let i = t; i < x.length; i += length) square += (x[i] - mean) ** 2;
    const factor = 1 / Math.sqrt(square / width + epsilon);
    let [sum, along] = [0, 0];
    for (let h = 0, i = t; h < width; h++, i += length) {
      const n = (x[i] - mean) * factor;
      const inner = g[i] * (scale?.values[h] ?? 1);
      sum += inner;
      along += inner * n;
      if (dScale !== undefined) dScale[h] += g[i] * n;
      if (dShift !== undefined) dShift[h] += g[i];
    }
    if (uncentred === true) sum = 0;
    for (let h = 0, i = t; h < width; h++, i += length) {
      const n = (x[i] - mean) * factor;
      const inner = g[i] * (scale?.values[h] ?? 1);
      out[i] = factor * (inner - sum / width - (n * along) / width);
    }
  }
  return out;
}
