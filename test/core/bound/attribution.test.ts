import { describe, expect, it } from 'vitest';
import { attribute, meanAttribution } from '../../../src/core/bound/attribution';
import { forward } from '../../../src/core/network/forward';
import { goldenCases, goldenNetwork, sequenceOf } from './goldenNetworks';
import { randomOf, randomPair, randomSequence } from './randomNetworks';

/** The network with some layers, and the ops, of the other. */
function swapped(pair: ReturnType<typeof randomPair>, which: (layer: number) => boolean) {
  const { original, reduced } = pair;
  const layers = original.layers.map((layer, l) => (which(l) ? reduced.layers[l] : layer));
  return { ...original, layers };
}

function distance(a: { x: Float64Array; length: number }, b: { x: Float64Array }): number {
  return Math.sqrt(a.x.reduce((sum, value, i) => sum + (value - b.x[i]) ** 2, 0) / a.length);
}

describe('attribution', () => {
  it('is what hybrid networks, run whole, come to', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = randomOf(seed + 900);
      const pair = randomPair(random);
      const sequence = randomSequence(random, pair.original, pair.length);
      const found = attribute(pair.original, pair.reduced, sequence);
      const y = forward(pair.original, sequence);
      const last = forward(pair.reduced, sequence);
      const close = (value: number, wanted: number): void => {
        expect(Math.abs(value - wanted)).toBeLessThanOrEqual(1e-9 * (1 + wanted));
      };
      close(found.error, distance(y, last));
      let before = y;
      pair.original.layers.forEach((_, l) => {
        const hybrid = forward(
          swapped(pair, (k) => k <= l),
          sequence,
        );
        close(found.telescoping[l], distance(before, hybrid));
        close(
          found.alone[l],
          distance(
            y,
            forward(
              swapped(pair, (k) => k === l),
              sequence,
            ),
          ),
        );
        before = hybrid;
      });
      close(found.telescoping[pair.original.layers.length], distance(before, last));
      const sum = found.telescoping.reduce((a, b) => a + b, 0);
      expect(sum).toBeGreaterThanOrEqual(found.error * (1 - 1e-9));
      close(meanAttribution([found, found]).error, found.error);
    }
  });

  it('to first order foretells small errors', () => {
    for (const golden of goldenCases()) {
      const original = goldenNetwork(
        golden,
        golden.net.blocks.map(({ ssm }) => ssm),
      );
      // the compressed layers are not of the same poles: kernels are mixed by concatenating the modes
      const nearly = goldenNetwork(
        golden,
        golden.net.blocks.map(({ ssm }, l) => {
          const share = 1e-5;
          const scaled = (w: [number, number][][] | undefined, by: number): [number, number][][] =>
            (w ?? []).map((row) => row.map(([re, im]): [number, number] => [re * by, im * by]));
          const hat = golden.hat[l];
          const both = (a: [number, number][][], b: [number, number][][]): [number, number][][] =>
            a.map((row, c) => [...row, ...b[c]]);
          return {
            ...ssm,
            a: both(ssm.a, hat.a),
            w: both(scaled(ssm.w, 1 - share), scaled(hat.w, share)),
          };
        }),
      );
      const found = attribute(original, nearly, sequenceOf(golden.u));
      expect(found.error).toBeGreaterThan(0);
      expect(Math.abs(found.predicted - found.error)).toBeLessThanOrEqual(2e-3 * found.error);
      found.alone.forEach((alone, l) => {
        expect(Math.abs(found.firstOrder[l] - alone)).toBeLessThanOrEqual(2e-3 * found.error);
      });
    }
  });
});
