import { describe, expect, test } from 'vitest';
import type { LayerSystems } from '../../src/core/systems/layer';
import { lru } from '../../src/families/lru';
import { recogniseLayers } from '../../src/families/recognise';
import type { TensorValues } from '../../src/formats/tensor';
import {
  edited,
  fileLayers,
  goldenArrays,
  largestDifference,
  layerKernels,
} from '../support/layers';
import { sharedAvailable, sharedPath } from '../support/shared';
import { exampleMatrix, exampleMimo } from '../support/syntheticSystems';
import { someTensors } from '../support/tensors';

const generated = (name: string): string => sharedPath('checkpoints', 'generated', name);

describe.skipIf(!sharedAvailable)('the kernels are those of the original code', () => {
  test.each(['pt', 'npz', 'safetensors'])('lru-reduction, %s', async (extension) => {
    const layers = await fileLayers(generated(`lru_forgi_dm6_ds10.${extension}`));
    expect(layers.map(({ site }) => [site.name, site.order, site.channels])).toEqual([
      ['blocks.0.lru', 10, 6],
      ['blocks.1.lru', 10, 6],
    ]);
    const golden = await goldenArrays(generated('lru_forgi_dm6_ds10.golden.npz'));
    for (const { site, values } of layers) {
      const { shape, values: K } = golden[`${site.name}.K`];
      const [length, outputs, inputs] = shape;
      const expected = Array.from({ length: outputs * inputs }, (_, k) =>
        Float64Array.from({ length }, (__, t) => K[t * outputs * inputs + k]),
      );
      const systems = lru.read(site, values, {});
      expect(largestDifference(layerKernels(systems, length), expected)).toBeLessThan(1e-9);
    }
  });

  test('an equinox file of compressm, by the order of its fields', async () => {
    const layers = await fileLayers(generated('lru_compressm_layer_synthetic.eqx'));
    expect(layers.map(({ site }) => site)).toMatchObject([
      { family: 'lru', order: 5, channels: 4, sizes: { outputs: 4 }, skip: 'lru.0.D' },
    ]);
  });

  test('LRU-pytorch: the response to the second input', async () => {
    const [{ site, values }] = await fileLayers(generated('lru_gothos_in4_out5_ds7.pt'));
    expect(site).toMatchObject({ order: 7, channels: 4, sizes: { outputs: 5 }, skip: 'D' });
    const { K_in1 } = await goldenArrays(generated('lru_gothos_in4_out5_ds7.golden.npz'));
    const [length, outputs] = K_in1.shape;
    const systems = layerKernels(lru.read(site, values, {}), length);
    const second = systems.filter((_, k) => k % 4 === 1);
    const expected = Array.from({ length: outputs }, (_, i) =>
      Float64Array.from({ length }, (__, t) => K_in1.values[t * outputs + i]),
    );
    expect(largestDifference(second, expected)).toBeLessThan(1e-9);
  });
});

const shapes = { nu_log: [5], theta_log: [5], gamma_log: [5] };
const complexLayer = someTensors('blocks.0.lru.', {
  ...shapes,
  B: [5, 3, 2],
  C: [2, 5, 2],
  D: [2, 3],
});
const [{ values: B }, { values: C }] = ['B', 'C'].map((m) =>
  complexLayer.get(`blocks.0.lru.${m}`)!,
);
const partsLayer = someTensors(
  'params/layers_0/seq/',
  { ...shapes, B_re: [5, 3], B_im: [5, 3], C_re: [2, 5], C_im: [2, 5], D: [2] },
  {
    ...Object.fromEntries(
      Object.keys(shapes).map((role) => [role, complexLayer.get(`blocks.0.lru.${role}`)!.values]),
    ),
    B_re: B.filter((_, i) => i % 2 === 0),
    B_im: B.filter((_, i) => i % 2 === 1),
    C_re: C.filter((_, i) => i % 2 === 0),
    C_im: C.filter((_, i) => i % 2 === 1),
  },
);

function siteOf(tensors: ReadonlyMap<string, TensorValues>) {
  const [site] = recogniseLayers([...tensors.values()].map(({ info }) => info));
  return site;
}

function read(tensors: ReadonlyMap<string, TensorValues>): LayerSystems {
  return lru.read(siteOf(tensors), tensors, {});
}

test('matrices in parts, as in minimal-LRU, compressm and lrnnx, are read and written like complex ones', () => {
  const site = siteOf(partsLayer);
  expect(site).toMatchObject({
    name: 'params/layers_0/seq',
    tying: 'mimo',
    skip: 'params/layers_0/seq/D',
    sizes: { outputs: 2 },
  });
  const original = read(partsLayer);
  expect(original).toEqual(read(complexLayer));
  if (original.kind !== 'mimo') throw new Error(original.kind);
  const reduced = exampleMimo(original, 3);
  const edits = lru.write(site, reduced, partsLayer, {});
  const stored = read(edited(partsLayer, edits));
  const whole = lru.write(siteOf(complexLayer), reduced, complexLayer, {});
  expect(stored).toEqual(read(edited(complexLayer, whole)));
  expect(largestDifference(layerKernels(stored, 300), layerKernels(reduced, 300))).toBeLessThan(
    1e-5,
  );
});

test('B may be called Bp, as in neural_ssm, whose outputs come a step later', () => {
  const tensors = someTensors('a.', { ...shapes, Bp: [5, 3, 2], C: [2, 5, 2] }, { Bp: B, C });
  for (const role of Object.keys(shapes)) {
    tensors.get(`a.${role}`)!.values.set(complexLayer.get(`blocks.0.lru.${role}`)!.values);
  }
  expect(siteOf(tensors)).toMatchObject({ tensors: { B: 'a.Bp' }, facts: { delay: 'one step' } });
  expect(read(tensors)).toEqual(read(complexLayer));
});

test('a slow real pole stays real: no drift over a hundred thousand steps', () => {
  const original = read(complexLayer);
  if (original.kind !== 'mimo') throw new Error(original.kind);
  const system = {
    poles: { re: Float64Array.of(-1e-5), im: Float64Array.of(0) },
    B: exampleMatrix(1, 3, 3),
    C: exampleMatrix(2, 1, 4),
  };
  const edits = lru.write(siteOf(complexLayer), { kind: 'mimo', system }, complexLayer, {});
  const stored = read(edited(complexLayer, edits));
  const [a, b] = [stored, { kind: 'mimo', system } as const].map((s) => layerKernels(s, 100_000));
  expect(largestDifference(a, b)).toBeLessThan(1e-6);
});

describe('what is no LRU', () => {
  const without = (role: string): string[] =>
    [...complexLayer.keys()].filter((name) => !name.endsWith(`.${role}`));
  test.each(['nu_log', 'theta_log', 'gamma_log', 'B', 'C'])('%s is missing', (role) => {
    expect(recogniseLayers(without(role).map((name) => complexLayer.get(name)!.info))).toEqual([]);
  });

  test('shapes disagree', () => {
    const other = someTensors('a.', { ...shapes, B: [5, 3, 2], C: [2, 4, 2] });
    expect(siteOf(other)).toBeUndefined();
  });
});

test('orders are whole numbers from 1 up', () => {
  expect(lru.slotsForOrder(1)).toBe(1);
  for (const order of [0, -1, 1.5, NaN])
    expect(() => lru.slotsForOrder(order)).toThrow('from 1 up');
});

test('a pole on the unit circle is refused and named', () => {
  const nu = new Float64Array(5).fill(-0.5);
  nu[3] = -800;
  const tensors = someTensors('a.', { ...shapes, B: [5, 3, 2], C: [2, 5, 2] }, { nu_log: nu });
  expect(() => read(tensors)).toThrow(
    expect.objectContaining({ reason: 'unstable', place: 'tensor a.nu_log' }),
  );
});
