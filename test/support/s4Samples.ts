import type { HyperValues } from '../../src/families/hyperParameters';
import { h3, v2, v3, v3Nplr, v4, v4Dplr } from './s4Settings';
import { sharedPath } from './shared';

/** A file with layers of an S4 family, or what Python makes one from, and how it is read here and there. */
export interface S4Sample {
  readonly title: string;
  /** Left out where no file of the original code has these settings: Python makes one in the original's shapes. */
  readonly file?: string;
  readonly hyper: HyperValues;
  readonly order: number;
  /** Whether the systems written are those that the balanced method finds, not made-up ones. */
  readonly balanced?: boolean;
  /** Whether the features are given poles of their own first. */
  readonly untied?: boolean;
  /** The class in s4_kernels.py, the sizes of its tensors but the order, and where the layers to look at stand. */
  readonly kind: 'v4' | 'v3' | 'v2' | 'ema' | 'annotated';
  readonly sizes: Readonly<Record<string, unknown>>;
  readonly prefixes?: readonly string[];
}

const generated = (name: string): string =>
  sharedPath('checkpoints', 'generated', `${name}_H8_N16.pt`);
const real = (name: string): string => sharedPath('checkpoints', 'real', name);

const v4Samples: S4Sample[] = [
  {
    title: 'v4 diagonal',
    file: generated('s4v4_diag_legs'),
    hyper: v4,
    order: 6,
    kind: 'v4',
    sizes: { H: 8 },
    prefixes: ['layer.kernel.'],
  },
  {
    title: 'v4 diagonal, untied: bilinear, two channels, a step for every slot, softplus',
    file: generated('s4v4_diag_tied_bidir_bilinear'),
    hyper: { ...v4, disc: 'bilinear', dt_transform: 'softplus', real_transform: 'softplus' },
    order: 6,
    untied: true,
    kind: 'v4',
    sizes: { H: 8, channels: 2, untied: true },
    prefixes: ['layer.kernel.'],
  },
  ...['zoh', 'bilinear', 'dss'].map((disc): S4Sample => ({
    title: `v4 diagonal, ${disc}, shared by features and channels`,
    hyper: { ...v4, disc, l_max: '200' },
    order: 4,
    kind: 'v4',
    sizes: { H: 6, n_ssm: 2, channels: 2 },
  })),
  {
    title: 'v4 diagonal, sinh, softplus, relu and a band limit',
    hyper: {
      ...v4,
      real_transform: 'relu',
      imag_transform: 'softplus',
      dt_transform: 'softplus',
      dt_fast: 'true',
      bandlimit: '0.2',
    },
    order: 4,
    kind: 'v4',
    sizes: { H: 5 },
  },
  {
    title: 'v4 diagonal, exponential frequencies and a step for every slot',
    hyper: { ...v4, real_transform: 'none', imag_transform: 'exp' },
    order: 4,
    kind: 'v4',
    sizes: { H: 5, untied: true },
  },
  {
    title: 'v4 with real states',
    hyper: v4,
    order: 3,
    kind: 'v4',
    sizes: { H: 5, is_real: true },
  },
  {
    title: 'v4 with real states, bilinear',
    hyper: { ...v4, disc: 'bilinear' },
    order: 3,
    kind: 'v4',
    sizes: { H: 5, is_real: true },
  },
  {
    title: 'v4 DPLR',
    file: generated('s4v4_dplr_legs'),
    hyper: v4Dplr,
    order: 6,
    kind: 'v4',
    sizes: { H: 8, rank: 1 },
    prefixes: ['layer.kernel.'],
  },
  {
    title: 'v4 DPLR, rank 2, shared by features and channels',
    hyper: v4Dplr,
    order: 4,
    kind: 'v4',
    sizes: { H: 6, n_ssm: 3, channels: 2, rank: 2 },
  },
  {
    title: 'v4 DPLR with a band limit',
    hyper: { ...v4Dplr, bandlimit: '0.3' },
    order: 4,
    kind: 'v4',
    sizes: { H: 4, rank: 1 },
  },
  {
    title: 'v4 DPLR, trained',
    file: real('asleepEce-checkpoint_mnist100HZ_ckpt.pth'),
    hyper: v4Dplr,
    order: 16,
    balanced: true,
    kind: 'v4',
    sizes: { H: 128, rank: 1 },
    prefixes: ['s4_layers.0.layer.kernel.'],
  },
];

const v3Samples: S4Sample[] = [
  {
    title: 'v3 diagonal',
    file: generated('s4v3_diag'),
    hyper: v3,
    order: 6,
    kind: 'v3',
    sizes: { H: 8 },
    prefixes: ['kernel.kernel.'],
  },
  {
    title: 'v3 diagonal, one set of poles, zoh',
    file: generated('s4v3_diag_zoh_nssm1'),
    hyper: { ...v3, disc: 'zoh' },
    order: 6,
    kind: 'v3',
    sizes: { H: 8, n_ssm: 1 },
    prefixes: ['kernel.kernel.'],
  },
  {
    title: 'v3 diagonal, untied, zoh',
    file: generated('s4v3_diag_zoh_nssm1'),
    hyper: { ...v3, disc: 'zoh' },
    order: 6,
    untied: true,
    kind: 'v3',
    sizes: { H: 8 },
    prefixes: ['kernel.kernel.'],
  },
  {
    title: 'v3 diagonal, softplus, DSS, a band limit',
    hyper: { ...v3, disc: 'dss', real_type: 'softplus', bandlimit: '0.4', l_max: '300' },
    order: 4,
    kind: 'v3',
    sizes: { H: 5 },
  },
  {
    title: 'v3 NPLR',
    file: generated('s4v3_nplr_legs'),
    hyper: v3Nplr,
    order: 6,
    kind: 'v3',
    sizes: { H: 8, form: 'nplr' },
    prefixes: ['kernel.kernel.'],
  },
  {
    title: 'v3 NPLR, shared by features and channels, relu',
    hyper: { ...v3Nplr, real_type: 'relu' },
    order: 4,
    kind: 'v3',
    sizes: { H: 6, n_ssm: 2, channels: 2, form: 'nplr' },
  },
  {
    title: 'H3',
    file: sharedPath('checkpoints', 'generated', 'h3_dm6_ds8.pt'),
    hyper: h3,
    order: 4,
    kind: 'v3',
    sizes: { H: 6, form: 'h3' },
    prefixes: ['kernel.kernel.'],
  },
];

const v2Samples: S4Sample[] = [
  {
    title: 'v2 NPLR',
    hyper: v2,
    order: 4,
    kind: 'v2',
    sizes: { H: 5 },
  },
  {
    title: 'v2 NPLR, hurwitz, tied states, two channels',
    hyper: v2,
    order: 4,
    kind: 'v2',
    sizes: { H: 5, S: 1, channels: 2, hurwitz: true },
  },
  {
    title: 'v2 NPLR, trained, in both directions',
    file: real('liquids4-ckpt.pth'),
    hyper: v2,
    order: 4,
    kind: 'v2',
    sizes: { H: 64, channels: 2 },
    prefixes: ['module.s4_layers.0.kernel.kernel.'],
  },
];

const otherSamples: S4Sample[] = [
  {
    title: 'v4 moving average, two channels',
    hyper: {},
    order: 3,
    kind: 'ema',
    sizes: { H: 4, channels: 2 },
  },
  {
    title: 'v4 moving average, dt_tie',
    hyper: {},
    order: 3,
    kind: 'ema',
    sizes: { H: 4, tied: true },
  },
  ...['s4d', 'dss', 's4'].map((form): S4Sample => ({
    title: `annotated-s4, ${form}`,
    hyper: form === 's4d' ? {} : { l_max: '256' },
    order: 5,
    kind: 'annotated',
    sizes: { H: 3, form },
    prefixes: ['encoder.layers_0.seq.'],
  })),
];

export const s4Samples: readonly S4Sample[] = [
  ...v4Samples,
  ...v3Samples,
  ...v2Samples,
  ...otherSamples,
];
