import { describe, expect, it } from 'vitest';
import {
  blockGradients,
  blockParameters,
  type Block,
  type BlockSample,
} from '../../../src/core/calibrate/refine/block';
import type { PointwiseStep } from '../../../src/core/calibrate/refine/pointwise';
import { activationSlopes } from '../../../src/core/calibrate/refine/derivatives';
import { activations } from '../../../src/core/network/ops/activation';
import type { Activation, Parameter } from '../../../src/core/network/network';
import { kernelOf } from '../support';
import { convolve, exampleSystem, randomArray, randomNumbers } from './support';

const [inputs, outputs, slots, length] = [3, 3, 2, 20];
const random = randomNumbers(21);

function parameter(count: number): Parameter {
  return { tensor: 'p', shape: [count], values: randomArray(count, random) };
}

const steps: PointwiseStep[] = [
  { kind: 'activation', activation: 'gelu' },
  {
    kind: 'linear',
    inputs: 3,
    outputs: 6,
    weight: parameter(18),
    bias: parameter(6),
    role: 'mixing',
  },
  { kind: 'glu', activation: 'sigmoid', gate: 'second' },
  { kind: 'add' },
  { kind: 'layer-norm', width: 3, epsilon: 1e-5, scale: parameter(3), shift: parameter(3) },
];

const systems = [1, 2, 3].map((seed) => exampleSystem(seed, slots));
const flat = (of: (s: (typeof systems)[number]) => Float64Array): Float64Array =>
  Float64Array.from(systems.flatMap((s) => [...of(s)]));
const block: Block = {
  inputs,
  outputs,
  modes: {
    count: outputs,
    slots,
    decay: flat((s) => s.poles.re).map((x) => Math.log(-x)),
    phase: flat((s) => s.poles.im),
    weightRe: flat((s) => s.weights.re),
    weightIm: flat((s) => s.weights.im),
  },
  skip: randomArray(outputs, random),
  steps,
};
const samples: BlockSample[] = [length, length - 3].map((n) => ({
  x: new Float32Array(randomArray(inputs * n, random)),
  residual: new Float32Array(randomArray(inputs * n, random)),
  wanted: new Float32Array(randomArray(inputs * n, random)),
  length: n,
}));

describe('a block as variables', () => {
  it('has the gradient that differences show, in every variable', () => {
    const { modes, skip } = block;
    const variables = [modes.decay, modes.phase, modes.weightRe, modes.weightIm];
    if (skip !== undefined) variables.push(skip);
    variables.push(...blockParameters(steps));
    const found = blockGradients(block, samples, 64, true);
    const gradients = [
      found.modes.decay,
      found.modes.phase,
      found.modes.weightRe,
      found.modes.weightIm,
      ...(found.skip ? [found.skip] : []),
      ...found.parameters,
    ];
    const loss = (): number => blockGradients(block, samples, 64, false).loss;
    expect(variables.length).toBe(gradients.length);
    variables.forEach((values, k) => {
      for (let i = 0; i < values.length; i++) {
        const [h, before] = [1e-5, values[i]];
        values[i] = before + h;
        const up = loss();
        values[i] = before - h;
        const down = loss();
        values[i] = before;
        expect(gradients[k][i]).toBeCloseTo((up - down) / (2 * h), 4);
      }
    });
  });

  it('answers like convolutions by definition', () => {
    const [sample] = samples;
    const plain = { ...block, steps: [] };
    const x = Float64Array.from(sample.x);
    const y = systems.flatMap((system, c) => {
      const u = x.subarray(c * length, (c + 1) * length);
      const skip = block.skip?.[c] ?? 0;
      return [...convolve(kernelOf(system, length), u).map((value, t) => value + skip * u[t])];
    });
    const missed = y.reduce((sum, value, i) => sum + (value - sample.wanted[i]) ** 2, 0);
    expect(blockGradients(plain, [sample], 64, false).loss).toBeCloseTo(missed, 8);
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
