import { describe, expect, test } from 'vitest';
import { mega } from '../../src/families/mega';
import { recogniseLayers } from '../../src/families/recognise';
import type { LayerSite } from '../../src/families/family';
import {
  edited,
  fileLayers,
  goldenArrays,
  largestDifference,
  layerKernels,
} from '../support/layers';
import { sharedAvailable, sharedPath } from '../support/shared';
import { exampleRealBatch } from '../support/syntheticSystems';
import { someTensors } from '../support/tensors';

const average = { delta: [6, 4, 1], alpha: [6, 4, 1], beta: [6, 4, 1], gamma: [6, 4] };
const gate = {
  damping_factor: [6, 4, 1],
  decay_factor: [6, 4, 1],
  ema_expansion_matrix: [6, 4, 1],
  kernel_projection_matrix: [6, 4],
};

function sites(prefix: string, shapes: Record<string, number[]>): LayerSite[] {
  return recogniseLayers([...someTensors(prefix, shapes).values()].map(({ info }) => info));
}

test.skipIf(!sharedAvailable)('the kernels are those of the original code', async () => {
  const file = (extension: string): string =>
    sharedPath('checkpoints', 'generated', `mega_ema_D6_n4.${extension}`);
  const [{ site, values }] = await fileLayers(file('pt'));
  expect(site).toMatchObject({ name: 'move', order: 4, channels: 6, skip: 'omega' });
  const { K } = await goldenArrays(file('golden.npz'));
  const expected = Array.from({ length: 6 }, (_, d) => K.values.subarray(128 * d, 128 * (d + 1)));
  const systems = mega.read(site, values, {});
  expect(largestDifference(layerKernels(systems, 128), expected)).toBeLessThan(1e-9);
});

describe('recognition', () => {
  test('in the names of fairseq, one direction and both', () => {
    expect(sites('encoder.layers.0.mega_layer.move.', { ...average, omega: [6] })).toMatchObject([
      { name: 'encoder.layers.0.mega_layer', channels: 6, tying: 'independent' },
    ]);
    expect(sites('a.move.', { ...average, omega: [3] })).toMatchObject([
      { name: 'a', channels: 6, facts: { bidirectional: 'yes' } },
    ]);
  });

  test('in the names of transformers', () => {
    expect(
      sites('mega.layers.0.mega_layer.ema_gate.', { ...gate, residual_weight: [6] }),
    ).toMatchObject([
      {
        name: 'mega.layers.0.mega_layer',
        order: 4,
        tensors: { delta: 'mega.layers.0.mega_layer.ema_gate.damping_factor' },
      },
    ]);
  });

  test('not without omega, which the moving average of S4 lacks', () => {
    expect(sites('kernel.', average).filter(({ family }) => family === 'mega')).toEqual([]);
  });
});

test('both spellings compute the same', () => {
  const fairseq = someTensors('move.', { ...average, omega: [6] });
  const values = Object.keys(average).map((role) => fairseq.get(`move.${role}`)!.values);
  const contents = Object.fromEntries(Object.keys(gate).map((role, i) => [role, values[i]]));
  const other = someTensors('ema_gate.', { ...gate, residual_weight: [6] }, contents);
  const [a, b] = [fairseq, other].map((tensors) => {
    const [site] = recogniseLayers([...tensors.values()].map(({ info }) => info));
    return mega.read(site, tensors, {});
  });
  expect(a).toEqual(b);
});

test('modes from nearly constant to gone at once survive float32 with five digits', () => {
  const tensors = someTensors('move.', { ...average, omega: [6] });
  const [site] = recogniseLayers([...tensors.values()].map(({ info }) => info));
  const reduced = exampleRealBatch(6, 3);
  reduced.batch.poleRe.set([-1e-9, -600, -1e-4]);
  const edits = mega.write(site, reduced, tensors, {});
  const stored = mega.read({ ...site, order: 3, slots: 3 }, edited(tensors, edits), {});
  const [a, b] = [stored, reduced].map((systems) => layerKernels(systems, 100_000));
  expect(largestDifference(a, b)).toBeLessThan(1e-5);
});

test('a pole at 1 is refused, naming the tensor', () => {
  const tensors = someTensors('move.', { ...average, omega: [6] }, { delta: [-800] });
  const [site] = recogniseLayers([...tensors.values()].map(({ info }) => info));
  expect(() => mega.read(site, tensors, {})).toThrow(
    expect.objectContaining({ reason: 'unstable', place: 'tensor move.delta' }),
  );
});
