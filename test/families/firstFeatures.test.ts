import { expect, test } from 'vitest';
import { firstFeatures } from '../../src/families/firstFeatures';
import { familyOf } from '../../src/families/recognise';
import { fileLayers, layerKernels } from '../support/layers';
import { v3, v3Nplr, v4, v4Dplr } from '../support/s4Settings';
import { sharedAvailable, sharedPath } from '../support/shared';

test.skipIf(!sharedAvailable).each([
  ['s4v4_diag_lin_H8_N16', v4],
  ['s4v4_dplr_legs_H8_N16', v4Dplr],
  ['s4v3_diag_H8_N16', v3],
  ['s4v3_nplr_legs_H8_N16', v3Nplr],
])('the first features of %s keep their kernels', async (name, hyper) => {
  const [layer] = await fileLayers(sharedPath('checkpoints', 'generated', `${name}.pt`));
  const family = familyOf(layer.site.family);
  const cut = firstFeatures(layer, 2);
  expect(cut.site.channels).toBe(2);
  const kernels = layerKernels(family.read(cut.site, cut.values, hyper), 64);
  const all = layerKernels(family.read(layer.site, layer.values, hyper), 64);
  expect(kernels).toEqual(all.slice(0, 2));
});

test.skipIf(!sharedAvailable)('a layer whose features share poles is left alone', async () => {
  const path = sharedPath('checkpoints', 'generated', 's4v3_diag_zoh_nssm1_H8_N16.pt');
  const [layer] = await fileLayers(path);
  expect(firstFeatures(layer, 2)).toBe(layer);
});
