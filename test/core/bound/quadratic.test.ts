import { expect, it } from 'vitest';
import { mergeStatistics, within } from '../../../src/core/bound/conditions';
import { deepBound } from '../../../src/core/bound/deepBound';
import { layerGains } from '../../../src/core/bound/layerGains';
import { observeBoth } from '../../../src/core/bound/observeBoth';
import { forward } from '../../../src/core/network/forward';
import type { Sequence } from '../../../src/core/network/program';
import { programOf } from '../../../src/core/network/program';
import { quadraticPair } from './quadraticNetworks';
import {
  randomOf,
  randomSequence,
  rowBound,
  type NetworkPair,
  type Random,
} from './randomNetworks';

/** More of them by the variable SSM_BOUND_CASES. */
const cases = Number(process.env.SSM_BOUND_CASES ?? 80);

function distance({ original, reduced }: NetworkPair, sequence: Sequence): number {
  const [y, z] = [forward(original, sequence), forward(reduced, sequence)];
  return Math.sqrt(y.x.reduce((sum, value, i) => sum + (value - z.x[i]) ** 2, 0) / y.length);
}

/** Uphill by random steps that keep the largest row. */
function climb(random: Random, pair: NetworkPair, start: Sequence): Sequence {
  const most = rowBound(start);
  let best = start;
  let error = distance(pair, start);
  for (let step = 0; step < 30; step++) {
    const x = best.x.map((value) => value + 0.3 * most * random.normal());
    const size = rowBound({ ...best, x });
    const next = { ...best, x: x.map((value) => (value * most) / size) };
    const found = distance(pair, next);
    if (found > error) [best, error] = [next, found];
  }
  return best;
}

const name = `bounds of networks with quadratic outputs are never exceeded (${cases} networks)`;

it(name, { timeout: 600_000 }, () => {
  const worst = { certified: 0, calibrated: 0 };
  let bounded = 0;
  for (let seed = 1; seed <= cases; seed++) {
    const random = randomOf(seed + 4000);
    const pair = quadraticPair(random);
    const { original, reduced, length } = pair;
    const size = 10 ** random.integer(-2, 1);
    const omega = Math.PI * random.uniform();
    const starts = [
      randomSequence(random, original, length, () => size * random.normal()),
      randomSequence(random, original, length, (h, t) => (t === 0 ? size * (h + 1) : 0)),
      randomSequence(random, original, length, (h, t) => size * Math.cos(omega * t + h)),
    ];
    const inputs = [...starts, climb(random, pair, starts[2])];
    const inputBound = Math.max(...inputs.map(rowBound));
    const gains = original.layers.map((layer, l) => layerGains(layer, reduced.layers[l], length));
    const certified = deepBound(original, reduced, { length, inputBound, gains });
    const steps = programOf(original);
    const seen = inputs.map((one) => observeBoth(original, steps, one, reduced));
    const statistics = seen.slice(0, 3).reduce(mergeStatistics);
    const calibrated = deepBound(original, reduced, { length, statistics, gains });
    if (certified.bound < Infinity) bounded++;
    inputs.forEach((input, i) => {
      const error = distance(pair, input);
      const rounding = 1e-12 * (1 + rowBound(forward(original, input)));
      expect(error, `seed ${seed}, input ${i}`).toBeLessThanOrEqual(certified.bound + rounding);
      worst.certified = Math.max(worst.certified, (error - rounding) / certified.bound || 0);
      if (!within(seen[i], statistics)) return;
      expect(error, `seed ${seed}, input ${i}`).toBeLessThanOrEqual(calibrated.bound + rounding);
      worst.calibrated = Math.max(worst.calibrated, (error - rounding) / calibrated.bound || 0);
    });
  }
  expect(bounded).toBe(cases);
  process.stdout.write(
    `quadratic outputs: largest measured / certified ${worst.certified.toFixed(3)}, ` +
      `measured / calibrated ${worst.calibrated.toFixed(3)}\n`,
  );
  expect(worst.certified).toBeGreaterThan(0.05);
});

it('of a single quadratic layer alone, the bound is that of Cauchy and Schwarz', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = randomOf(seed + 9000);
    const pair = quadraticPair(random);
    const layer = { kind: 'state-space', layer: 0 } as const;
    const alone = (of: NetworkPair['original']) => ({
      input: { kind: 'values', width: of.layers[0].inputs } as const,
      ops: [layer, { kind: 'pool', by: 'last' } as const],
      layers: [of.layers[0]],
    });
    const [original, reduced] = [alone(pair.original), alone(pair.reduced)];
    const { length } = pair;
    const [gains] = [layerGains(original.layers[0], reduced.layers[0], length)];
    const input = randomSequence(random, original, length);
    const energy = Math.sqrt(input.x.reduce((sum, value) => sum + value * value, 0));
    const { error } = gains.channels[0];
    const split = error.h2 * energy + (gains.quadratic?.error ?? 0) * energy * energy;
    expect(distance({ original, reduced, length }, input)).toBeLessThanOrEqual(split * (1 + 1e-9));
  }
});
