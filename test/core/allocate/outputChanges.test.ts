import { expect, it } from 'vitest';
import { firstOrderChanges, measuredChanges } from '../../../src/core/allocate/outputChanges';
import { attribute } from '../../../src/core/bound/attribution';
import { forward } from '../../../src/core/network/forward';
import { randomOf, randomPair, randomSequence } from '../bound/randomNetworks';

it('measures what one layer alone changes, as networks with that layer exchanged do', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = randomOf(seed + 300);
    const { original, reduced, length } = randomPair(random);
    const sequence = randomSequence(random, original, length);
    const choices = original.layers.map((layer, l) => [reduced.layers[l], layer]);
    const changes = measuredChanges(original, choices, sequence);
    const y = forward(original, sequence);
    choices.forEach(([option], l) => {
      const layers = original.layers.map((layer, k) => (k === l ? option : layer));
      const z = forward({ ...original, layers }, sequence);
      const square = y.x.reduce((sum, value, i) => sum + (value - z.x[i]) ** 2, 0) / y.length;
      expect(changes[l][0]).toBeCloseTo(square, 9);
      expect(changes[l][1]).toBe(0);
    });
  }
});

it('foretells to first order what the attribution of the whole network does', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = randomOf(seed + 700);
    const pair = randomPair(random);
    const reduced = { ...pair.original, layers: pair.reduced.layers };
    const sequence = randomSequence(random, pair.original, pair.length);
    const choices = reduced.layers.map((layer) => [layer]);
    const changes = firstOrderChanges(pair.original, choices, sequence);
    const { firstOrder } = attribute(pair.original, reduced, sequence);
    changes.forEach(([square], l) => {
      expect(Math.sqrt(square)).toBeCloseTo(firstOrder[l], 9);
    });
  }
});
