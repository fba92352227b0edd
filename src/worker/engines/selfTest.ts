import type { ComplexVector } from '../../core/linalg/complex';
import { createTarget, VariableProjection } from '../../core/objective/varpro';
import { newtonSearch } from '../../core/solve/newtonSearch';
import { emptyModalBatch, systemOf } from '../../core/systems/modal';
import { poleSetOf } from '../../core/systems/poleSet';
import { uniform } from '../../core/random';
import type { SelfTest } from '../../protocol/engines';
import {
  searchSteps,
  singleRidge,
  type SearchBatch,
  type SearchEngine,
  type SearchResult,
} from './searchEngine';

/** How far an engine may be from the processor on fixed systems of norm 1. */
const limits = { value: 5e-5, gradient: 1e-3, search: 1e-2 };

/** Squared relative errors below which single precision no longer tells a gradient. */
const resolved = 1e-3;

/**
 * Compares an engine with the double-precision path on fixed systems: values, gradients, and whether its searches end at
 * minima. An engine that fails must not be used.
 * @throws Error what the engine threw
 */
export async function selfTest(engine: SearchEngine): Promise<SelfTest> {
  let [valueError, gradientError, excess, searches] = [0, 0, 0, 0];
  for (const batch of [testBatch(512, 1), testBatch(Infinity, 2), testBatch(64, 3)]) {
    const { value, gradient } = await engine.derivatives(batch);
    const found = await engine.search(batch, searchSteps);
    for (let t = 0; t < batch.systemOf.length; t++) {
      const projection = projectionOf(batch, t);
      const exact = projection.derivatives(poleSetOf(polesOf(batch, batch, t), batch.horizon));
      const size = largest(...projection.gradient);
      projection.gradient.forEach((entry, i) => {
        if (exact < resolved) return;
        const difference = entry - gradient[t * projection.gradient.length + i];
        gradientError = largest(gradientError, difference / size);
      });
      const reached = reachedBy(projection, polesOf(found, batch, t));
      valueError = largest(valueError, exact - value[t], reached.value - found.value[t]);
      excess += reached.value - reached.minimum;
      searches++;
    }
  }
  const searchExcess = excess / searches;
  const passed =
    valueError <= limits.value && gradientError <= limits.gradient && searchExcess <= limits.search;
  return { passed, valueError, gradientError, searchExcess };
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
  projection: VariableProjection,
  poles: ComplexVector,
): { readonly value: number; readonly minimum: number } {
  const { history } = newtonSearch(projection, poles, searchSteps);
  const [value, minimum] = [history[0], history.at(-1) ?? NaN];
  return value < Infinity ? { value, minimum } : { value: 1, minimum: 0 };
}

function polesOf(
  { poleRe, poleIm }: Pick<SearchResult, 'poleRe' | 'poleIm'>,
  { slots }: SearchBatch,
  t: number,
): ComplexVector {
  const [from, to] = [t * slots, (t + 1) * slots];
  return { re: poleRe.slice(from, to), im: poleIm.slice(from, to) };
}

/** Four systems like those of trained layers, fast and slow, with one start each. */
function testBatch(horizon: number, seed: number): SearchBatch {
  const [count, N, slots] = [4, 12, 3];
  const random = uniform(seed);
  const systems = emptyModalBatch(count, N);
  const [poleRe, poleIm] = [new Float64Array(count * slots), new Float64Array(count * slots)];
  for (let s = 0; s < count; s++) {
    const step = 0.002 * 4 ** s;
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
