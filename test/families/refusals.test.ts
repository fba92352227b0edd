import { describe, expect, test } from 'vitest';
import { familyOf, recogniseLayers } from '../../src/families/recognise';
import { refusedLayers } from '../../src/families/refusals';
import type { TensorInfo } from '../../src/formats/tensor';
import { openFile } from '../support/layers';
import { sharedAvailable, sharedPath } from '../support/shared';

function tensors(prefix: string, shapes: Record<string, number[]>): TensorInfo[] {
  return Object.entries(shapes).map(([role, shape]) => ({
    name: prefix + role,
    shape,
    dtype: 'float32',
    role: 'model',
  }));
}

/** Layers by the names and shapes of the projects that they come from. */
const layers: [what: string, prefix: string, shapes: Record<string, number[]>][] = [
  [
    'Mamba',
    'backbone.layers.0.mixer.',
    { A_log: [16, 4], D: [16], 'x_proj.weight': [9, 16], 'dt_proj.weight': [16, 1] },
  ],
  [
    'Mamba-2',
    'backbone.layers.0.mixer.',
    { A_log: [4], dt_bias: [4], D: [4], 'in_proj.weight': [40, 8], 'conv1d.weight': [24, 1, 4] },
  ],
  [
    'Gated DeltaNet',
    'model.layers.0.attn.',
    { A_log: [4], dt_bias: [4], 'k_proj.weight': [8, 8], 'b_proj.weight': [4, 8] },
  ],
  [
    'RG-LRU (Griffin, Hawk)',
    'model.layers.0.temporal_block.rg_lru.',
    { recurrent_param: [8], recurrent_gate_weight: [2, 4, 4], input_gate_weight: [2, 4, 4] },
  ],
  ['RG-LRU (Griffin, Hawk)', 'a.rg_lru.', { a_param: [8], 'a_gate.w': [2, 4, 4] }],
  ['RG-LRU (Griffin, Hawk)', 'a.', { a_log: [8], 'recurrent_gate_proj.weight': [8, 8] }],
  ['S7', 'a.', { base_params: [8], 'x_proj.weight': [8, 8], 'gate_proj.weight': [8, 8] }],
  [
    'RetNet',
    'decoder.layers.0.',
    {
      'retention.q_proj.weight': [8, 8],
      'retention.k_proj.weight': [8, 8],
      'retention.v_proj.weight': [16, 8],
    },
  ],
  [
    'Gated linear attention',
    'model.layers.0.attn.',
    {
      'gk_proj.0.weight': [16, 8],
      'q_proj.weight': [4, 8],
      'k_proj.weight': [4, 8],
      'v_proj.weight': [8, 8],
    },
  ],
  [
    'RWKV',
    'blocks.0.att.',
    {
      time_decay: [8],
      time_first: [8],
      'key.weight': [8, 8],
      'value.weight': [8, 8],
      'receptance.weight': [8, 8],
    },
  ],
  ['Hyena', 'layers.0.filter_fn.', { 'implicit_filter.0.weight': [16, 5], bias: [8] }],
  ['CKConv', 'backbone.0.cconv1.', { 'Kernel.kernel_net.0.weight_g': [16, 1], bias: [8] }],
  [
    'SGConv',
    'model.layers.0.layer.kernel.',
    { 'ws.0': [1, 8, 4], 'ws.1': [1, 8, 4], alpha: [1, 8] },
  ],
  ['SGConv', 'layers.0.', { 'kernel_list.0': [1, 8, 4], kernel_norm: [1, 8, 1] }],
  ['DLR with poles on the unit circle', 'layer.kernel.', { Lambda_im: [4], W: [1, 3, 4] }],
  ['DSS or DLR with real poles', 'layer.kernel.', { Lambda_log_neg_re: [4], W: [1, 3, 4] }],
  [
    'DSS or DLR with real poles',
    'layer.kernel.',
    { Lambda_log_neg_re: [4], log_dt: [3], W: [1, 3, 4, 2] },
  ],
  [
    'S4 before version 2',
    'layer.kernel.kernel.',
    { nodes: [9, 2], z: [9, 2], w: [4, 2], B: [8, 4, 2], C: [8, 4, 2], log_dt: [8] },
  ],
  ['aTENNuate', 'down.0.', { log_dt: [6], A: [6, 2], B: [6, 1], C: [3, 6] }],
  ['aTENNuate', 'two.inputs.', { log_dt: [6], A: [6, 2], B: [6, 2], C: [2, 6] }],
  ['S5 of lrnnx', 'layers.0.', { log_dt: [6], A: [6, 2], B: [6, 3], C: [3, 6, 2], D: [3, 3] }],
  ['L2RU', 'blocks.0.lru.', { X11: [4, 4], X22: [4, 4] }],
  ['L2RU', 'blocks.0.lru.', { X11_params: [10], X22_params: [10], X21: [4, 4] }],
  ['L2RU', 'blocks.0.lru.', { K_raw: [7, 7], S: [4, 4] }],
  ['L2RU', 'blocks.0.lru.', { rho_raw: [2], K12_raw: [4, 3], S: [4, 4] }],
  [
    'LRU with a trained initial state',
    'blocks.0.lru.',
    {
      nu_log: [4],
      theta_log: [4],
      gamma_log: [4],
      Bp: [4, 2, 2],
      C: [2, 4, 2],
      x0_param: [1, 4, 2],
    },
  ],
];

describe('a layer that cannot be reduced is named with the reason', () => {
  test.each(layers)('%s: %s', (what, prefix, shapes) => {
    const infos = tensors(prefix, shapes);
    const found = refusedLayers(infos);
    expect(found.map((layer) => [layer.what, layer.name])).toEqual([[what, prefix.slice(0, -1)]]);
    expect(found[0].reason).toMatch(/^[A-Z].{80,}\.$/);
    expect(recogniseLayers(infos)).toEqual([]);
  });

  test.each(layers)('%s: %s, not where a tensor that tells is missing', (_, prefix, shapes) => {
    const infos = tensors(prefix, shapes);
    const names = Object.keys(shapes).map((role) => prefix + role);
    const withoutOne = names.map((name) => infos.filter((info) => info.name !== name));
    expect(withoutOne.some((fewer) => refusedLayers(fewer).length === 0)).toBe(true);
  });
});

test('a file of optimizer states alone is named as such, a model with them is not', () => {
  const infos = tensors('state.', { '0.exp_avg': [3] });
  const states = infos.map((info) => ({ ...info, role: 'optimizer' as const }));
  expect(refusedLayers(states)).toMatchObject([{ name: '', what: 'The state of an optimizer' }]);
  expect(refusedLayers([...states, ...infos])).toEqual([]);
  expect(refusedLayers([])).toEqual([]);
});

describe.skipIf(!sharedAvailable)('in real files', () => {
  test.each([
    ['generated/mamba_refuse_dm8.pt', 'Mamba', 2],
    ['real/mandelbrot-ckpt.pth', 'S4 before version 2', 1],
    ['real/aTENNuate-weights.pt', 'aTENNuate', 16],
  ])('%s', async (file, what, count) => {
    const { tensors: infos } = await openFile(sharedPath('checkpoints', file));
    const found = refusedLayers(infos);
    expect(found).toHaveLength(count);
    expect(new Set(found.map((layer) => layer.what))).toEqual(new Set([what]));
    expect(recogniseLayers(infos)).toEqual([]);
  });

  test.each([
    'checkpoints/generated/dss_exp_H8_N16.pt',
    'checkpoints/generated/dlr_H8_N16.pt',
    'checkpoints/generated/s5_pytorch_H6_P8.pt',
    'checkpoints/generated/s4v4_dplr_legs_H8_N16.pt',
    'checkpoints/real/gevorgyg-ckpt.pth',
    'checkpoints/real/liquids4-ckpt.pth',
    'trained/lru_wh/lru_wh.pt',
  ])('none in %s', async (file) => {
    const { tensors: infos } = await openFile(sharedPath(...file.split('/')));
    const recognised = recogniseLayers(infos);
    expect(recognised.map((site) => familyOf(site.family).id)).not.toEqual([]);
    expect(refusedLayers(infos)).toEqual([]);
  });
});
