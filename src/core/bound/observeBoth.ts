import type { BatchNormOp, LayerNormOp, Network, Parameter } from '../network/network';
import {
  advance,
  programOf,
  startState,
  stepOfLayer,
  type Sequence,
  type SequenceState,
  type Step,
} from '../network/program';
import { blockEnds, type BlockEnd } from './blocks';
import { mergeOthers } from './conditions';
import { deviationOf, gateOf, observe, peakOf, rangesOf, rootSum } from './observe';
import { affineOf } from './reach';
import type { OtherSignals, Sizes, Statistics, StepStatistics } from './statistics';

/** Room for the rounding of whole forward passes, relative to their values. */
const passRounding = 2 ** -40;

/**
 * What both networks do on one sequence. Beside the original and the compressed network two more signals are followed
 * from each layer to the end of its block: the compressed layer and the original one, each on what the original layer
 * receives and with everything behind as in the compressed network. Their difference at the end of the block is the
 * layer's own error there, exactly; all four together tell where norms, gates and activations work.
 */
export function observeBoth(
  original: Network,
  steps: readonly Step[],
  sequence: Sequence,
  reduced: Network,
): Statistics {
  const seen = observe(original, steps, sequence, reduced);
  const reducedSteps = programOf(reduced);
  const far = steps.map((): SequenceState[] => []);
  const near = steps.map((): SequenceState[] => []);
  let start = startState(original, sequence);
  let other = startState(reduced, sequence);
  const found = seen.steps.slice();
  const ends = blockEnds(steps);
  steps.forEach((step, i) => {
    near[i].push(start);
    far[i].push(other);
    if (step.kind === 'push') {
      found[i] = { ...found[i], sizes: sizesOf(start, other) };
    }
    if (step.kind === 'state-space') {
      const end = ends.find(({ layer }) => layer === step.layer);
      if (end !== undefined) {
        const error = followBlock(original, reduced, { steps, reducedSteps }, end, start, {
          near,
          far,
        });
        found[end.last] = { ...found[end.last], block: { layer: end.layer, ...error.block } };
        if (error.output !== undefined) {
          const last = steps.length - 1;
          found[last] = { ...found[last], atOutput: { layer: end.layer, ...error.output } };
        }
      }
    }
    start = advance(original, steps, i, i + 1, start);
    other = advance(reduced, reducedSteps, i, i + 1, other);
  });
  const all = found.map((one, i) => withSignals(one, steps[i], near[i], far[i]));
  return { ...seen, steps: all, outputs: sizesOf(start, other).rms };
}

interface Followed {
  readonly near: SequenceState[][];
  readonly far: SequenceState[][];
}

interface Errors {
  readonly block: { readonly rms: number; readonly peak: number };
  readonly output?: { readonly rms: number; readonly peak: number };
}

/** From a layer to the end of its block, and to the output where nothing forgets sizes. */
function followBlock(
  original: Network,
  reduced: Network,
  {
    steps,
    reducedSteps,
  }: { readonly steps: readonly Step[]; readonly reducedSteps: readonly Step[] },
  { layer, last, toOutput }: BlockEnd,
  before: SequenceState,
  followed: Followed,
): Errors {
  const at = stepOfLayer(steps, layer);
  const exchanged = { ...reduced, layers: original.layers };
  let hybrid = advance(reduced, reducedSteps, at, at + 1, before);
  let comparator = advance(exchanged, reducedSteps, at, at + 1, before);
  let block: Errors['block'] | undefined;
  const end = toOutput ? steps.length : last + 1;
  for (let i = at + 1; i < end; i++) {
    followed.near[i].push(hybrid);
    followed.far[i].push(comparator);
    hybrid = advance(reduced, reducedSteps, i, i + 1, hybrid);
    comparator = advance(exchanged, reducedSteps, i, i + 1, comparator);
    if (i === last) block = distance(hybrid, comparator, scalesOf(reducedSteps[i]));
  }
  const none = { rms: Infinity, peak: Infinity };
  return {
    block: block ?? none,
    ...(toOutput && { output: distance(hybrid, comparator, undefined) }),
  };
}

/** Of two signals together. */
function sizesOf(a: SequenceState, b: SequenceState): Sizes {
  const of = (size: (one: SequenceState) => number): number =>
    (size(a) + size(b)) * (1 + passRounding);
  return {
    rms: of(({ x, length }) => rootSum(x, 0, x.length) / Math.sqrt(length)),
    peak: of(({ x, width, length }) => peakOf(x, width, length)),
  };
}

/** Of two states, of features divided by their scales; those of scale 0 do not count. */
function distance(
  a: SequenceState,
  b: SequenceState,
  scales: Float64Array | undefined,
): { readonly rms: number; readonly peak: number } {
  const { length } = a;
  const difference = a.x.map((value, k) => {
    const scale = scales?.[Math.floor(k / length)] ?? 1;
    if (scale === 0) return 0;
    const size = Math.abs(value) + Math.abs(b.x[k]);
    return (Math.abs(value - b.x[k]) + passRounding * size) / scale;
  });
  return {
    rms: (rootSum(difference, 0, difference.length) / Math.sqrt(length)) * (1 + passRounding),
    peak: peakOf(difference, a.width, length) * (1 + passRounding),
  };
}

/** Absolute scales of a norm; none for other steps. */
function scalesOf(step: Step): Float64Array | undefined {
  if (step.kind === 'layer-norm') return absolute(step, step.scale);
  if (step.kind === 'batch-norm') return affineOf(step).factors.map(Math.abs);
  return undefined;
}

function absolute(
  { width }: LayerNormOp | BatchNormOp,
  scale: Parameter | undefined,
): Float64Array {
  return scale?.values.map(Math.abs) ?? new Float64Array(width).fill(1);
}

function withSignals(
  found: StepStatistics,
  step: Step,
  near: readonly SequenceState[],
  far: readonly SequenceState[],
): StepStatistics {
  const all = [...near, ...far];
  const least = (signals: readonly SequenceState[]): number =>
    Math.min(...signals.map((one) => (step.kind === 'layer-norm' ? deviationOf(step, one) : 0)));
  switch (step.kind) {
    case 'layer-norm':
      return { ...found, others: { near: least(near), far: least(far) } };
    case 'activation': {
      const ranges: OtherSignals[] = all.map(({ x, length }) => rangesOf(x, length));
      return { ...found, others: ranges.reduce(mergeOthers) };
    }
    case 'glu': {
      const met = all.map(({ x, length }): OtherSignals => {
        const { statistics, ranges } = gateOf(step, x, length);
        return { ...statistics, ...ranges };
      });
      return { ...found, others: met.reduce(mergeOthers) };
    }
    default:
      return found;
  }
}
