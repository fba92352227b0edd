import { describe, expect, test } from 'vitest';
import { dss } from '../../src/families/dss';
import { fileLayers, goldenArrays, largestDifference, layerKernels } from '../support/layers';
import { sharedAvailable, sharedPath } from '../support/shared';

const generated = (name: string): string => sharedPath('checkpoints', 'generated', name);

describe.skipIf(!sharedAvailable)('the kernels are those of the original code', () => {
  test.each([
    ['dss_exp', { version: 'exp' }],
    ['dss_exp_sepdt', { version: 'exp' }],
    ['dss_exp-re-im', {}],
    ['dss_exp-no-scale', { version: 'exp-no-scale' }],
    ['dss_clip', { version: 'clip' }],
    ['dss_softmax', { version: 'softmax', l_max: '256' }],
  ])('%s', async (name, hyper) => {
    const [{ site, values }] = await fileLayers(generated(`${name}_H8_N16.pt`));
    expect(site).toMatchObject({ family: 'dss', name: 'kernel', order: 16, channels: 8 });
    const systems = dss.read(site, values, { kernel_to_real: 'real', ...hyper });
    const { K } = await goldenArrays(generated(`${name}_H8_N16.golden.npz`));
    const [heads, features, length] = K.shape;
    const expected = Array.from({ length: heads * features }, (_, k) =>
      K.values.subarray(k * length, (k + 1) * length),
    );
    const d = largestDifference(layerKernels(systems, length), expected);
    expect(d).toBeLessThan(1e-9);
  });
});
