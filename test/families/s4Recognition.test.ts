import { describe, expect, test } from 'vitest';
import type { LayerSite } from '../../src/families/family';
import { familyOf, recogniseLayers } from '../../src/families/recognise';
import { resolveHyperParameters, noEvidence } from '../../src/families/resolveHyperParameters';
import type { DType, TensorInfo, TensorValues } from '../../src/formats/tensor';
import { h3, v2, v3, v3Nplr, v4, v4Dplr } from '../support/s4Settings';

function tensor(name: string, shape: readonly number[], dtype: DType = 'float32'): TensorInfo {
  return { name, shape, dtype, role: 'model' };
}

type Shapes = Readonly<Record<string, readonly number[]>>;

function below(prefix: string, shapes: Shapes): TensorInfo[] {
  return Object.entries(shapes).map(([role, shape]) => tensor(prefix + role, shape));
}

const v4Kernel = (H: number, n: number, S = H, channels = 1): Shapes => ({
  inv_dt: [H, 1],
  C: [channels, H, n, 2],
  B: [1, S, n, 2],
  A_real: [S, n],
  A_imag: [S, n],
});
const v4Low = (H: number, n: number): Shapes => ({
  ...v4Kernel(H, n),
  P: [1, H, n, 2],
  l_kernel: [],
});
const v3Kernel = (H: number, n: number): Shapes => ({
  C: [1, H, n, 2],
  log_dt: [H],
  A: [H, n, 2],
  B: [H, n, 2],
  inv_A_real: [H, n],
  A_imag: [H, n],
});
const v2Kernel = (H: number, n: number): Shapes => ({
  C: [1, H, n, 2],
  omega: [129, 2],
  z: [129, 2],
  log_dt: [H],
  B: [1, H, n, 2],
  P: [1, H, n, 2],
  w: [H, n, 2],
  Q: [1, H, n, 2],
});

const families = (infos: readonly TensorInfo[]): [string, string][] =>
  recogniseLayers(infos).map(({ family, name }) => [family, name]);

describe('whole models', () => {
  test('S4ND has a layer for the kernel of each axis', () => {
    const infos = [0, 1].flatMap((axis) =>
      below(`model.layers.0.layer.layer.kernel.${axis}.`, v4Kernel(6, 4, 2, 3)),
    );
    expect(families(infos)).toEqual([
      ['s4v4-diagonal', 'model.layers.0.layer.layer.kernel.0'],
      ['s4v4-diagonal', 'model.layers.0.layer.layer.kernel.1'],
    ]);
  });

  test('SaShiMi has layers of different widths', () => {
    const infos = [
      ...below('c_layers.0.layer.layer.kernel.', v4Low(16, 32)),
      tensor('c_layers.0.layer.layer.D', [1, 16]),
      tensor('c_layers.1.layer.ff.0.0.weight', [32, 16, 1]),
      ...below('u_layers.0.1.layer.layer.kernel.', v4Low(8, 32)),
      tensor('d_layers.0.linear.weight', [16, 32]),
    ];
    expect(recogniseLayers(infos)).toEqual([
      expect.objectContaining({
        family: 's4v4-dplr',
        name: 'c_layers.0.layer.layer',
        channels: 16,
        order: 64,
        skip: 'c_layers.0.layer.layer.D',
      }),
      expect.objectContaining({ name: 'u_layers.0.1.layer.layer', channels: 8, order: 64 }),
    ]);
  });
});

describe('one layer is of one family', () => {
  const { A, ...withoutA } = v3Kernel(4, 3);
  const real = { inv_dt: [4, 1], A_real: [4, 3], B: [1, 4, 3], C: [1, 4, 3] };
  const annotated = { Lambda_re: [5, 4], Lambda_im: [5, 4], log_step: [1, 4] };

  test.each<[string, Shapes]>([
    ['s4v4-diagonal', v4Kernel(4, 3)],
    ['s4v4-dplr', v4Low(4, 3)],
    ['s4v4-real', real],
    ['s4v3-diagonal', { ...withoutA, A: A }],
    ['h3', withoutA],
    ['s4v2-nplr', v2Kernel(4, 3)],
    [
      's4v3-nplr',
      {
        C: [1, 4, 3, 2],
        log_dt: [4],
        B: [1, 4, 3, 2],
        P: [1, 4, 3, 2],
        inv_w_real: [4, 3],
        w_imag: [4, 3],
        L: [],
      },
    ],
    ['annotated-s4', { ...annotated, P: [5, 4, 2], B: [5, 4, 2], C: [5, 4, 2] }],
    ['annotated-dss', { ...annotated, W: [1, 4, 5, 2] }],
    ['s4v4-ema', { delta: [4, 1, 1], alpha: [4, 3, 1], beta: [4, 3, 1], gamma: [4, 3] }],
  ])('%s', (family, shapes) => {
    expect(families(below('a.kernel.', shapes))).toEqual([[family, expect.any(String)]]);
  });

  test('Flax names with slashes', () => {
    const shapes = { ...annotated, W: [1, 4, 5, 2], D: [1, 4] };
    expect(recogniseLayers(below('params/encoder/layers_0/seq/', shapes))).toEqual([
      expect.objectContaining({
        family: 'annotated-dss',
        name: 'params/encoder/layers_0/seq',
        skip: 'params/encoder/layers_0/seq/D',
        order: 5,
        channels: 4,
      }),
    ]);
  });

  test.each<[string, Shapes]>([
    ['a tensor is missing', { ...v4Kernel(4, 3), C: [] }],
    ['the shapes disagree', { ...v4Kernel(4, 3), A_imag: [4, 2] }],
    [
      'the groups do not divide the features',
      { ...v4Kernel(4, 3), ...v4Kernel(4, 3, 3), C: [1, 4, 3, 2] },
    ],
    ['there is no slot', v4Kernel(4, 0)],
    ['the correction does not fit', { ...v4Low(4, 3), P: [1, 4, 2, 2] }],
    ['the nodes do not fit', { ...v2Kernel(4, 3), omega: [129] }],
  ])('none where %s', (_, shapes) => {
    expect(families(below('a.kernel.', shapes))).toEqual([]);
  });

  test('none for the moments of an optimizer', () => {
    const infos = below('a.kernel.', v4Kernel(4, 3)).map((t) => ({
      ...t,
      role: 'optimizer' as const,
    }));
    expect(families(infos)).toEqual([]);
  });
});

/** A layer whose tensors hold one number each. */
function layer(
  shapes: Shapes,
  contents: Readonly<Record<string, number>>,
): { site: LayerSite; values: Map<string, TensorValues> } {
  const infos = below('kernel.', shapes);
  const [site] = recogniseLayers(infos);
  const values = infos.map((info) => {
    const size = info.shape.reduce((product, count) => product * count, 1);
    const role = info.name.replace('kernel.', '');
    return [
      info.name,
      { info, values: new Float64Array(size).fill(contents[role] ?? 0.1) },
    ] as const;
  });
  return { site, values: new Map(values) };
}

describe('parameters that cannot be', () => {
  const dense = { inv_dt: -3, A_real: -1, A_imag: 2, l_kernel: 0 };

  test.each<[string, Shapes, Readonly<Record<string, number>>, Record<string, string>, object]>([
    ['NaN', v4Kernel(2, 2), { C: NaN }, v4, { reason: 'bad-parameters', place: 'tensor kernel.C' }],
    [
      'a decay rate of 0',
      v4Kernel(2, 2),
      { A_real: 0 },
      { ...v4, real_transform: 'none' },
      { reason: 'unstable', place: 'tensor kernel.A_real' },
    ],
    [
      'a negative step',
      v4Kernel(2, 2),
      { inv_dt: -3 },
      { ...v4, dt_transform: 'none' },
      { reason: 'unstable', place: 'tensor kernel.A_real' },
    ],
    [
      'eigenvalues on the right',
      v2Kernel(2, 2),
      { P: 3, Q: -3 },
      v2,
      { reason: 'unstable', place: 'tensor kernel.w' },
    ],
    [
      'a correction of rank 3',
      { ...v4Low(2, 2), P: [3, 2, 2, 2] },
      dense,
      v4Dplr,
      { reason: 'unsupported-file' },
    ],
    [
      'a step for each slot of dense states',
      { ...v4Low(2, 2), inv_dt: [2, 2] },
      dense,
      v4Dplr,
      { reason: 'unsupported-file', place: 'tensor kernel.inv_dt' },
    ],
    [
      'Liquid-S4',
      v3Kernel(2, 2),
      {},
      { ...v3, liquid_kernel: 'kb' },
      { reason: 'unsupported-file' },
    ],
    ['Liquid-S4', v2Kernel(2, 2), {}, { liquid_kernel: 'polyb' }, { reason: 'unsupported-file' }],
  ])('%s', (_, shapes, contents, hyper, error) => {
    const { site, values } = layer(shapes, contents);
    expect(() => familyOf(site.family).read(site, values, hyper)).toThrow(
      expect.objectContaining(error),
    );
  });

  test('a reading in which nothing decays is implausible', () => {
    const { site, values } = layer(v4Kernel(2, 2), { inv_dt: -4, A_real: -0.7, A_imag: 3 });
    const family = familyOf(site.family);
    expect(family.implausible?.(site, values, v4)).toBeUndefined();
    expect(family.implausible?.(site, values, { ...v4, dt_fast: 'true' })).toMatch('million');
  });
});

describe('hyper-parameters', () => {
  test.each<[Shapes, Record<string, string>]>([
    [v4Kernel(2, 2), v4],
    [v4Low(2, 2), v4Dplr],
    [v3Kernel(2, 2), v3],
    [v2Kernel(2, 2), v2],
  ])('have the usual values of the original code', (shapes, usual) => {
    const { site } = layer(shapes, {});
    const parameters = familyOf(site.family).hyperParameters?.(site) ?? [];
    const asked = parameters.filter(({ when }) => when?.(usual) !== false);
    expect(Object.fromEntries(asked.map((p) => [p.name, p.usual]))).toEqual(usual);
    for (const { options, usual: value } of asked) {
      expect(options.map((option) => option.value)).toContain(value);
    }
  });

  test('are read from settings under the names of the original code', () => {
    const { site } = layer(v4Kernel(2, 2), {});
    const parameters = familyOf(site.family).hyperParameters?.(site) ?? [];
    const recorded = Object.entries({
      disc: 'dss',
      real_transform: 'softplus',
      imag_transform: 'none',
      dt_transform: 'exp',
      dt_fast: false,
      bandlimit: 0.5,
      l_max: 784,
    }).map(([name, value]) => ({ path: ['hyper_parameters', 'model', 'layer', name], value }));
    const { resolved, open } = resolveHyperParameters(parameters, { ...noEvidence, recorded });
    expect(open).toEqual([]);
    expect(Object.entries(resolved).map(([name, { value }]) => [name, value])).toEqual(
      expect.arrayContaining([
        ['disc', 'dss'],
        ['bandlimit', '0.5'],
        ['dt_fast', 'false'],
        ['l_max', '784'],
      ]),
    );
    expect(h3).not.toHaveProperty('liquid_kernel');
    expect(v3Nplr).toHaveProperty('liquid_kernel');
  });
});
