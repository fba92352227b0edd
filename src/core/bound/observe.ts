import type { GluOp, LayerNormOp, Network } from '../network/network';
import { activations } from '../network/ops/activation';
import { stateSpace } from '../network/ops/stateSpace';
import {
  advance,
  startState,
  type Sequence,
  type SequenceState,
  type Step,
} from '../network/program';
import { sameLayers } from './kernelGains';
import type { LocalStatistics, OtherSignals, Statistics, StepStatistics } from './statistics';

/** Room for the rounding of the recorded values themselves. */
const up = 1 + 2 ** -44;
/** Of a convolution by fast transforms, relative to what it gives. */
const convolutionRounding = 2 ** -47;

/**
 * What the original network does on one sequence; with the compressed network also the layers' own errors on it. Room
 * for rounding is added.
 */
export function observe(
  original: Network,
  steps: readonly Step[],
  sequence: Sequence,
  reduced?: Network,
): Statistics {
  let state = startState(original, sequence);
  const found = steps.map((step, i) => {
    const statistics = ofStep(original, step, state, reduced);
    state = advance(original, steps, i, i + 1, state);
    return statistics;
  });
  const output = rootSum(state.x, 0, state.x.length) / Math.sqrt(state.length);
  return { sequences: 1, length: sequence.length, steps: found, output: output * up };
}

function ofStep(
  network: Network,
  step: Step,
  state: SequenceState,
  reduced: Network | undefined,
): StepStatistics {
  const { x, width, length } = state;
  const peak = peakOf(x, width, length) * up;
  switch (step.kind) {
    case 'layer-norm':
      return { peak, deviation: deviationOf(step, state) };
    case 'glu':
      return { peak, ...gateOf(step, x, length).statistics };
    case 'state-space': {
      const rms = rows(x, length).map((row) => (rootSum(row, 0, length) / Math.sqrt(length)) * up);
      return {
        peak,
        rms: Float64Array.from(rms),
        energies: Float64Array.from(rms, (value) => value * Math.sqrt(length)),
        ...(reduced && { local: localError(network, reduced, step.layer, x, length) }),
      };
    }
    default:
      return { peak };
  }
}

/** The least deviation of a row before a layer norm. */
export function deviationOf(
  { uncentred, epsilon }: LayerNormOp,
  { x, width, length }: SequenceState,
): number {
  let least = Infinity;
  for (let t = 0; t < length; t++) {
    least = Math.min(least, deviationAt(x, width, length, t, uncentred === true));
  }
  return Math.sqrt(least + epsilon) / up;
}

/** What a gate multiplies, and the values of the half that is activated. */
export function gateOf(
  { gate, activation }: GluOp,
  x: Float64Array,
  length: number,
): {
  readonly statistics: Required<Pick<StepStatistics, 'kept' | 'activated'>>;
  readonly ranges: Required<Pick<OtherSignals, 'low' | 'high'>>;
} {
  const half = x.length / 2;
  const [a, b] = gate === 'first' ? [half, 0] : [0, half];
  const f = activations[activation];
  const most = (from: number, of: (value: number) => number): Float64Array =>
    Float64Array.from(rows(x.subarray(from, from + half), length), (row) => {
      let largest = 0;
      for (const value of row) largest = Math.max(largest, Math.abs(of(value)));
      return largest * up;
    });
  return {
    statistics: { kept: most(a, (value) => value), activated: most(b, f) },
    ranges: rangesOf(x.subarray(b, b + half), length),
  };
}

/** Least and greatest value of every feature. */
export function rangesOf(
  x: Float64Array,
  length: number,
): Required<Pick<OtherSignals, 'low' | 'high'>> {
  const all = rows(x, length);
  return {
    low: Float64Array.from(all, (row) => row.reduce((least, value) => Math.min(least, value))),
    high: Float64Array.from(all, (row) => row.reduce((most, value) => Math.max(most, value))),
  };
}

function localError(
  original: Network,
  reduced: Network,
  layer: number,
  x: Float64Array,
  length: number,
): LocalStatistics {
  const { outputs } = original.layers[layer];
  if (sameLayers(original.layers[layer], reduced.layers[layer])) {
    return { rms: new Float64Array(outputs), peak: 0 };
  }
  const before = stateSpace(original.layers[layer], x, length);
  const after = stateSpace(reduced.layers[layer], x, length);
  const error = before.map((v, i) => Math.abs(v - after[i]));
  const rms = Float64Array.from({ length: outputs }, (_, c) => {
    const [from, to] = [c * length, (c + 1) * length];
    const sizes = rootSum(before, from, to) + rootSum(after, from, to);
    return (rootSum(error, from, to) * up + convolutionRounding * sizes) / Math.sqrt(length);
  });
  const rounding =
    convolutionRounding * (rootSum(before, 0, before.length) + rootSum(after, 0, after.length));
  return { rms, peak: peakOf(error, outputs, length) * up + rounding };
}

function rows(x: Float64Array, length: number): Float64Array[] {
  return Array.from({ length: x.length / length }, (_, h) =>
    x.subarray(h * length, (h + 1) * length),
  );
}

/** max over positions of the norm of a row. */
export function peakOf(x: Float64Array, width: number, length: number): number {
  const squares = new Float64Array(length);
  for (let h = 0; h < width; h++) {
    for (let t = 0; t < length; t++) squares[t] += x[h * length + t] ** 2;
  }
  return Math.sqrt(squares.reduce((a, b) => Math.max(a, b), 0));
}

function deviationAt(
  x: Float64Array,
  width: number,
  length: number,
  t: number,
  uncentred: boolean,
): number {
  let mean = 0;
  if (!uncentred) for (let i = t; i < x.length; i += length) mean += x[i] / width;
  let sum = 0;
  for (let i = t; i < x.length; i += length) sum += (x[i] - mean) ** 2;
  return sum / width;
}

/** The root of the sum of squares of a part. */
export function rootSum(x: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += x[i] * x[i];
  return Math.sqrt(sum);
}
