import { describe, expect, test } from 'vitest';
import { dss } from '../../src/families/dss';
import type { LayerSite } from '../../src/families/family';
import { recogniseLayers } from '../../src/families/recognise';
import { fileLayers, goldenArrays, largestDifference, layerKernels } from '../support/layers';
import { sharedAvailable, sharedPath } from '../support/shared';
import { exampleTied } from '../support/syntheticSystems';
import { someTensors } from '../support/tensors';

const generated = (name: string): string => sharedPath('checkpoints', 'generated', name);

describe.skipIf(!sharedAvailable)('the kernels are those of the original code', () => {
  test.each([
    ['dss_exp', { version: 'exp' }],
    ['dss_exp_sepdt', { version: 'exp' }],
    ['dss_exp-re-im', {}],
    ['dss_exp-no-scale', { version: 'exp-no-scale' }],
    ['dss_clip', { version: 'clip' }],
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

  test('softmax with growing modes, as DSS allows them, is refused and the first of them named', async () => {
    const [{ site, values }] = await fileLayers(generated('dss_softmax_H8_N16.pt'));
    const hyper = { version: 'softmax', kernel_to_real: 'real', l_max: '256' };
    expect(() => dss.read(site, values, hyper)).toThrow(
      expect.objectContaining({ reason: 'unstable', place: 'tensor kernel.Lambda' }),
    );
  });

  test('the trained model: every layer, with the file it is in', async () => {
    const layers = await fileLayers(sharedPath('trained', 'dss_exp_imdb', 'dss_exp_imdb.ckpt'));
    expect(layers.map(({ site }) => `${site.name} ${site.order} ${site.channels}`)).toEqual([
      'state_dict.model.layers.0.layer 64 64',
      'state_dict.model.layers.1.layer 64 64',
      'state_dict.model.layers.2.layer 64 64',
    ]);
  });
});

const exp = { W: [1, 3, 4, 2], log_dt: [3], Lambda_log_neg_re: [4], Lambda_im: [4] };
const softmax = { W: [1, 3, 4, 2], log_dt: [3], Lambda: [4, 2] };

function sites(shapes: Record<string, number[]>): LayerSite[] {
  const tensors = someTensors('model.layers.0.layer.kernel.', shapes);
  return recogniseLayers([...tensors.values()].map(({ info }) => info));
}

function questions(shapes: Record<string, number[]>): (readonly [string, string[]])[] {
  return (dss.hyperParameters?.(sites(shapes)[0]) ?? []).map(
    ({ name, options }) => [name, options.map(({ value }) => value)] as const,
  );
}

describe('what the tensors do not tell is asked', () => {
  const parts = ['kernel_to_real', ['real', 'imag', 'sum', 'prod']];

  test('exp or exp-no-scale', () => {
    expect(questions(exp)).toEqual([['version', ['exp', 'exp-no-scale']], parts]);
  });

  test('softmax or clip, and for softmax the length of the sequences', () => {
    expect(questions(softmax)).toEqual([
      ['version', ['softmax', 'clip', 'clip-no-scale']],
      parts,
      ['l_max', []],
    ]);
    const length = dss.hyperParameters?.(sites(softmax)[0]).at(-1);
    expect(length?.when?.({ version: 'softmax' })).toBe(true);
    expect(length?.when?.({ version: 'clip' })).toBe(false);
    expect(length?.parse?.(2048)).toBe('2048');
    // a model that does not know its length says 1
    expect(length?.parse?.(1)).toBeUndefined();
  });

  test('exp-re-im tells itself', () => {
    const { Lambda_im, ...others } = exp;
    expect(questions({ ...others, Lambda_log_im: Lambda_im })).toEqual([parts]);
    expect(sites({ ...others, Lambda_log_im: Lambda_im })[0].facts).toEqual({
      version: 'exp-re-im',
    });
  });
});

describe('recognition', () => {
  test('a bidirectional layer has two kernels a feature, all with the same poles', () => {
    const [site] = sites({ ...exp, W: [2, 3, 4, 2], log_dt: [3, 2] });
    expect(site).toMatchObject({
      name: 'model.layers.0.layer',
      channels: 6,
      tying: 'tied',
      facts: { 'kernels a feature': '2', sep_dt_re_im: 'yes' },
    });
    expect(dss.parameters(site, 4)).toBe(2 * 3 * 4 * 2 + 3 * 2 + 2 * 4);
  });

  test.each<[string, Record<string, number[]>]>([
    ['steps are missing', { W: [1, 3, 4, 2], Lambda: [4, 2] }],
    ['W is real', { ...exp, W: [1, 3, 4] }],
    ['Lambda has another size', { ...softmax, Lambda: [5, 2] }],
    ['imaginary parts stand twice', { ...exp, Lambda_log_im: [4] }],
    ['steps are of another number', { ...exp, log_dt: [4] }],
  ])('not where %s', (_, shapes) => {
    expect(sites(shapes)).toEqual([]);
  });
});

test('a bidirectional layer keeps the order of its kernels', () => {
  const shapes = { ...exp, W: [2, 3, 4, 2] };
  const tensors = someTensors('a.', shapes);
  const [site] = recogniseLayers([...tensors.values()].map(({ info }) => info));
  const hyper = { version: 'exp', kernel_to_real: 'real' };
  const original = dss.read(site, tensors, hyper);
  if (original.kind !== 'tied') throw new Error(original.kind);
  const one = someTensors('a.', { ...exp }, { W: tensors.get('a.W')!.values.subarray(3 * 4 * 2) });
  for (const role of ['log_dt', 'Lambda_log_neg_re', 'Lambda_im']) {
    one.set(`a.${role}`, tensors.get(`a.${role}`)!);
  }
  const [half] = recogniseLayers([...one.values()].map(({ info }) => info));
  const backward = layerKernels(dss.read(half, one, hyper), 60);
  expect(layerKernels(original, 60).slice(3)).toEqual(backward);
  const edits = dss.write(site, exampleTied(original, 2), tensors, hyper);
  expect(edits.map(({ name, shape }) => [name, shape])).toEqual([
    ['a.W', [2, 3, 2, 2]],
    ['a.Lambda_log_neg_re', [2]],
    ['a.Lambda_im', [2]],
  ]);
});

test('steps that cannot be are refused, naming the tensor', () => {
  const tensors = someTensors('a.', exp, { log_dt: [0, 1000, 0] });
  const [site] = recogniseLayers([...tensors.values()].map(({ info }) => info));
  expect(() => dss.read(site, tensors, { version: 'exp', kernel_to_real: 'real' })).toThrow(
    expect.objectContaining({ reason: 'bad-parameters', place: 'tensor a.log_dt' }),
  );
});
