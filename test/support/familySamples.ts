import { reduceSystems } from '../../src/core/solve/reduceLayer';
import type { LayerSystems } from '../../src/core/systems/layer';
import type { HyperValues } from '../../src/families/hyperParameters';
import type { TensorEdit } from '../../src/formats/checkpoint';
import type { FileLayer } from './layers';
import { sharedPath } from './shared';
import { exampleMimo, exampleRealBatch, exampleTied } from './syntheticSystems';

/** A file with layers of one family, and how it is read, here and in Python. */
export interface FamilySample {
  readonly title: string;
  /** Left out where no file of the original code is at hand: then Python makes one in the original's shapes. */
  readonly file?: string;
  readonly hyper: HyperValues;
  /** The order written. */
  readonly order: number;
  readonly reduce: (original: LayerSystems, slots: number) => LayerSystems;
  /** Whether `reduce` approximates the original, instead of making systems up. */
  readonly trulyReduced?: boolean;
  /** What is changed in the file first, to see parameters that the sample leaves alike. */
  readonly before?: (layer: FileLayer) => TensorEdit[];
  /** The class in family_kernels.py, the sizes of its tensors but the order, its options, where its layers stand. */
  readonly python: {
    readonly family: string;
    readonly sizes: Record<string, unknown>;
    readonly hyper?: Record<string, unknown>;
    readonly prefixes: readonly string[];
  };
}

const generated = (name: string): string => sharedPath('checkpoints', 'generated', name);

function reduceTied(original: LayerSystems, slots: number): LayerSystems {
  if (original.kind !== 'tied') throw new Error(`The layer is ${original.kind}.`);
  return exampleTied(original, slots);
}

function reduceReal(original: LayerSystems, slots: number): LayerSystems {
  if (original.kind !== 'independent') throw new Error(`The layer is ${original.kind}.`);
  return exampleRealBatch(original.batch.count, slots);
}

function reduceMimo(original: LayerSystems, slots: number): LayerSystems {
  if (original.kind !== 'mimo') throw new Error(`The layer is ${original.kind}.`);
  return exampleMimo(original, slots);
}

/** A reduction as the program makes it. */
function reduceTruly(original: LayerSystems, slots: number): LayerSystems {
  return reduceSystems(original, { solver: 'balanced', slots, horizon: 256 }).reduced;
}

function trulyReduced(sample: FamilySample): FamilySample {
  return {
    ...sample,
    title: `${sample.title}, reduced`,
    reduce: reduceTruly,
    trulyReduced: true,
  };
}

/** The elements of a tensor of the layer set to a function of what they were. */
function changing(
  role: string,
  change: (value: number, at: number) => number,
): NonNullable<FamilySample['before']> {
  return ({ site, values }) => {
    const { info, values: old } = values.get(site.tensors[role])!;
    return [{ name: info.name, shape: info.shape, values: old.map(change) }];
  };
}

function dss(
  version: string,
  file: string,
  more: { hyper?: HyperValues; sep?: boolean; before?: FamilySample['before'] } = {},
): FamilySample {
  const hyper = { version, kernel_to_real: 'real', l_max: '256', ...more.hyper };
  return {
    title: `DSS ${version} ${hyper.kernel_to_real}${more.sep === true ? ', separate steps' : ''}`,
    file: generated(`${file}_H8_N16.pt`),
    hyper,
    order: 6,
    reduce: reduceTied,
    ...(more.before === undefined ? {} : { before: more.before }),
    python: {
      family: 'dss',
      sizes: { H: 8, version, sep: more.sep === true },
      hyper: { ...hyper, L: 256 },
      prefixes: ['kernel.'],
    },
  };
}

const dssSamples = [
  dss('exp', 'dss_exp'),
  dss('exp', 'dss_exp', { hyper: { kernel_to_real: 'imag' } }),
  dss('exp', 'dss_exp', { hyper: { kernel_to_real: 'sum' } }),
  dss('exp', 'dss_exp_sepdt', {
    sep: true,
    before: changing('log_dt', (value, at) => value + 0.4 * (at % 2)),
  }),
  dss('exp-re-im', 'dss_exp-re-im'),
  dss('exp-no-scale', 'dss_exp-no-scale'),
  dss('clip', 'dss_clip'),
  dss('clip-no-scale', 'dss_clip'),
  dss('softmax', 'dss_softmax', {
    before: changing('Lambda', (value, at) => (at % 2 === 0 ? -Math.abs(value) : value)),
  }),
  {
    ...dss('exp', 'dss_exp'),
    title: 'DSS exp, trained',
    file: sharedPath('trained', 'dss_exp_imdb', 'dss_exp_imdb.pt'),
    order: 24,
    python: {
      family: 'dss',
      sizes: { H: 64 },
      hyper: { version: 'exp' },
      prefixes: [0, 1, 2].map((i) => `model.layers.${i}.layer.kernel.`),
    },
  },
];

function lru(
  title: string,
  file: string,
  [inputs, outputs, order]: readonly [number, number, number],
  prefixes: readonly string[],
): FamilySample {
  return {
    title,
    file,
    hyper: {},
    order,
    reduce: reduceMimo,
    python: { family: 'lru', sizes: { inputs, outputs }, prefixes },
  };
}

const lruSamples = [
  lru('LRU (lru-reduction)', generated('lru_forgi_dm6_ds10.pt'), [6, 6, 4], blocks('lru', 2)),
  lru('LRU (LRU-pytorch)', generated('lru_gothos_in4_out5_ds7.pt'), [4, 5, 3], ['']),
  {
    title: 'LRU (lrnnx, minimal-LRU)',
    hyper: {},
    order: 4,
    reduce: reduceMimo,
    python: {
      family: 'lru',
      sizes: { inputs: 3, outputs: 3, parts: true },
      hyper: { parts: true },
      prefixes: ['layers_0.seq.'],
    },
  },
  lru('LRU, trained', sharedPath('trained', 'lru_wh', 'lru_wh.pt'), [16, 16, 20], blocks('lru', 2)),
];

function blocks(module: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `blocks.${i}.${module}.`);
}

function s5(file: string, directions: 1 | 2): FamilySample {
  return {
    title: directions === 1 ? 'S5 (PyTorch)' : 'S5 (PyTorch), bidirectional',
    file: generated(file),
    hyper: { liquid: 'false' },
    order: 5,
    reduce: reduceMimo,
    python: { family: 's5-torch', sizes: { H: 6, directions }, prefixes: ['seq.'] },
  };
}

function s5Flax(form: 'one' | 'both' | 'normal', changes: HyperValues = {}): FamilySample {
  const hyper = {
    discretization: 'zoh',
    conj_sym: 'true',
    clip_eigs: 'false',
    step_rescale: '1',
    ...changes,
  };
  return {
    title: `S5 (Flax), ${form} ${Object.values(hyper).join(' ')}`,
    hyper,
    order: 5,
    reduce: reduceMimo,
    python: {
      family: 's5-flax',
      sizes: { H: 3, form },
      hyper: { ...hyper, form },
      prefixes: ['layers_0.seq.'],
    },
  };
}

const s5Samples = [
  s5('s5_pytorch_H6_P8.pt', 1),
  s5('s5_pytorch_H6_P8_bidir.pt', 2),
  s5Flax('one'),
  s5Flax('both', { discretization: 'bilinear' }),
  s5Flax('normal', { conj_sym: 'false' }),
  s5Flax('one', { clip_eigs: 'true', step_rescale: '0.5' }),
];

const dlrSamples: FamilySample[] = ['real', 'imag', 'sum'].map((part) => ({
  title: `DLR ${part}`,
  file: generated('dlr_H8_N16.pt'),
  hyper: { kernel_to_real: part },
  order: 6,
  reduce: reduceTied,
  python: {
    family: 'dlr',
    sizes: { H: 8 },
    hyper: { kernel_to_real: part },
    prefixes: ['kernel.'],
  },
}));

const megaSamples: FamilySample[] = [
  {
    title: 'Mega',
    file: generated('mega_ema_D6_n4.pt'),
    hyper: {},
    order: 3,
    reduce: reduceReal,
    python: { family: 'mega', sizes: { rows: 6 }, prefixes: [''] },
  },
];

const synthetic: readonly FamilySample[] = [
  ...dssSamples,
  ...dlrSamples,
  ...lruSamples,
  ...s5Samples,
  ...megaSamples,
];

/** Every sample with systems made up to be hard to store, and the untrained ones with systems that a reduction finds. */
export const familySamples: readonly FamilySample[] = [
  ...synthetic,
  ...synthetic.filter(({ title }) => !title.endsWith('trained')).map(trulyReduced),
];
