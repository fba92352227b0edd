import type { Network } from '../network/network';
import { holdState, resumeState, type HeldState } from '../network/held';
import { advance, type SequenceState, type Step } from '../network/program';
import { addMoments, emptyMoments, type FeatureMoments } from './moments';
import { addPositions, emptyRegression, type RegressionSums } from './regression';
import { addSpectra, emptySpectra, type InputSpectra } from './spectra';
import { createGrid } from './spectrumGrid';

/** One calibration sequence on its way through the original and the compressed network, at the same place of both. */
export interface SequencePair {
  readonly original: HeldState;
  readonly compressed: HeldState;
  /** Not fitted to: what is chosen is chosen on these, and errors are measured on them. */
  readonly heldOut: boolean;
}

/** A network as a list of steps with the layers that they refer to. */
export type Program = Pick<Network, 'layers'> & { readonly steps: readonly Step[] };

/** What is summed over the sequences where the steps end. */
export type Gathering = 'nothing' | 'spectra' | 'regression' | 'moments';

/** Sums over sequences; arrays of equal names and lengths add up. */
export type Statistics = InputSpectra | RegressionSums | FeatureMoments;

export interface StageInput {
  readonly original: Program;
  readonly compressed: Program;
  readonly pairs: readonly SequencePair[];
  readonly gather: Gathering;
  /** Length of the longest of all sequences. */
  readonly horizon: number;
}

export interface StageOutput {
  readonly pairs: readonly SequencePair[];
  readonly fitted: Statistics | undefined;
  readonly heldOut: Statistics | undefined;
}

/** Sends sequences through the steps of both networks and sums up what is asked for at their end. */
export function runStage({
  original,
  compressed,
  pairs,
  gather,
  horizon,
}: StageInput): StageOutput {
  const collected = new Map<boolean, Statistics>();
  const moved = pairs.map(({ heldOut, ...pair }) => {
    const before = through(original, pair.original);
    const after = through(compressed, pair.compressed);
    if (gather !== 'nothing') {
      const statistics = collected.get(heldOut) ?? emptyStatistics(gather, before.width, horizon);
      collected.set(heldOut, statistics);
      add(gather, statistics, before, after, horizon);
    }
    return { original: holdState(before), compressed: holdState(after), heldOut };
  });
  return { pairs: moved, fitted: collected.get(false), heldOut: collected.get(true) };
}

/** Sums of two parts; either may be missing. */
export function addStatistics(
  a: Statistics | undefined,
  b: Statistics | undefined,
): Statistics | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const other = new Map<string, Float64Array>(Object.entries(b));
  for (const [name, values] of Object.entries(a) as [string, Float64Array][]) {
    const added = other.get(name);
    if (added === undefined) continue;
    for (let i = 0; i < values.length; i++) values[i] += added[i];
  }
  return a;
}

function through({ layers, steps }: Program, held: HeldState): SequenceState {
  const network = { input: { kind: 'values', width: held.width }, ops: [], layers } as const;
  return advance(network, steps, 0, steps.length, resumeState(held));
}

function emptyStatistics(
  gather: Exclude<Gathering, 'nothing'>,
  width: number,
  horizon: number,
): Statistics {
  switch (gather) {
    case 'spectra':
      return emptySpectra(width, createGrid(horizon));
    case 'regression':
      return emptyRegression(width);
    case 'moments':
      return emptyMoments(width);
  }
}

function add(
  gather: Exclude<Gathering, 'nothing'>,
  statistics: Statistics,
  before: SequenceState,
  after: SequenceState,
  horizon: number,
): void {
  const { length } = before;
  switch (gather) {
    case 'spectra':
      addSpectra(statistics as InputSpectra, createGrid(horizon), before.x, after.x, length);
      return;
    case 'regression':
      addPositions(statistics as RegressionSums, after.x, before.x, length);
      return;
    case 'moments':
      addMoments(statistics as FeatureMoments, before.x, after.x, length);
  }
}
