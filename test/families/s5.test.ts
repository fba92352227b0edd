import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { LayerSystems } from '../../src/core/systems/layer';
import { familyOf, recogniseLayers } from '../../src/families/recognise';
import type { TensorValues } from '../../src/formats/tensor';
import {
  type GoldenArray,
  edited,
  fileLayers,
  goldenArrays,
  largestDifference,
  layerKernels,
  writeEdited,
} from '../support/layers';
import { sharedAvailable, sharedPath } from '../support/shared';
import { exampleMimo } from '../support/syntheticSystems';
import { someTensors } from '../support/tensors';
import { tempDir } from '../support/tempDir';

const generated = (name: string): string => sharedPath('checkpoints', 'generated', name);

/** The kernels of an array (time, outputs, inputs). */
function kernelsOf({ shape: [length, outputs, inputs], values }: GoldenArray): Float64Array[] {
  return Array.from({ length: outputs * inputs }, (_, k) =>
    Float64Array.from({ length }, (__, t) => values[t * outputs * inputs + k]),
  );
}

describe.skipIf(!sharedAvailable)('the kernels are those of the original code', () => {
  test.each(['pt', 'safetensors'])('PyTorch, %s', async (extension) => {
    const [{ site, values }] = await fileLayers(generated(`s5_pytorch_H6_P8.${extension}`));
    expect(site).toMatchObject({
      family: 's5-torch',
      name: 'seq',
      order: 8,
      channels: 6,
      skip: 'seq.D',
    });
    const systems = familyOf(site.family).read(site, values, { liquid: 'false' });
    const { K } = await goldenArrays(generated('s5_pytorch_H6_P8.golden.npz'));
    expect(largestDifference(layerKernels(systems, 256), kernelsOf(K))).toBeLessThan(1e-9);
  });

  test('PyTorch, bidirectional: the outputs of the two directions one after the other', async () => {
    const [{ site, values }] = await fileLayers(generated('s5_pytorch_H6_P8_bidir.pt'));
    expect(site).toMatchObject({ order: 8, sizes: { outputs: 12 } });
    const systems = familyOf(site.family).read(site, values, { liquid: 'false' });
    const { K } = await goldenArrays(generated('s5_pytorch_H6_P8_bidir.golden.npz'));
    // the original's response to an impulse at step 128
    const kernels = layerKernels(systems, 129);
    const both = kernels.slice(0, 36).map((forward, k) =>
      Float64Array.from({ length: 256 }, (_, t) => {
        const backward = kernels[36 + k];
        return (t >= 128 ? forward[t - 128] : 0) + (t <= 128 ? backward[128 - t] : 0);
      }),
    );
    expect(largestDifference(both, kernelsOf(K))).toBeLessThan(1e-9);
  });

  test('Flax, read from msgpack and written back into it', async () => {
    const file = generated('s5_flax_H6_P4.msgpack');
    const [{ site, values }] = await fileLayers(file);
    expect(site).toMatchObject({ name: 'params.encoder.layers_0', order: 4, channels: 6 });
    const family = familyOf(site.family);
    const original = family.read(site, values, usual);
    const golden = await goldenArrays(generated('s5_flax_H6_P4.golden.npz'));
    const expected = kernelsOf(golden.K_zoh_conjsym);
    expect(largestDifference(layerKernels(original, 256), expected)).toBeLessThan(1e-9);

    if (original.kind !== 'mimo') throw new Error(original.kind);
    const reduced = exampleMimo(original, 2);
    const target = join(folder, 'reduced.msgpack');
    await writeEdited(file, family.write(site, reduced, values, usual), target);
    const [small] = await fileLayers(target);
    expect(small.site).toEqual({ ...site, order: 2, slots: 2 });
    const stored = family.read(small.site, small.values, usual);
    const kernels = layerKernels(reduced, 256);
    expect(largestDifference(layerKernels(stored, 256), kernels)).toBeLessThan(1e-5);
  });
});

const folder = tempDir();
const P = 5;
const H = 3;
const shapes = { Lambda_re: [P], Lambda_im: [P], B: [P, H, 2], log_step: [P, 1], D: [H] };
const decays = { Lambda_re: [-0.5, -1, -2, -0.7, -0.1], log_step: [-3, -2, -4, -3, -2.5] };
const usual = { discretization: 'zoh', conj_sym: 'true', clip_eigs: 'false', step_rescale: '1' };
const place = 'params/encoder/layers_0/seq/';

const forms: Record<string, Record<string, number[]>> = {
  'one direction': { C: [H, P, 2] },
  'both directions': { C1: [H, P, 2], C2: [H, P, 2] },
  'both directions, complex_normal': { C: [H, 2 * P, 2] },
};

function flaxLayer(form: string, contents: Record<string, number[]> = {}) {
  return someTensors(place, { ...shapes, ...forms[form] }, { ...decays, ...contents });
}

function siteOf(tensors: ReadonlyMap<string, TensorValues>) {
  return recogniseLayers([...tensors.values()].map(({ info }) => info))[0];
}

function read(tensors: ReadonlyMap<string, TensorValues>, hyper: object): LayerSystems {
  const site = siteOf(tensors);
  return familyOf(site.family).read(site, tensors, { ...usual, ...hyper });
}

describe('Flax', () => {
  test.each(Object.keys(forms))('%s', (form) => {
    const site = siteOf(flaxLayer(form));
    const outputs = form === 'one direction' ? H : 2 * H;
    expect(site).toMatchObject({
      family: 's5-flax',
      name: 'params/encoder/layers_0',
      order: P,
      channels: H,
      sizes: { outputs },
      skip: `${place}D`,
    });
  });

  test('is not annotated S4, which has a P or a W instead of B', () => {
    const { Lambda_re, Lambda_im, log_step } = shapes;
    const annotated = { Lambda_re, Lambda_im, log_step, C: [H, P, 2], P: [P, H, 2] };
    const tensors = someTensors(place, annotated);
    expect(siteOf(tensors)).toBeUndefined();
  });

  test('step_rescale multiplies all steps', () => {
    const half = flaxLayer('one direction', {
      log_step: decays.log_step.map((log) => log - Math.LN2),
    });
    const expected = layerKernels(read(half, {}), 50);
    const kernels = layerKernels(read(flaxLayer('one direction'), { step_rescale: '0.5' }), 50);
    expect(largestDifference(kernels, expected)).toBeLessThan(1e-6);
  });

  test('clip_eigs makes a growing mode decay; without it the layer is refused', () => {
    const tensors = flaxLayer('one direction', { Lambda_re: [0.1, -1, -2, -1, -1] });
    const clipped = flaxLayer('one direction', { Lambda_re: [-1e-4, -1, -2, -1, -1] });
    const expected = layerKernels(read(clipped, {}), 50);
    const kernels = layerKernels(read(tensors, { clip_eigs: 'true' }), 50);
    expect(largestDifference(kernels, expected)).toBeLessThan(1e-6);
    expect(() => read(tensors, {})).toThrow(
      expect.objectContaining({ reason: 'unstable', place: `tensor ${place}Lambda_re` }),
    );
  });

  test('poles slower than what is clipped are written with steps short enough', () => {
    const tensors = flaxLayer('one direction');
    const hyper = { ...usual, clip_eigs: 'true' };
    const original = read(tensors, hyper);
    if (original.kind !== 'mimo') throw new Error(original.kind);
    const reduced = exampleMimo(original, 3);
    [reduced.system.poles.re[0], reduced.system.poles.im[0]] = [-1e-7, 0.01];
    const edits = familyOf('s5-flax').write(siteOf(tensors), reduced, tensors, hyper);
    const stored = read(edited(tensors, edits), hyper);
    const [a, b] = [stored, reduced].map((systems) => layerKernels(systems, 1000));
    expect(largestDifference(a, b)).toBeLessThan(1e-5);
  });

  test('asks for what its tensors do not tell', () => {
    const site = siteOf(flaxLayer('one direction'));
    const asked = familyOf('s5-flax')
      .hyperParameters?.(site)
      .map(({ name }) => name);
    expect(asked).toEqual(['discretization', 'conj_sym', 'clip_eigs', 'step_rescale']);
  });
});

describe('PyTorch', () => {
  const torchLayer = (prefix: string, width = H): Map<string, TensorValues> =>
    someTensors(
      prefix,
      { Lambda: [P, 2], B: [P, width, 2], C: [width, P, 2], log_step: [P] },
      { Lambda: [-1, 2, -1, -2, -0.5, 1, -0.5, -1, -2, 0] },
    );
  const asked = (tensors: ReadonlyMap<string, TensorValues>): string[] | undefined =>
    familyOf('s5-torch')
      .hyperParameters?.(siteOf(tensors))
      .map(({ name }) => name);

  test('the discretisation is known inside S5, asked for elsewhere; a degree needs a square B', () => {
    expect(asked(torchLayer('block.s5.seq.'))).toEqual(['liquid']);
    expect(asked(torchLayer('ssm.'))).toEqual(['discretization', 'liquid']);
    expect(asked(torchLayer('ssm.', P))).toEqual(['discretization', 'liquid', 'degree']);
  });

  test.each([
    [{ liquid: 'true' }, 'depend on its input'],
    [{ liquid: 'false', degree: '2' }, 'square'],
  ])('%o is refused', (hyper, reason) => {
    const tensors = torchLayer('seq.', P);
    expect(() => familyOf('s5-torch').read(siteOf(tensors), tensors, hyper)).toThrow(reason);
  });

  test.each([
    ['Lambda', 'unstable', [0, 1]],
    ['log_step', 'bad-parameters', [NaN]],
    ['log_step', 'bad-parameters', [1000]],
  ])('%s: %s', (role, reason, values) => {
    const tensors = torchLayer('seq.');
    tensors.get(`seq.${role}`)!.values.set(values);
    expect(() => familyOf('s5-torch').read(siteOf(tensors), tensors, { liquid: 'false' })).toThrow(
      expect.objectContaining({ reason, place: `tensor seq.${role}` }),
    );
  });
});
