import { describe, expect, it } from 'vitest';
import {
  outputGradients,
  type OutputGradients,
} from '../../../src/core/calibrate/refine/outputGradients';
import { activationSlopes } from '../../../src/core/calibrate/refine/derivatives';
import { variablesOf, withVariables } from '../../../src/core/calibrate/refine/variables';
import type { Program } from '../../../src/core/calibrate/stage';
import type { Sequence } from '../../../src/core/network/program';
import { activations } from '../../../src/core/network/ops/activation';
import type { Activation, LinearOp, Parameter } from '../../../src/core/network/network';
import type { TiedSystem } from '../../../src/core/systems/tied';
import { batchOf, exampleSystem, randomArray, randomNumbers } from './support';

const random = randomNumbers(21);

function parameter(count: number): Parameter {
  return { tensor: 'p', shape: [count], values: randomArray(count, random) };
}

function linear(inputs: number, outputs: number, role: LinearOp['role']): LinearOp {
  const [weight, bias] = [parameter(inputs * outputs), parameter(outputs)];
  return { kind: 'linear', inputs, outputs, weight, bias, role };
}

/** Three channels with two shared poles. */
function tied(discretisation: TiedSystem['discretisation']): TiedSystem {
  return {
    poles: { re: Float64Array.of(-0.4, -1.3), im: Float64Array.of(0.9, 2.2) },
    weights: { rows: 3, cols: 2, re: randomArray(6, random), im: randomArray(6, random) },
    steps: Float64Array.of(0.3, 0.7, 0.1),
    ...(discretisation && { discretisation }),
    ...(discretisation === undefined && { imagSteps: Float64Array.of(0.2, 0.5, 0.4) }),
  };
}

const kernels = Int32Array.of(0, 1, 2);
const program: Program = {
  layers: [
    {
      ...{ name: 'independent', inputs: 3, outputs: 3 },
      systems: {
        kind: 'independent',
        batch: batchOf([1, 2, 3].map((seed) => exampleSystem(seed, 2))),
        poles: 'complex',
      },
      skip: { kind: 'diagonal', weight: parameter(3) },
    },
    {
      ...{ name: 'both directions', inputs: 3, outputs: 3, bidirectional: 'shifted', horizon: 9 },
      systems: {
        kind: 'independent',
        batch: batchOf([4, 5, 6, 7, 8, 9].map((seed) => exampleSystem(seed, 2))),
        poles: 'complex',
      },
    },
    {
      ...{ name: 'tied', inputs: 3, outputs: 3 },
      systems: { kind: 'tied', groups: [{ kernels, system: tied('bilinear') }] },
      skip: { kind: 'diagonal', weight: parameter(3) },
    },
    {
      ...{ name: 'tied with two steps', inputs: 3, outputs: 3 },
      systems: { kind: 'tied', groups: [{ kernels, system: tied(undefined) }] },
    },
    {
      ...{ name: 'several inputs, whose poles stay', inputs: 3, outputs: 3 },
      systems: {
        kind: 'mimo',
        system: {
          poles: { re: Float64Array.of(-0.1), im: Float64Array.of(0.5) },
          B: { rows: 1, cols: 3, re: randomArray(3, random), im: randomArray(3, random) },
          C: { rows: 3, cols: 1, re: randomArray(3, random), im: randomArray(3, random) },
        },
      },
      skip: { kind: 'matrix', weight: parameter(9) },
    },
  ],
  steps: [
    linear(2, 3, 'encoder'),
    { kind: 'push' },
    { kind: 'state-space', layer: 0 },
    { kind: 'activation', activation: 'gelu' },
    linear(3, 6, 'mixing'),
    { kind: 'glu', activation: 'sigmoid', gate: 'second' },
    { kind: 'add' },
    { kind: 'layer-norm', width: 3, epsilon: 1e-5, scale: parameter(3), shift: parameter(3) },
    { kind: 'state-space', layer: 1 },
    { kind: 'push' },
    { kind: 'state-space', layer: 2 },
    { kind: 'add' },
    { kind: 'state-space', layer: 3 },
    { kind: 'state-space', layer: 4 },
    { kind: 'pool', by: 'mean' },
    linear(3, 2, 'decoder'),
  ],
};
const movable = { layers: [0, 1, 2, 3, 4], skip: true, maps: [4, 15] };
const sequences = [20, 17].map((length): Sequence => ({
  ...{ x: randomArray(2 * length, random), width: 2, length },
}));
/** Another network with the same steps: its maps and skip weights are half as large. */
const original: Program = {
  layers: program.layers.map((layer) => ({
    ...layer,
    ...(layer.skip && { skip: { ...layer.skip, weight: halved(layer.skip.weight) } }),
  })),
  steps: program.steps.map((step) =>
    step.kind === 'linear' ? { ...step, weight: halved(step.weight) } : step,
  ),
};
const stations = [
  { at: 8, weight: 0.3 },
  { at: 14, weight: 0.7 },
  { at: 16, weight: 1.5 },
];

function halved({ values, ...rest }: Parameter): Parameter {
  return { ...rest, values: values.map((x) => x / 2) };
}

function missed(of: Program, gradient: boolean): OutputGradients {
  return outputGradients({ original, program: of, movable, stations, sequences, gradient });
}

describe('a network as variables', () => {
  it('is the same network at its own values', () => {
    const values = variablesOf(program, movable, 20).map((variable) => variable.values);
    const same = withVariables(program, movable, values);
    const [a, b] = [program, same].map((p) => missed(p, false).missed);
    b.forEach((value, k) => {
      expect(value).toBeCloseTo(a[k], 12);
    });
  });

  it('has the gradient that differences show, in every variable', () => {
    const values = variablesOf(program, movable, 20).map((variable) => variable.values.slice());
    const at = (): Program => withVariables(program, movable, values);
    const { gradients } = missed(at(), true);
    const loss = (): number =>
      missed(at(), false).missed.reduce((sum, x, k) => sum + stations[k].weight * x, 0);
    expect(gradients.map((x) => x.length)).toEqual(values.map((x) => x.length));
    expect(gradients.length).toBe(5 + 4 + 5 + 4 + 1 + 4);
    values.forEach((x, k) => {
      for (let i = 0; i < x.length; i++) {
        const [h, before] = [1e-5, x[i]];
        x[i] = before + h;
        const up = loss();
        x[i] = before - h;
        const down = loss();
        x[i] = before;
        expect(gradients[k][i]).toBeCloseTo((up - down) / (2 * h), 6);
      }
    });
  });

  it('knows the slope of every activation', () => {
    for (const [name, f] of Object.entries(activations) as [Activation, (x: number) => number][]) {
      for (const x of [-2.3, -0.4, 0.7, 3]) {
        const slope = (f(x + 1e-6) - f(x - 1e-6)) / 2e-6;
        expect(activationSlopes[name](x)).toBeCloseTo(slope, 7);
      }
    }
  });
});
