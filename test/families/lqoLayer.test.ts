import { describe, expect, test } from 'vitest';
import { lqoLayer } from '../../src/families/lqoLayer';
import { recogniseLayers } from '../../src/families/recognise';
import { lqoSystem } from '../../src/families/values';
import { someTensors } from '../support/tensors';

const shapes = { decay_log: [4], frequency: [4], B: [4, 2, 2], C: [3, 4, 2], M: [3, 4, 4, 2] };

function sites(other: Record<string, number[]>) {
  return recogniseLayers([...someTensors('blocks.0.', other).values()].map(({ info }) => info));
}

test('only the symmetric part of M counts', () => {
  const M = new Float64Array(3 * 4 * 4 * 2);
  M[2 * 1] = 1; // output 0, entry (0, 1)
  M[2 * 4] = 3; // entry (1, 0)
  const tensors = someTensors('blocks.0.', shapes, { M });
  const [site] = sites(shapes);
  const { forms } = lqoSystem(lqoLayer.read(site, tensors, {}));
  expect(forms).toHaveLength(3);
  if (forms[0].kind !== 'dense') throw new Error(forms[0].kind);
  expect([forms[0].matrix.re[1], forms[0].matrix.re[4]]).toEqual([2, 2]);
});

describe('recognition', () => {
  test('in any place of a model', () => {
    expect(sites(shapes)).toMatchObject([
      { family: 'lqo', name: 'blocks.0', order: 4, channels: 2, sizes: { outputs: 3 } },
    ]);
  });

  test.each<[string, Record<string, number[]>]>([
    ['M acts on other states', { ...shapes, M: [3, 5, 5, 2] }],
    ['M has other outputs', { ...shapes, M: [2, 4, 4, 2] }],
    ['C has other states', { ...shapes, C: [3, 5, 2] }],
    ['there are no frequencies', { decay_log: [4], B: [4, 2, 2], C: [3, 4, 2], M: [3, 4, 4, 2] }],
  ])('not where %s', (_, other) => {
    expect(sites(other)).toEqual([]);
  });
});

test('orders are whole numbers from 1 up', () => {
  expect(lqoLayer.slotsForOrder(1)).toBe(1);
  expect(() => lqoLayer.slotsForOrder(0)).toThrow('from 1 up');
});

test('a pole that does not decay is refused, naming the tensor', () => {
  const tensors = someTensors('blocks.0.', shapes, { decay_log: [0, -800, 0, 0] });
  expect(() => lqoLayer.read(sites(shapes)[0], tensors, {})).toThrow(
    expect.objectContaining({ reason: 'unstable', place: 'tensor blocks.0.decay_log' }),
  );
});
