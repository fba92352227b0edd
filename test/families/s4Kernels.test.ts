import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { LayerSystems } from '../../src/core/systems/layer';
import type { LayerSite } from '../../src/families/family';
import type { HyperValues } from '../../src/families/hyperParameters';
import { familyOf } from '../../src/families/recognise';
import type { TensorValues } from '../../src/formats/tensor';
import {
  type GoldenArray,
  fileLayers,
  goldenArrays,
  largestDifference,
  layerKernels,
} from '../support/layers';
import { firstFeatures } from '../../src/families/firstFeatures';
import { h3, v2, v3, v3Nplr, v4, v4Dplr } from '../support/s4Settings';
import { sharedAvailable, sharedPath } from '../support/shared';

/** Impulse responses of the S4 families against those of the original code, run in float64. */

const folder = join(import.meta.dirname, '../fixtures/families/s4');

function systemsOf(
  { site, values }: { site: LayerSite; values: ReadonlyMap<string, TensorValues> },
  hyper: HyperValues,
): LayerSystems {
  const family = familyOf(site.family);
  const needed = (family.hyperParameters?.(site) ?? []).filter(
    (parameter) => parameter.when?.(hyper) !== false,
  );
  expect(Object.keys(hyper).sort()).toEqual(needed.map(({ name }) => name).sort());
  return family.read(site, values, hyper);
}

interface Sample {
  readonly file: string;
  readonly name: string;
  readonly golden?: string;
  readonly hyper: HyperValues;
  readonly site: Partial<LayerSite>;
}

const samples: Sample[] = [
  {
    file: 's4v4_diag_lin_H8_N16',
    name: 'layer',
    hyper: v4,
    site: { family: 's4v4-diagonal', order: 16, slots: 8, channels: 8, tying: 'independent' },
  },
  {
    file: 's4v4_diag_legs_H8_N16',
    name: 'layer',
    hyper: v4,
    site: { family: 's4v4-diagonal', order: 16, tying: 'independent' },
  },
  {
    file: 's4v3_diag_H8_N16',
    name: 'kernel.kernel',
    hyper: v3,
    site: { family: 's4v3-diagonal', order: 16, slots: 8, channels: 8, tying: 'independent' },
  },
  {
    file: 's4v3_diag_zoh_nssm1_H8_N16',
    name: 'kernel.kernel',
    hyper: { ...v3, disc: 'zoh' },
    site: { family: 's4v3-diagonal', channels: 8, tying: 'tied', facts: { n_ssm: '1' } },
  },
  {
    file: 's4v4_dplr_legs_H8_N16',
    name: 'layer',
    hyper: v4Dplr,
    site: { family: 's4v4-dplr', order: 16, slots: 8, channels: 8, tying: 'independent' },
  },
  {
    file: 's4v3_nplr_legs_H8_N16',
    name: 'kernel.kernel',
    golden: 'K64',
    hyper: v3Nplr,
    site: { family: 's4v3-nplr', order: 16, slots: 8, channels: 8, tying: 'independent' },
  },
  {
    file: 'h3_dm6_ds8',
    name: 'kernel.kernel',
    hyper: h3,
    site: { family: 'h3', order: 8, slots: 4, channels: 6, tying: 'independent' },
  },
];

describe('the kernels are those of the original code', () => {
  test.each(samples.map((sample) => [sample.file, sample] as const))(
    '%s',
    async (file, { name, hyper, site, golden = 'K' }) => {
      const layers = await fileLayers(join(folder, `${file}.safetensors`));
      expect(layers.map((layer) => layer.site)).toEqual([
        expect.objectContaining({ name, ...site }),
      ]);
      const expected = await goldenKernels(file, golden);
      const kernels = layerKernels(systemsOf(layers[0], hyper), expected[0].length);
      expect(largestDifference(kernels, expected)).toBeLessThan(1e-9);
    },
  );

  test('s4v4_diag_tied_bidir_bilinear_H8_N16, once the features have poles of their own', async () => {
    const file = 's4v4_diag_tied_bidir_bilinear_H8_N16';
    const [layer] = await fileLayers(join(folder, `${file}.safetensors`));
    const hyper = { ...v4, disc: 'bilinear', dt_transform: 'softplus', real_transform: 'softplus' };
    const { site, values } = layer;
    expect(site).toMatchObject({
      family: 's4v4-diagonal',
      channels: 16,
      tying: 'tied',
      facts: { channels: '2', n_ssm: '2', dt_tie: 'false' },
    });
    expect(() => systemsOf(layer, hyper)).toThrow('poles of its own');
    const untying = familyOf(site.family).untie!(site)!;
    expect(untying).toMatchObject({ setting: 'n_ssm', value: 8 });
    const systems = systemsOf({ site: untying.site, values: untying.apply(values) }, hyper);
    expect(systems).toMatchObject({ kind: 'tied', groups: { length: 8 } });
    const expected = await goldenKernels(file, 'K');
    const kernels = layerKernels(systems, expected[0].length);
    expect(largestDifference(kernels, expected)).toBeLessThan(1e-9);
  });
});

async function goldenKernels(file: string, name: string): Promise<Float64Array[]> {
  return rowsOf((await goldenArrays(join(folder, `${file}.golden.npz`)))[name]);
}

/** An array (channels, features, length) as kernels. */
function rowsOf({ shape, values }: GoldenArray): Float64Array[] {
  const [channels, features, length] = shape;
  return Array.from({ length: channels * features }, (_, k) =>
    values.subarray(k * length, (k + 1) * length),
  );
}

describe.skipIf(!sharedAvailable)('trained models', () => {
  const real = (name: string): string => sharedPath('checkpoints', 'real', name);

  test('S4 of version 4, trained on sequential MNIST', async () => {
    const layers = await fileLayers(real('asleepEce-checkpoint_mnist100HZ_ckpt.pth'));
    const golden = await goldenArrays(real('asleepEce-checkpoint_mnist100HZ_ckpt.golden.npz'));
    expect(layers).toHaveLength(4);
    for (const layer of layers) {
      const { name } = layer.site;
      expect(layer.site).toMatchObject({
        family: 's4v4-dplr',
        order: 64,
        channels: 128,
        skip: `${name}.D`,
      });
      const expected = rowsOf(golden[`${name.replace(/^model\./, '')}.kernel.K`]);
      const some = firstFeatures(layer, expected.length);
      const kernels = layerKernels(systemsOf(some, v4Dplr), expected[0].length);
      expect(largestDifference(kernels, expected)).toBeLessThan(1e-9);
    }
  });

  test('S4 of version 2 in both directions, whose nodes the file stores in float32', async () => {
    const layers = await fileLayers(real('liquids4-ckpt.pth'));
    expect(layers).toHaveLength(4);
    for (const { site } of layers) {
      expect(site).toMatchObject({
        family: 's4v2-nplr',
        order: 64,
        slots: 32,
        channels: 128,
        tying: 'tied',
      });
    }
    const { K0 } = await goldenArrays(real('liquids4-ckpt.golden.npz'));
    const expected = rowsOf(K0);
    const [first] = layers;
    const systems = systemsOf(firstFeatures(first, 4), v2);
    // the original evaluates at nodes rounded to float32, which is worth 5e-6; test/python has the exact comparison
    const kernels = layerKernels(systems, expected[0].length);
    expect(largestDifference(kernels, expected)).toBeLessThan(1e-5);
  });
});
