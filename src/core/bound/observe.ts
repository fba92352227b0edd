import type { GluOp, Network } from '../network/network';
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
import type { LocalStatistics, Statistics, StepStatistics } from './statistics';

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

/** Of two sets of sequences together. */
export function mergeStatistics(a: Statistics, b: Statistics): Statistics {
  return {
    sequences: a.sequences + b.sequences,
    length: Math.max(a.length, b.length),
    steps: a.steps.map((one, i) => mergeSteps(one, b.steps[i])),
    output: Math.max(a.output, b.output),
  };
}

/** Whether sequences observed as `one` meet the conditions recorded as `all`. */
export function within(one: Statistics, all: Statistics): boolean {
  const below = (a: Float64Array | undefined, b: Float64Array | undefined): boolean =>
    a === undefined || b === undefined || a.every((x, i) => x <= b[i]);
  return (
    one.length <= all.length &&
    one.steps.every((s, i) => {
      const t = all.steps[i];
      return (
        s.peak <= t.peak &&
        (s.deviation ?? 0) >= (t.deviation ?? 0) &&
        below(s.rms, t.rms) &&
        below(s.energies, t.energies) &&
        below(s.kept, t.kept) &&
        below(s.activated, t.activated) &&
        below(s.local?.rms, t.local?.rms) &&
        (s.local?.peak ?? 0) <= (t.local?.peak ?? Infinity)
      );
    })
  );
}

/** The conditions widened by a factor, so that sequences like the recorded ones meet them too. */
export function widened(statistics: Statistics, factor: number): Statistics {
  const more = (x: Float64Array | undefined): Float64Array | undefined => x?.map((v) => v * factor);
  const steps = statistics.steps.map((s) => {
    const [rms, energies, kept, activated] = [s.rms, s.energies, s.kept, s.activated].map(more);
    const local = s.local && {
      rms: s.local.rms.map((v) => v * factor),
      peak: s.local.peak * factor,
    };
    const deviation = s.deviation === undefined ? undefined : s.deviation / factor;
    return only({ peak: s.peak * factor, rms, energies, kept, activated, local, deviation });
  });
  return { ...statistics, steps };
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
    case 'layer-norm': {
      let least = Infinity;
      for (let t = 0; t < length; t++) {
        least = Math.min(least, deviationAt(x, width, length, t, step.uncentred === true));
      }
      return { peak, deviation: Math.sqrt(least + step.epsilon) / up };
    }
    case 'glu':
      return { peak, ...gateStatistics(step, x, length) };
    case 'state-space': {
      const rms = rows(x, length).map((row) => (rootSum(row, 0, length) / Math.sqrt(length)) * up);
      return only({
        peak,
        rms: Float64Array.from(rms),
        energies: Float64Array.from(rms, (value) => value * Math.sqrt(length)),
        local: reduced && localError(network, reduced, step.layer, x, length),
      });
    }
    default:
      return { peak };
  }
}

function gateStatistics(
  { gate, activation }: GluOp,
  x: Float64Array,
  length: number,
): Pick<StepStatistics, 'kept' | 'activated'> {
  const half = x.length / 2;
  const [a, b] = gate === 'first' ? [half, 0] : [0, half];
  const f = activations[activation];
  const most = (from: number, of: (value: number) => number): Float64Array =>
    Float64Array.from(rows(x.subarray(from, from + half), length), (row) => {
      let largest = 0;
      for (const value of row) largest = Math.max(largest, Math.abs(of(value)));
      return largest * up;
    });
  return { kept: most(a, (value) => value), activated: most(b, f) };
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

function mergeSteps(a: StepStatistics, b: StepStatistics): StepStatistics {
  const most = (x?: Float64Array, y?: Float64Array): Float64Array | undefined =>
    x && y && x.map((value, i) => Math.max(value, y[i]));
  const [p, q] = [a.local, b.local];
  const local = p &&
    q && { rms: p.rms.map((x, i) => Math.max(x, q.rms[i])), peak: Math.max(p.peak, q.peak) };
  return only({
    peak: Math.max(a.peak, b.peak),
    rms: most(a.rms, b.rms),
    energies: most(a.energies, b.energies),
    kept: most(a.kept, b.kept),
    activated: most(a.activated, b.activated),
    local,
    deviation:
      a.deviation === undefined || b.deviation === undefined
        ? undefined
        : Math.min(a.deviation, b.deviation),
  });
}

/** Without what is undefined. */
function only(found: {
  readonly [K in keyof StepStatistics]: StepStatistics[K] | undefined;
}): StepStatistics {
  const { peak = Infinity, rms, energies, local, deviation, kept, activated } = found;
  return {
    peak,
    ...(rms && { rms }),
    ...(energies && { energies }),
    ...(local && { local }),
    ...(deviation === undefined ? {} : { deviation }),
    ...(kept && { kept }),
    ...(activated && { activated }),
  };
}

function rows(x: Float64Array, length: number): Float64Array[] {
  return Array.from({ length: x.length / length }, (_, h) =>
    x.subarray(h * length, (h + 1) * length),
  );
}

/** max over positions of the norm of a row. */
function peakOf(x: Float64Array, width: number, length: number): number {
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

function rootSum(x: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += x[i] * x[i];
  return Math.sqrt(sum);
}
