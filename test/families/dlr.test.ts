import { describe, expect, test } from 'vitest';
import { dlr } from '../../src/families/dlr';
import { recogniseLayers } from '../../src/families/recognise';
import { fileLayers, goldenArrays, largestDifference, layerKernels } from '../support/layers';
import { sharedAvailable, sharedPath } from '../support/shared';
import { someTensors } from '../support/tensors';

const shapes = { Lambda_log_neg_re: [4], Lambda_im: [4], W: [2, 3, 4, 2] };

test.skipIf(!sharedAvailable)('the kernels are those of the original code', async () => {
  const file = (extension: string): string =>
    sharedPath('checkpoints', 'generated', `dlr_H8_N16.${extension}`);
  const [{ site, values }] = await fileLayers(file('pt'));
  expect(site).toMatchObject({ family: 'dlr', name: 'kernel', order: 16, channels: 8, skip: 'D' });
  const systems = dlr.read(site, values, { kernel_to_real: 'real' });
  const { K } = await goldenArrays(file('golden.npz'));
  const expected = Array.from({ length: 8 }, (_, h) => K.values.subarray(256 * h, 256 * (h + 1)));
  expect(largestDifference(layerKernels(systems, 256), expected)).toBeLessThan(1e-9);
});

describe('a layer', () => {
  const tensors = someTensors('model.layers.0.layer.kernel.', shapes);
  const infos = [...tensors.values()].map(({ info }) => info);
  const [site] = recogniseLayers(infos);

  test('with several kernels a feature has one pole set for all of them', () => {
    expect(site).toMatchObject({ name: 'model.layers.0.layer', channels: 6, tying: 'tied' });
    const systems = dlr.read(site, tensors, { kernel_to_real: 'real' });
    if (systems.kind !== 'tied') throw new Error(systems.kind);
    expect(systems.groups).toHaveLength(1);
    expect([...systems.groups[0].kernels]).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test.each(['prod', 'real-prod'])('kernel_to_real = %s is refused with the reason', (part) => {
    expect(() => dlr.read(site, tensors, { kernel_to_real: part })).toThrow('product');
  });

  test('with a mode that does not decay is refused, naming the tensor', () => {
    const constant = someTensors('a.', shapes, { Lambda_log_neg_re: [1, 0, 1, 1] });
    const [other] = recogniseLayers([...constant.values()].map(({ info }) => info));
    expect(() => dlr.read(other, constant, { kernel_to_real: 'real' })).toThrow(
      expect.objectContaining({ reason: 'unstable', place: 'tensor a.Lambda_log_neg_re' }),
    );
  });

  test.each([
    ['poles on the unit circle', { Lambda_im: [4], W: [2, 3, 4] }],
    ['steps, which make it a DSS', { ...shapes, log_dt: [3] }],
    ['poles of another number', { ...shapes, Lambda_im: [5] }],
  ])('with %s is no DLR', (_, other) => {
    const found = recogniseLayers([...someTensors('a.', other).values()].map(({ info }) => info));
    expect(found.filter(({ family }) => family === 'dlr')).toEqual([]);
  });
});
