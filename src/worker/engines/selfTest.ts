import type { ComplexVector } from '../../core/linalg/complex';
import { createTarget, VariableProjection } from '../../core/objective/varpro';
import type { ChannelsRequest } from '../../core/calibrate/reduceChannels';
import { searchTargets, targetAt } from '../../core/calibrate/searchTargets';
import { createGrid } from '../../core/calibrate/spectrumGrid';
import { WeightedProjection } from '../../core/calibrate/weightedProjection';
import { newtonSearch, type PoleObjective } from '../../core/solve/newtonSearch';
import { emptyModalBatch, systemOf, type ModalBatch } from '../../core/systems/modal';
import { poleSetOf } from '../../core/systems/poleSet';
import { uniform } from '../../core/random';
import type { SelfTest } from '../../protocol/engines';
import {
  searchSteps,
  singleRidge,
  type SearchBatch,
  type SearchDerivatives,
  type SearchEngine,
  type SearchKind,
  type SearchResult,
} from './searchEngine';

/** How far an engine may be from the processor on fixed systems of norm 1. */
const limits = { value: 5e-5, gradient: 1e-3, search: 1e-2 };

/** Squared relative errors below which single precision no longer tells a gradient. */
const resolved = 1e-3;

/**
 * Compares an engine with the double-precision path on fixed systems: values, gradients, and whether its searches end at
 * minima. An engine that fails must not be used.
 *
 * @param kinds of searches that it will be asked for
 * @throws Error what the engine threw
 */
export async function selfTest(
  engine: SearchEngine,
  kinds: readonly SearchKind[] = ['plain', 'weighted'],
): Promise<SelfTest> {
  const errors: Errors = { value: 0, gradient: 0, excess: 0, searches: 0 };
  if (kinds.includes('plain')) await testPlain(engine, errors);
  if (kinds.includes('weighted')) await testWeighted(engine, errors);
  const { value: valueError, gradient: gradientError } = errors;
  const searchExcess = errors.excess / errors.searches;
  const passed =
    valueError <= limits.value && gradientError <= limits.gradient && searchExcess <= limits.search;
  return { passed, valueError, gradientError, searchExcess };
}

async function testPlain(engine: SearchEngine, errors: Errors): Promise<void> {
  for (const batch of [testBatch(512, 1), testBatch(Infinity, 2), testBatch(64, 3)]) {
    const at = await engine.derivatives(batch);
    const found = await engine.search(batch, searchSteps);
    for (let t = 0; t < batch.systemOf.length; t++) {
      compare(errors, projectionOf(batch, t), t, { start: batch, at, found });
    }
  }
}

async function testWeighted(engine: SearchEngine, errors: Errors): Promise<void> {
  const { poleRe, poleIm, slots, systems } = testBatch(32, 4, 2, 0.03);
  const targets = searchTargets(testRequest(systems, slots, 32));
  const at = await engine.weightedDerivatives(targets, { re: poleRe, im: poleIm });
  const found = await engine.searchWeighted(targets);
  for (let c = 0; c < targets.count; c++) {
    const projection = new WeightedProjection(targetAt(targets, c), slots, true, singleRidge);
    compare(errors, projection, c, { start: { poleRe, poleIm }, at, found });
  }
}

/** The largest errors so far, and the sum of what searches were above their minima. */
interface Errors {
  value: number;
  gradient: number;
  excess: number;
  searches: number;
}

type PolesOfMany = Pick<SearchResult, 'poleRe' | 'poleIm'>;

/** Adds what an engine says of search t to the errors. */
function compare(
  errors: Errors,
  projection: PoleObjective,
  t: number,
  told: {
    readonly start: PolesOfMany;
    readonly at: SearchDerivatives;
    readonly found: SearchResult;
  },
): void {
  const { start, at, found } = told;
  const { slots, target, gradient } = projection;
  const exact = projection.derivatives(poleSetOf(polesOf(start, slots, t), target.poles.horizon));
  const size = largest(...gradient);
  gradient.forEach((entry, i) => {
    if (exact < resolved) return;
    errors.gradient = largest(errors.gradient, (entry - at.gradient[2 * slots * t + i]) / size);
  });
  const reached = reachedBy(projection, polesOf(found, slots, t));
  errors.value = largest(errors.value, exact - at.value[t], reached.value - found.value[t]);
  errors.excess += reached.value - reached.minimum;
  errors.searches++;
}

/** The largest size, or NaN once there was one. */
function largest(...values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function projectionOf(batch: SearchBatch, t: number): VariableProjection {
  const target = createTarget(systemOf(batch.systems, batch.systemOf[t]), batch.horizon);
  return new VariableProjection(target, batch.slots, singleRidge);
}

/** The value at poles, 1 (that of no poles at all) where they are no numbers, and that of the minimum beside them. */
function reachedBy(
  projection: PoleObjective,
  poles: ComplexVector,
): { readonly value: number; readonly minimum: number } {
  const { history } = newtonSearch(projection, poles, searchSteps);
  const [value, minimum] = [history[0], history.at(-1) ?? NaN];
  return value < Infinity ? { value, minimum } : { value: 1, minimum: 0 };
}

function polesOf({ poleRe, poleIm }: PolesOfMany, slots: number, t: number): ComplexVector {
  const [from, to] = [t * slots, (t + 1) * slots];
  return { re: poleRe.slice(from, to), im: poleIm.slice(from, to) };
}

/** A calibrated layer whose inputs have most of their power at low frequencies. */
function testRequest(batch: ModalBatch, slots: number, horizon: number): ChannelsRequest {
  const { points } = createGrid(horizon);
  const power = Float64Array.from({ length: points }, (_, m) => 1 / (1 + (m / 5) ** 2));
  return {
    ...{ batch, slots, horizon, kernelHorizon: horizon, epsilon: 1e-6 },
    features: new Int32Array(batch.count),
    skip: new Float64Array(batch.count).fill(0.1),
    freeSkip: true,
    spectra: { power, crossRe: power, crossIm: new Float64Array(points), original: power },
    heldOut: undefined,
    effort: { growth: 1, scout: 4, swapFailures: 1, swapSteps: 4, finish: 20 },
  };
}

/** Systems like those of trained layers, slow ones and ever faster ones, with one start each. */
function testBatch(horizon: number, seed: number, count = 4, slowest = 0.002): SearchBatch {
  const [N, slots] = [12, 3];
  const random = uniform(seed);
  const systems = emptyModalBatch(count, N);
  const [poleRe, poleIm] = [new Float64Array(count * slots), new Float64Array(count * slots)];
  for (let s = 0; s < count; s++) {
    const step = slowest * 4 ** s;
    for (let n = 0; n < N; n++) {
      const at = s * N + n;
      systems.poleRe[at] = -step * (0.3 + random());
      systems.poleIm[at] = Math.min(Math.PI * step * (n + random()), 3);
      systems.weightRe[at] = random() - 0.5;
      systems.weightIm[at] = random() - 0.5;
    }
    for (let j = 0; j < slots; j++) {
      const at = s * slots + j;
      poleRe[at] = -step * (0.5 + random());
      poleIm[at] = Math.min(Math.PI * step * (N / slots) * (j + 0.5), 2.9);
    }
    const { norm2 } = createTarget(systemOf(systems, s), horizon);
    for (let at = s * N; at < (s + 1) * N; at++) {
      systems.weightRe[at] /= Math.sqrt(norm2);
      systems.weightIm[at] /= Math.sqrt(norm2);
    }
  }
  const systemOfSearch = Int32Array.from({ length: count }, (_, s) => s);
  return { systems, horizon, slots, systemOf: systemOfSearch, poleRe, poleIm };
}
