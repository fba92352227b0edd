import { describe, expect, it } from 'vitest';
import type { Checkpoint, RecordedSetting } from '../../src/formats/checkpoint';
import type { TensorInfo } from '../../src/formats/tensor';
import { planCompression } from '../../src/worker/plan';

type Shapes = Readonly<Record<string, readonly number[]>>;

/** A checkpoint of which the header alone is asked for. */
function header(
  shapes: Shapes,
  settings: readonly RecordedSetting[] = [],
  dtypes: Readonly<Record<string, TensorInfo['dtype']>> = {},
): Checkpoint {
  const refuse = (): never => {
    throw new Error('A plan reads no values.');
  };
  const tensors = Object.entries(shapes).map(([name, shape]): TensorInfo => ({
    ...{ name, shape, role: 'model' },
    dtype: dtypes[name] ?? 'float32',
  }));
  return {
    ...{ format: 'safetensors', tensors, settings, notes: ['A note of the file.'] },
    ...{ readTensor: refuse, rewrite: refuse },
  };
}

function below(prefix: string, shapes: Shapes): Shapes {
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [prefix + name, shape]));
}

/** Layers of S4D (minimal) with so many pairs each. */
function s4d(...pairs: readonly number[]): Shapes {
  return Object.assign(
    {},
    ...pairs.map((n, i) =>
      below(`layers.${i}.kernel.`, {
        ...{ C: [3, n, 2], log_dt: [3], log_A_real: [3, n], A_imag: [3, n] },
      }),
    ),
  ) as Shapes;
}

const solver = 'newton';
const plan = (
  checkpoint: Checkpoint,
  params: Omit<Parameters<typeof planCompression>[1], 'solver'>,
  beside: Parameters<typeof planCompression>[2] = { configurations: [], notes: [] },
): string => planCompression(checkpoint, { solver, ...params }, beside).warnings.join('\n');

describe('a plan warns', () => {
  it('of everything that was remarked while the file and what lies beside it were read', () => {
    const beside = { configurations: [], notes: ['config.yaml was not used.'] };
    const warnings = plan(header(s4d(8)), { target: { order: 8 } }, beside);
    expect(warnings).toContain('A note of the file.');
    expect(warnings).toContain('config.yaml was not used.');
  });

  it('that layers of different sizes need the script that loads them, and of nothing where they are padded', () => {
    const params = { target: { order: 8 }, layerOrders: { 'layers.1': 4 } };
    const file = header(s4d(8, 8));
    expect(plan(file, { ...params, exactSizes: true })).toMatch(/load_compressed\.py/);
    expect(plan(file, params)).not.toMatch(/load_compressed/);
  });

  it('of a layer that is smaller than the order asked for already', () => {
    expect(plan(header(s4d(8, 2)), { target: { order: 6 } })).toContain(
      'Layer layers.1 has order 4 and stays as it is.',
    );
  });

  it('that a model of S4 version 4 is not built with legs at an order below 4', () => {
    const kernel = {
      ...{ inv_dt: [4, 1], A_real: [4, 3], A_imag: [4, 3], B: [1, 4, 3, 2], C: [1, 4, 3, 2] },
    };
    const answers = {
      given: { disc: 'zoh', real_transform: 'exp', imag_transform: 'none', dt_transform: 'exp' },
    };
    const file = header(below('layer.kernel.', kernel), []);
    const settle = { given: { ...answers.given, dt_fast: 'false', bandlimit: 'none' } };
    const warned = (order: number): string => plan(file, { target: { order }, answers: settle });
    expect(warned(2)).toMatch(/cannot be built with the initialisation legs/);
    expect(warned(4)).not.toMatch(/legs/);
  });

  it('what the classes of S5 want besides the order', () => {
    const kernel = { Lambda: [6], B: [6, 4, 2], C: [4, 6], log_step: [6], D: [4] };
    const complex = { 'seq.Lambda': 'complex64', 'seq.C': 'complex64' } as const;
    const file = header(below('seq.', kernel), [], complex);
    const answers = { given: { liquid: 'false' } };
    expect(plan(file, { target: { order: 4 }, answers })).toContain(
      'For building the model: block_count must divide the order.',
    );
  });

  it('what to build the model with where no file records the order, and what to change where one does', () => {
    expect(plan(header(s4d(8)), { target: { order: 8 } })).toMatch(/d_state=8/);
    const settings = [{ path: ['hparams', 'd_state'], value: 16 }];
    expect(plan(header(s4d(8), settings), { target: { order: 8 } })).not.toMatch(/d_state=/);
    const configurations = [{ file: 'config.yaml', settings }];
    expect(plan(header(s4d(8)), { target: { order: 8 } }, { configurations, notes: [] })).toContain(
      'In config.yaml change hparams.d_state from 16 to 8.',
    );
  });

  it('by refusing where padding leaves nothing smaller', () => {
    const layerOrders = { 'layers.1': 16 };
    expect(() => plan(header(s4d(8, 8)), { target: { order: 8 }, layerOrders })).toThrow(
      /Ask for exact sizes/,
    );
  });
});
