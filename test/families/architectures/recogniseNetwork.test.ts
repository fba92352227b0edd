import { describe, expect, it } from 'vitest';
import type { StateSpaceOp } from '../../../src/core/network/network';
import { programOf } from '../../../src/core/network/program';
import {
  isRecognised,
  recogniseNetwork,
} from '../../../src/families/architectures/recogniseNetwork';
import type { HyperValues } from '../../../src/families/hyperParameters';
import { familyOf, recogniseLayers } from '../../../src/families/recognise';
import type { TensorInfo, TensorValues } from '../../../src/formats/tensor';

type Shapes = Record<string, number[]>;

/** The tensors of state-spaces' example model. */
function example(prefix = '', layers = 2): Shapes {
  const shapes: Shapes = {
    'encoder.weight': [4, 3],
    'encoder.bias': [4],
    'decoder.weight': [5, 4],
    'decoder.bias': [5],
  };
  for (let i = 0; i < layers; i++) {
    Object.assign(shapes, {
      [`s4_layers.${i}.D`]: [4],
      [`s4_layers.${i}.kernel.C`]: [4, 2, 2],
      [`s4_layers.${i}.kernel.log_dt`]: [4],
      [`s4_layers.${i}.kernel.log_A_real`]: [4, 2],
      [`s4_layers.${i}.kernel.A_imag`]: [4, 2],
      [`s4_layers.${i}.output_linear.0.weight`]: [8, 4, 1],
      [`s4_layers.${i}.output_linear.0.bias`]: [8],
      [`norms.${i}.weight`]: [4],
      [`norms.${i}.bias`]: [4],
    });
  }
  return Object.fromEntries(Object.entries(shapes).map(([name, s]) => [prefix + name, s]));
}

function without(shapes: Shapes, names: readonly string[]): Shapes {
  return Object.fromEntries(Object.entries(shapes).filter(([name]) => !names.includes(name)));
}

function infosOf(shapes: Shapes): TensorInfo[] {
  return Object.entries(shapes).map(([name, shape]) => ({
    name,
    shape,
    dtype: 'float32',
    role: 'model',
  }));
}

function found(shapes: Shapes): ReturnType<typeof recogniseNetwork> {
  const infos = infosOf(shapes);
  return recogniseNetwork(infos, recogniseLayers(infos));
}

/** The steps of the network built from made-up values. */
function stepsOf(shapes: Shapes, hyper: HyperValues): string[] {
  const infos = infosOf(shapes);
  const sites = recogniseLayers(infos);
  const recognised = recogniseNetwork(infos, sites);
  if (!isRecognised(recognised)) throw new Error(recognised.reason);
  const values = new Map(
    infos.map((info): [string, TensorValues] => {
      const length = info.shape.reduce((product, size) => product * size, 1);
      return [info.name, { info, values: new Float64Array(length).fill(-0.5) }];
    }),
  );
  const systems = new Map(
    sites.map((site) => [site.name, familyOf(site.family).read(site, values, {})]),
  );
  const network = recognised.build(hyper, values, systems);
  const layers = programOf(network).filter((s): s is StateSpaceOp => s.kind === 'state-space');
  expect(layers.map(({ layer }) => network.layers[layer].name)).toEqual(
    sites.map(({ name }) => name),
  );
  return programOf(network).map((step) => (step.kind === 'linear' ? step.role : step.kind));
}

describe('the example model of state-spaces', () => {
  const inside = ['state-space', 'activation', 'mixing', 'glu'];

  it.each(['', 'module.', 'state_dict.model.'])('is known below "%s"', (prefix) => {
    const network = found(example(prefix));
    if (!isRecognised(network)) throw new Error(network.reason);
    expect(network.architecture).toBe('s4-example');
    expect(network.input).toEqual({ kind: 'values', width: 3 });
    expect(network.hyperParameters.map(({ name }) => name)).toEqual(['prenorm', 'pooling']);
    expect(network.tensors).toContain(`${prefix}norms.1.bias`);
    expect(network.tensors).not.toContain(`${prefix}s4_layers.0.kernel.C`);
  });

  it('has its norms where prenorm says, and pools as told', () => {
    const block = (before: boolean): string[] =>
      before ? ['push', 'layer-norm', ...inside, 'add'] : ['push', ...inside, 'add', 'layer-norm'];
    expect(stepsOf(example(), { prenorm: 'false', pooling: 'mean' })).toEqual([
      ...['encoder', ...block(false), ...block(false), 'pool', 'decoder'],
    ]);
    expect(stepsOf(example(), { prenorm: 'true', pooling: 'none' })).toEqual([
      ...['encoder', ...block(true), ...block(true), 'decoder'],
    ]);
    const final = { ...example('', 1), 'norm.weight': [4], 'norm.bias': [4] };
    expect(stepsOf(final, { prenorm: 'true', pooling: 'last' })).toEqual([
      ...['encoder', ...block(true), 'layer-norm', 'pool', 'decoder'],
    ]);
  });

  it('takes tokens where the encoder is a table', () => {
    const shapes = without(example(), ['encoder.bias']);
    const network = found({ ...shapes, 'encoder.weight': [30, 4] });
    expect(isRecognised(network) && network.input).toEqual({ kind: 'tokens', vocabulary: 30 });
  });

  it('asks for the activation of whole S4 blocks alone', () => {
    const shapes: Shapes = {
      'encoder.weight': [4, 3],
      'encoder.bias': [4],
      'decoder.weight': [5, 4],
      'norms.0.weight': [4],
      'norms.0.bias': [4],
      's4_layers.0.layer.D': [1, 4],
      's4_layers.0.layer.kernel.inv_dt': [4, 1],
      's4_layers.0.layer.kernel.C': [1, 4, 2, 2],
      's4_layers.0.layer.kernel.B': [1, 4, 2, 2],
      's4_layers.0.layer.kernel.A_real': [4, 2],
      's4_layers.0.layer.kernel.A_imag': [4, 2],
      's4_layers.0.output_linear.0.weight': [8, 4],
      's4_layers.0.output_linear.0.bias': [8],
    };
    const network = found(shapes);
    expect(isRecognised(network) && network.hyperParameters.map(({ name }) => name)).toEqual([
      'prenorm',
      'pooling',
      'activation',
    ]);
  });
});

describe('a network that is another one is not guessed', () => {
  it.each<[string, Shapes, RegExp]>([
    ['a tensor without a place', { 'gate.weight': [4, 4] }, /gate\.weight/],
    [
      'a mixing map of another size',
      { 's4_layers.0.output_linear.0.weight': [7, 4, 1] },
      /output_linear\.0\.bias|7 outputs/,
    ],
    [
      'a decoder of another width',
      { 'decoder.weight': [5, 6] },
      /decoder\.weight is \(5, 6\), not \(any, 4\)/,
    ],
    [
      'a convolution over time',
      { 's4_layers.0.output_linear.0.weight': [8, 4, 3] },
      /is \(8, 4, 3\)/,
    ],
    ['skip weights of another size', { 's4_layers.0.D': [3] }, /s4_layers\.0\.D/],
  ])('%s', (_, change, reason) => {
    const network = found({ ...example(), ...change });
    expect('reason' in network && network.reason).toMatch(reason);
  });

  it('names missing tensors, unknown code bases and files without layers', () => {
    const rest = without(example(), ['decoder.weight']);
    expect('reason' in found(rest) && (found(rest) as { reason: string }).reason).toMatch(
      /no tensor decoder\.weight/,
    );
    const other = Object.fromEntries(
      Object.entries(example()).map(([name, s]) => [name.replace('s4_layers', 'blocks'), s]),
    );
    expect('reason' in found(other) && (found(other) as { reason: string }).reason).toMatch(
      /not known\. Known are/,
    );
    expect(found({ 'fc.weight': [2, 2] })).toEqual({
      reason: 'The checkpoint has no state-space layer.',
    });
  });
});
