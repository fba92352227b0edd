import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { familyOf } from '../../src/families/recognise';
import { SsmError } from '../../src/core/errors';
import type { Engine } from '../../src/worker/engine';
import { normOf, slowestOf } from '../../src/worker/layerCharts/figures';
import { layerFigures } from '../../src/worker/layerFigures';
import { fileLayers, layerKernels } from '../support/layers';
import { familySamples } from '../support/familySamples';
import { exampleLayer, readSafetensors, s4dKernel, writeS4dModel } from '../support/s4dModel';
import { sharedAvailable } from '../support/shared';
import { tempDir } from '../support/tempDir';

const folder = tempDir();

describe('figures of layers', () => {
  const layers = [exampleLayer(3, 4), exampleLayer(2, 6, 5)];
  const file = join(folder, 'two.safetensors');
  writeS4dModel(file, layers);

  it('are the norm of the kernels that the layer convolves with, over the horizon of the file', async () => {
    const found = await layerFigures({ file, layers: ['s4_layers.0', 's4_layers.1'] });
    const tensors = readSafetensors(readFileSync(file));
    expect(found).toHaveLength(2);
    for (const [i, figures] of found.entries()) {
      const kernels = Array.from({ length: layers[i].channels }, (_, h) =>
        s4dKernel(tensors, i, h, 1024),
      );
      const norm = Math.hypot(...kernels.flatMap((kernel) => [...kernel]));
      expect('norm' in figures ? figures.norm / norm : undefined).toBeCloseTo(1, 6);
    }
  });

  it('of a layer that is not there are a fault in its place', async () => {
    const found = await layerFigures({ file, layers: ['elsewhere', 's4_layers.1'] });
    expect(found[0]).toEqual({ name: 'elsewhere', fault: expect.any(String) as string });
    expect(found[1]).toHaveProperty('norm');
  });

  it('are given up when cancelled', async () => {
    const controller = new AbortController();
    const asked = layerFigures(
      { file, layers: ['s4_layers.0'] },
      {
        signal: controller.signal,
        onProgress: () => {
          controller.abort();
        },
      },
    );
    await expect(asked).rejects.toMatchObject({ reason: 'cancelled' });
  });

  it('do not wait for a layer that is being computed when they are cancelled', async () => {
    const controller = new AbortController();
    let stopped = 0;
    // a thread that is never done with the first layer
    const busy = (): Engine => {
      let giveUp: (error: Error) => void = () => undefined;
      return {
        ...{ threads: 1, kernels: 'typescript', notes: [] },
        run: () =>
          new Promise((_, reject) => {
            giveUp = reject;
            setTimeout(() => {
              controller.abort();
            });
          }),
        stop: () => {
          stopped++;
          giveUp(new SsmError('cancelled', 'stopped'));
          return Promise.resolve();
        },
      };
    };
    const asked = layerFigures(
      { file, layers: ['s4_layers.0', 's4_layers.1'] },
      { signal: controller.signal, startEngine: () => Promise.resolve(busy()) },
    );
    await expect(asked).rejects.toMatchObject({ reason: 'cancelled' });
    expect(stopped).toBeGreaterThan(0);
  });
});

describe('the norm and the slowest mode of a layer', () => {
  const samples = familySamples.filter(
    ({ file, before, trulyReduced }) =>
      file !== undefined && before === undefined && trulyReduced !== true,
  );

  it.skipIf(!sharedAvailable).each(samples.map((sample) => [sample.title, sample] as const))(
    'of %s are those of its impulse responses',
    async (_, { file = '', hyper }) => {
      const [layer] = await fileLayers(file);
      const systems = familyOf(layer.site.family).read(layer.site, layer.values, hyper);
      const kernels = layerKernels(systems, 64);
      const norm = Math.hypot(...kernels.flatMap((kernel) => [...kernel]));
      expect(normOf(systems, 64) / norm).toBeCloseTo(1, 5);
      expect(slowestOf(systems)).toBeGreaterThan(0);
      expect(slowestOf(systems)).toBeLessThanOrEqual(1 + 1e-12);
    },
  );
});
