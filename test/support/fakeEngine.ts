import {
  candidatesAt,
  gridCandidates,
  insertionGains,
  weighCandidates,
} from '../../src/core/calibrate/insertion';
import { targetAt, type SearchTargets } from '../../src/core/calibrate/searchTargets';
import { WeightedProjection } from '../../src/core/calibrate/weightedProjection';
import { searchWeighted } from '../../src/core/calibrate/weightedSearch';
import type { ComplexVector } from '../../src/core/linalg/complex';
import { createTarget, VariableProjection } from '../../src/core/objective/varpro';
import { newtonSearch } from '../../src/core/solve/newtonSearch';
import { systemOf } from '../../src/core/systems/modal';
import type { SearchBatch, SearchEngine } from '../../src/worker/engines/searchEngine';

/** Seconds that pass only where the fakes say so. */
export interface Time {
  now: number;
}

/** An engine that does in double precision what others do in single, and takes so long for a search. */
export function fakeEngine(time: Time = { now: 0 }, secondsPerSearch = 0): SearchEngine {
  const at = (batch: SearchBatch, t: number) => {
    const projection = new VariableProjection(
      createTarget(systemOf(batch.systems, batch.systemOf[t]), batch.horizon),
      batch.slots,
      3e-6,
    );
    const [from, to] = [t * batch.slots, (t + 1) * batch.slots];
    const poles = { re: batch.poleRe.slice(from, to), im: batch.poleIm.slice(from, to) };
    return { projection, poles, from };
  };
  return {
    id: 'tfjs',
    device: { kind: 'gpu', name: 'a GPU' },
    derivatives(batch) {
      const value = new Float32Array(batch.systemOf.length);
      const gradient = new Float32Array(2 * batch.poleRe.length);
      batch.systemOf.forEach((_, t) => {
        const { projection, poles, from } = at(batch, t);
        value[t] = newtonSearch(projection, poles, 0).value;
        gradient.set(projection.gradient, 2 * from);
      });
      return Promise.resolve({ value, gradient });
    },
    search(batch, steps) {
      time.now += secondsPerSearch * batch.systemOf.length;
      const [poleRe, poleIm] = [batch.poleRe.slice(), batch.poleIm.slice()];
      const value = new Float32Array(batch.systemOf.length);
      batch.systemOf.forEach((_, t) => {
        const { projection, poles, from } = at(batch, t);
        const found = newtonSearch(projection, poles, steps);
        poleRe.set(found.poles.re, from);
        poleIm.set(found.poles.im, from);
        value[t] = found.value;
      });
      return Promise.resolve({ poleRe, poleIm, value });
    },
    searchWeighted(targets) {
      time.now += secondsPerSearch * targets.count;
      const found = Array.from({ length: targets.count }, (_, c) => {
        const target = targetAt(targets, c);
        const trial = weighCandidates(target, gridCandidates(target.grid));
        const { slots, freeSkip } = targets;
        const { poles } = searchWeighted(target, slots, freeSkip, [trial]);
        return newtonSearch(new WeightedProjection(target, slots, freeSkip, 3e-6), poles, 20);
      });
      return Promise.resolve({
        poleRe: Float64Array.from(found.flatMap(({ poles }) => [...poles.re])),
        poleIm: Float64Array.from(found.flatMap(({ poles }) => [...poles.im])),
        value: Float32Array.from(found, ({ value }) => value),
      });
    },
    weightedDerivatives(targets, { re, im }) {
      const found = Array.from({ length: targets.count }, (_, c) => {
        const { slots, freeSkip } = targets;
        const projection = new WeightedProjection(targetAt(targets, c), slots, freeSkip, 3e-6);
        const [from, to] = [c * slots, (c + 1) * slots];
        const poles = { re: re.slice(from, to), im: im.slice(from, to) };
        const { value } = newtonSearch(projection, poles, 0);
        const { gradient } = projection;
        const trials = candidatesAt(projection.target.grid, trialPoles(targets, c));
        const [gains] = insertionGains(projection, [weighCandidates(projection.target, trials)]);
        const gain = Math.max(...gains);
        const at = gains.indexOf(gain);
        const best = at < targets.trial.re.length ? at : at + c * targets.ownPoles;
        return { value, gradient, gain, best, costs: projection.removalCosts() };
      });
      return Promise.resolve({
        value: Float32Array.from(found, ({ value }) => value),
        gradient: Float32Array.from(found.flatMap(({ gradient }) => [...gradient])),
        costs: Float32Array.from(found.flatMap(({ costs }) => costs)),
        best: Int32Array.from(found, ({ best }) => best),
        gain: Float32Array.from(found, ({ gain }) => gain),
      });
    },
    dispose: () => Promise.resolve(),
  };
}

/** Those for all targets, then those of one. */
function trialPoles({ trial, own, ownPoles: N }: SearchTargets, c: number): ComplexVector {
  const joined = (part: 're' | 'im'): Float64Array =>
    Float64Array.of(...trial[part], ...own[part].subarray(c * N, (c + 1) * N));
  return { re: joined('re'), im: joined('im') };
}
