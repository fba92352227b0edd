import type { ComplexVector } from '../../core/linalg/complex';
import { createTarget, VariableProjection } from '../../core/objective/varpro';
import type { ChannelsRequest } from '../../core/calibrate/reduceChannels';
import { candidatesAt, insertionGains, weighCandidates } from '../../core/calibrate/insertion';
import { searchTargets, targetAt, type SearchTargets } from '../../core/calibrate/searchTargets';
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
  type WeightedDerivatives,
} from './searchEngine';

/** How far an engine may be from the processor on fixed systems of norm 1. */
const limits = { value: 5e-5, gradient: 1e-3, search: 1e-2 };

/** Share by which a pole that an engine would add may be worse than the best. */
const leftOut = 0.1;

/** Squared relative errors below which single precision no longer tells a gradient. */
const resolved = 1e-3;

/**
 * Compares an engine with the double-precision path on fixed systems: values, gradients, what to add and to take out, and
 * whether its searches end at minima. An engine that fails must not be used.
 *
 * @param kinds of searches that it will be asked for
 * @throws Error what the engine threw
 */
export async function selfTest(
  engine: SearchEngine,
  kinds: readonly SearchKind[] = ['plain', 'weighted'],
): Promise<SelfTest> {
  const errors: Errors = { value: 0, gradient: 0, excess: 0, searches: 0 };
  const tests = [
    ...(kinds.includes('plain') ? [512, Infinity, 64].map(plainTest) : []),
    ...(kinds.includes('weighted') ? [weightedTest()] : []),
  ];
  for (const test of tests) await test.compareValues(engine, errors);
  if (!isRight(errors)) return resultOf(errors, false);
  for (const test of tests) await test.compareSearch(engine, errors);
  return resultOf(errors, isRight(errors) && errors.excess / errors.searches <= limits.search);
}

function isRight({ value, gradient }: Errors): boolean {
  return value <= limits.value && gradient <= limits.gradient;
}

function resultOf({ value, gradient, excess, searches }: Errors, passed: boolean): SelfTest {
  const found = searches === 0 ? {} : { searchExcess: excess / searches };
  return { passed, valueError: value, gradientError: gradient, ...found };
}

/** Fixed systems, and what an engine must get right on them; searching comes last, since it takes longest. */
interface Test {
  compareValues(engine: SearchEngine, errors: Errors): Promise<void>;
  compareSearch(engine: SearchEngine, errors: Errors): Promise<void>;
}

function plainTest(horizon: number, seed: number): Test {
  const batch = testBatch(horizon, seed + 1);
  const all = Array.from(batch.systemOf, (_, t) => projectionOf(batch, t));
  return {
    async compareValues(engine, errors) {
      const told = await engine.derivatives(batch);
      all.forEach((projection, t) => {
        compareAt(errors, projection, t, batch, told);
      });
    },
    async compareSearch(engine, errors) {
      const found = await engine.search(batch, searchSteps);
      all.forEach((projection, t) => {
        compareFound(errors, projection, t, found);
      });
    },
  };
}

function weightedTest(): Test {
  const { poleRe, poleIm, slots, systems } = testBatch(32, 4, 2, 0.03);
  for (let c = 0; c < systems.count; c++) {
    // a slow mode stands out between the frequencies of the trial poles: the best pole to add is one of the target's own
    const at = c * systems.slots + 6 + c;
    [systems.poleRe[at], systems.poleIm[at]] = [-0.02, Math.PI * (0.55 - 0.1 * c)];
    systems.weightRe[at] *= 30;
  }
  const targets = searchTargets(testRequest(systems, slots, 32));
  const all = Array.from(
    { length: targets.count },
    (_, c) => new WeightedProjection(targetAt(targets, c), slots, true, singleRidge),
  );
  return {
    async compareValues(engine, errors) {
      const told = await engine.weightedDerivatives(targets, { re: poleRe, im: poleIm });
      all.forEach((projection, c) => {
        compareAt(errors, projection, c, { poleRe, poleIm }, told);
        compareWeighed(errors, projection, targets, c, told);
      });
    },
    async compareSearch(engine, errors) {
      const found = await engine.searchWeighted(targets);
      all.forEach((projection, c) => {
        compareFound(errors, projection, c, found);
      });
    },
  };
}

/** Adds what an engine says of taking out and adding poles where `projection` is, which are squared errors too. */
function compareWeighed(
  errors: Errors,
  projection: WeightedProjection,
  { trial, own, ownPoles: N }: SearchTargets,
  c: number,
  { costs, best, gain }: WeightedDerivatives,
): void {
  const { target, slots } = projection;
  const ownPoles = { re: own.re.slice(c * N, (c + 1) * N), im: own.im.slice(c * N, (c + 1) * N) };
  const lists = [trial, ownPoles].map((list) =>
    weighCandidates(target, candidatesAt(target.grid, list)),
  );
  const gains = insertionGains(projection, lists).flatMap((list) => [...list]);
  const chosen = best[c] < trial.re.length ? best[c] : best[c] - c * N;
  const exact = gains[chosen] ?? NaN;
  errors.value = largest(
    errors.value,
    exact - gain[c],
    // single precision leaves out some that are nearly in the span of the others
    Math.max(0, (1 - leftOut) * Math.max(...gains) - exact),
    ...projection.removalCosts().map((cost, j) => cost - costs[c * slots + j]),
  );
}

/** The largest errors so far, and the sum of what searches were above their minima. */
interface Errors {
  value: number;
  gradient: number;
  excess: number;
  searches: number;
}

type PolesOfMany = Pick<SearchResult, 'poleRe' | 'poleIm'>;

/** Adds what an engine says of value and gradient at the start of search t. */
function compareAt(
  errors: Errors,
  projection: PoleObjective,
  t: number,
  start: PolesOfMany,
  told: SearchDerivatives,
): void {
  const { slots, target, gradient } = projection;
  const exact = projection.derivatives(poleSetOf(polesOf(start, slots, t), target.poles.horizon));
  errors.value = largest(errors.value, exact - told.value[t]);
  if (exact < resolved) return;
  const size = largest(...gradient);
  gradient.forEach((entry, i) => {
    errors.gradient = largest(errors.gradient, (entry - told.gradient[2 * slots * t + i]) / size);
  });
}

/** Adds where search t came to. */
function compareFound(
  errors: Errors,
  projection: PoleObjective,
  t: number,
  found: SearchResult,
): void {
  const reached = reachedBy(projection, polesOf(found, projection.slots, t));
  errors.value = largest(errors.value, reached.value - found.value[t]);
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
