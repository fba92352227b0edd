import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  reduceChannels,
  type ChannelsReduced,
  type ChannelsRequest,
} from '../../src/core/calibrate/reduceChannels';
import { searchTargets } from '../../src/core/calibrate/searchTargets';
import { createGrid } from '../../src/core/calibrate/spectrumGrid';
import type { PreparedSystem } from '../../src/core/solve/reduce';
import { finishBatch, prepareBatch, reduceBatch } from '../../src/core/solve/reduce';
import type { ReductionResult } from '../../src/core/solve/solver';
import { emptyModalBatch, type ModalBatch } from '../../src/core/systems/modal';
import { searchSteps, type SearchEngine } from '../../src/worker/engines/searchEngine';
import { searchesOf, withSearched } from '../../src/worker/engines/searches';

interface GoldenCase {
  readonly kind: string;
  readonly L: number;
  readonly a: readonly (readonly number[])[];
  readonly w: readonly (readonly number[])[];
  readonly targets: readonly { readonly modes: number }[];
}

/** The systems of golden file 08. */
export const goldenSystems = (
  JSON.parse(
    readFileSync(join(import.meta.dirname, '../golden/08_solver_targets.json'), 'utf8'),
  ) as { readonly cases: readonly GoldenCase[] }
).cases.map(({ kind, L, a, w, targets }) => ({
  ...{ kind, horizon: L, slots: targets.map(({ modes }) => modes) },
  batch: {
    ...emptyModalBatch(1, a.length),
    poleRe: Float64Array.from(a, ([re]) => re),
    poleIm: Float64Array.from(a, ([, im]) => im),
    weightRe: Float64Array.from(w, ([re]) => re),
    weightIm: Float64Array.from(w, ([, im]) => im),
  },
}));

/** What an engine and the processor make of a batch, and the processor alone. */
export async function reducedBoth(
  engine: SearchEngine,
  batch: ModalBatch,
  slots: number,
  horizon: number,
): Promise<{ readonly engine: ReductionResult; readonly alone: ReductionResult }> {
  const request = { solver: 'newton', slots, horizon } as const;
  const prepared: (PreparedSystem | undefined)[] = prepareBatch(batch, request);
  const searches = searchesOf({ batch, systems: prepared }, slots, horizon);
  const found = await engine.search(searches, searchSteps);
  return {
    engine: finishBatch(batch, request, withSearched(prepared, found, slots)),
    alone: reduceBatch(batch, request),
  };
}

/** The last squared errors of a reduction, by system. */
export function objectives({ traces }: ReductionResult): number[] {
  return traces.map(({ objective }) => objective.at(-1) ?? NaN);
}

/** Channels that received most of their power at low frequencies, and held-out sequences of the same kind. */
export function calibratedRequest(
  batch: ModalBatch,
  slots: number,
  freeSkip = true,
): ChannelsRequest {
  const horizon = 48;
  const { points } = createGrid(horizon);
  const power = Float64Array.from({ length: points }, (_, m) => 1 / (1 + (m / 8) ** 2) + 1e-3);
  return {
    ...{ batch, slots, horizon, kernelHorizon: horizon, epsilon: 1e-6, freeSkip },
    features: new Int32Array(batch.count),
    skip: new Float64Array(batch.count).fill(0.3),
    spectra: { power, crossRe: power, crossIm: new Float64Array(points), original: power },
    heldOut: undefined,
  };
}

/** The squared errors that an engine and the processor come to, and the processor alone, a channel each. */
export async function calibratedBoth(
  engine: SearchEngine,
  request: ChannelsRequest,
): Promise<{ readonly engine: number[]; readonly alone: number[] }> {
  const found = await engine.searchWeighted(searchTargets(request));
  const searched = { re: found.poleRe, im: found.poleIm };
  const last = ({ traces }: ChannelsReduced): number[] =>
    traces.map(({ objective }) => objective.at(-1) ?? NaN);
  return {
    engine: last(reduceChannels({ ...request, searched })),
    alone: last(reduceChannels(request)),
  };
}
