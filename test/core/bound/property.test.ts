import { describe, expect, it } from 'vitest';
import { deepBound } from '../../../src/core/bound/deepBound';
import { layerGains } from '../../../src/core/bound/layerGains';
import { mergeStatistics, widened, within } from '../../../src/core/bound/conditions';
import { observe } from '../../../src/core/bound/observe';
import { observeBoth } from '../../../src/core/bound/observeBoth';
import { layerGradients, tapeOf } from '../../../src/core/network/adjoint';
import { forward } from '../../../src/core/network/forward';
import type { Network } from '../../../src/core/network/network';
import { programOf, startState, type Sequence } from '../../../src/core/network/program';
import {
  randomOf,
  randomPair,
  randomSequence,
  rowBound,
  type NetworkPair,
  type Random,
} from './randomNetworks';

/** More of them by the variable SSM_BOUND_CASES. */
const cases = Number(process.env.SSM_BOUND_CASES ?? 150);

/** Distance of the outputs as the bound means it: root mean square over positions, of vectors where there is one. */
function distance({ original, reduced }: NetworkPair, sequence: Sequence): number {
  const [y, z] = [forward(original, sequence), forward(reduced, sequence)];
  let sum = 0;
  y.x.forEach((value, i) => (sum += (value - z.x[i]) ** 2));
  return Math.sqrt(sum / y.length);
}

/** Random, constant, impulses, sinusoids at the frequency of the largest layer error, and found by ascent. */
function adversaries(random: Random, pair: NetworkPair): Sequence[] {
  const { original, length } = pair;
  const sequence = (of?: (h: number, t: number) => number): Sequence =>
    randomSequence(random, original, length, of);
  if (original.input.kind === 'tokens') return [sequence(), sequence(), sequence()];
  const size = 10 ** random.integer(-1, 1);
  const at = random.integer(0, length - 1);
  const omega = peakFrequency(pair);
  const plain = [
    sequence((_, t) => size * random.normal() * (t >= 0 ? 1 : 0)),
    sequence((h, t) => (t === at ? size * (h + 1) : 0)),
    sequence((h, t) => size * Math.cos(omega * t + h)),
  ];
  return [...plain, ascent(pair, plain[2], size, 8)];
}

/** Frequency at which the first layer's kernels differ most, by a scan over impulse responses. */
function peakFrequency({ original, reduced, length }: NetworkPair): number {
  const impulse = { x: new Float64Array(original.layers[0].inputs * length), length };
  impulse.x[0] = 1;
  const one = (net: Network): Float64Array => {
    const op = { kind: 'state-space', layer: 0 } as const;
    const input = { kind: 'values', width: net.layers[0].inputs } as const;
    return forward({ ...net, input, ops: [op] }, { ...impulse, width: input.width }).x;
  };
  const [a, b] = [one(original), one(reduced)];
  let [best, most] = [0, -1];
  for (let m = 0; m <= 16; m++) {
    const omega = (Math.PI * m) / 16;
    let [re, im] = [0, 0];
    for (let t = 0; t < length; t++) {
      re += (a[t] - b[t]) * Math.cos(omega * t);
      im += (a[t] - b[t]) * Math.sin(omega * t);
    }
    if (re * re + im * im > most) [best, most] = [omega, re * re + im * im];
  }
  return best;
}

/** Gradient ascent on the distance of the outputs by the adjoints of both networks, rows kept within those of the start. */
function ascent(pair: NetworkPair, start: Sequence, size: number, rounds: number): Sequence {
  let sequence = start;
  for (let round = 0; round < rounds; round++) {
    const [y, z] = [pair.original, pair.reduced].map((net) => forward(net, sequence).x);
    const seed = y.map((value, i) => value - z[i]);
    const [g, h] = [pair.original, pair.reduced].map((net) => {
      const steps = programOf(net);
      return layerGradients(net, steps, tapeOf(net, steps, startState(net, sequence)), seed).input;
    });
    if (g === undefined || h === undefined) return sequence;
    const gradient = g.map((value, i) => value - h[i]);
    const length = Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0));
    if (!(length > 0)) return sequence;
    const rate = (size * Math.sqrt(sequence.length)) / length / 2;
    sequence = { ...sequence, x: sequence.x.map((value, i) => value + rate * gradient[i]) };
  }
  return sequence;
}

/** Inputs near the recorded ones with larger errors, which may still meet widened conditions. */
function ascents(pair: NetworkPair, starts: readonly Sequence[]): Sequence[] {
  if (pair.original.input.kind === 'tokens') return [...starts];
  return starts.flatMap((start) => [1e-3, 1e-2, 5e-2].map((size) => ascent(pair, start, size, 2)));
}

describe('bounds of random networks', () => {
  it('meet every shape that is supported', () => {
    const met = new Set<string>();
    for (let seed = 1; seed <= cases; seed++) {
      const { original } = randomPair(randomOf(seed));
      const steps = programOf(original);
      steps.forEach((step, i) => {
        met.add(step.kind === 'pool' ? `pool ${step.by}` : step.kind);
        if (step.kind === 'activation' || step.kind === 'glu') met.add(step.activation);
        if (step.kind === 'layer-norm' && step.uncentred === true) met.add('rms-norm');
        const norm = step.kind === 'layer-norm' || step.kind === 'batch-norm';
        if (norm && steps[i - 1].kind === 'push') met.add('pre-norm');
        if (norm && steps[i - 1].kind === 'add') met.add('post-norm');
      });
      for (const { systems, bidirectional, horizon, inputs, outputs } of original.layers) {
        met.add(systems.kind);
        if (bidirectional !== undefined) met.add(bidirectional);
        if (horizon !== undefined) met.add('cut kernels');
        if (outputs > inputs) met.add('copies');
      }
      if (!steps.some(({ kind }) => kind === 'pool')) met.add('output at every position');
    }
    const shapes = [
      ...['embedding', 'linear', 'glu', 'layer-norm', 'rms-norm', 'batch-norm', 'pre-norm'],
      ...['post-norm', 'gelu', 'gelu-tanh', 'relu', 'silu', 'tanh', 'sigmoid', 'pool mean'],
      ...['pool last', 'pool sum', 'pool max', 'output at every position', 'independent', 'tied'],
      ...['mimo', 'shifted', 'unshifted', 'cut kernels', 'copies'],
    ];
    expect(shapes.filter((shape) => !met.has(shape))).toEqual([]);
  });

  it(`are never exceeded (${cases} networks)`, { timeout: 600_000 }, () => {
    const worst = { certified: 0, calibrated: 0, tightened: 0 };
    let [checked, calibratedChecked, nearbyChecked] = [0, 0, 0];
    for (let seed = 1; seed <= cases; seed++) {
      const random = randomOf(seed);
      const pair = randomPair(random);
      const { original, reduced, length } = pair;
      const steps = programOf(original);
      const gains = original.layers.map((layer, l) => layerGains(layer, reduced.layers[l], length));
      const inputs = adversaries(random, pair);
      const inputBound = Math.max(...inputs.map(rowBound));
      const certified = deepBound(original, reduced, { length, inputBound, gains });
      const observed = inputs.map((one) => observe(original, steps, one, reduced));
      const statistics = observed.slice(0, 2).reduce(mergeStatistics);
      const both = inputs.map((one) => observeBoth(original, steps, one, reduced));
      const conditions = both.slice(0, 2).reduce(mergeStatistics);
      const wider = widened(conditions, 1.2);
      const nearby = deepBound(original, reduced, { length, statistics: wider, gains });
      const calibrated = [true, false].map((exactLocal) =>
        deepBound(original, reduced, { length, statistics, gains, exactLocal }),
      );
      const tightened = deepBound(original, reduced, { length, statistics: conditions, gains });
      inputs.forEach((input, i) => {
        const error = distance(pair, input);
        const allowance = 1e-12 * (1 + rowBound(forward(original, input)));
        if (within(both[i], conditions)) {
          expect(error, `seed ${seed}, input ${i}`).toBeLessThanOrEqual(
            tightened.bound + allowance,
          );
          worst.tightened = Math.max(worst.tightened, (error - allowance) / tightened.bound || 0);
        }
        // the forward pass itself rounds
        const rounding = 1e-12 * (1 + rowBound(forward(original, input)));
        expect(error, `seed ${seed}, input ${i}`).toBeLessThanOrEqual(certified.bound + rounding);
        checked++;
        worst.certified = Math.max(worst.certified, (error - rounding) / certified.bound || 0);
        if (!within(observed[i], statistics)) return;
        calibratedChecked++;
        for (const { bound } of calibrated) {
          expect(error, `seed ${seed}, input ${i}`).toBeLessThanOrEqual(bound + rounding);
          worst.calibrated = Math.max(worst.calibrated, (error - rounding) / bound || 0);
        }
      });
      for (const near of ascents(pair, inputs.slice(0, 2))) {
        if (!within(observeBoth(original, steps, near, reduced), wider)) continue;
        nearbyChecked++;
        const room = 1e-12 * (1 + rowBound(forward(original, near)));
        const { bound } = nearby;
        expect(distance(pair, near), `seed ${seed}`).toBeLessThanOrEqual(bound + room);
      }
      const parts = certified.layers.reduce((sum, { contribution }) => sum + contribution, 0);
      if (certified.bound < Infinity) {
        expect(parts + certified.outside).toBeLessThanOrEqual(certified.bound);
        expect(parts + certified.outside).toBeGreaterThanOrEqual(certified.bound * (1 - 1e-12));
      }
    }
    expect(checked).toBeGreaterThanOrEqual(3 * cases);
    expect(nearbyChecked).toBeGreaterThanOrEqual(cases / 2);
    expect(calibratedChecked).toBeGreaterThanOrEqual(2 * cases);
    process.stdout.write(
      `largest measured / certified ${worst.certified.toFixed(3)} over ${checked} inputs, ` +
        `measured / calibrated ${worst.calibrated.toFixed(3)} over ${calibratedChecked}, ` +
        `with conditions on both networks ${worst.tightened.toFixed(3)}\n`,
    );
    // a bound that is never approached could hide a factor too many
    expect(worst.certified).toBeGreaterThan(0.3);
    expect(worst.calibrated).toBeGreaterThan(0.3);
  });
});
