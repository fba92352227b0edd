import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { forward } from '../../src/core/network/forward';
import type { HyperValues } from '../../src/families/hyperParameters';
import { networkOf } from '../support/networks';
import { runPython } from '../support/python';
import { tempDir } from '../support/tempDir';

/** Networks of every known code base, saved by torch, against their definitions computed step by step in torch. */

interface Run {
  readonly input: number[][];
  readonly output: number[][];
}

const directory = tempDir();
let runs: Record<string, Run> = {};
beforeAll(() => {
  runs = runPython('make_networks.py', directory) as Record<string, Run>;
});

const s4: HyperValues = {
  disc: 'zoh',
  real_transform: 'exp',
  imag_transform: 'none',
  dt_transform: 'exp',
  dt_fast: 'false',
  bandlimit: 'none',
};

const cases: [string, HyperValues, HyperValues][] = [
  ['sequence_prenorm_batch', { activation: 'gelu', pooling: 'mean' }, s4],
  ['sequence_postnorm_layer', { activation: 'gelu', pooling: 'mean' }, s4],
  ['s5_both_gated', { pooling: 'last' }, { discretization: 'zoh', liquid: 'false' }],
  ['s5_forward_plain', { pooling: 'last' }, { discretization: 'zoh', liquid: 'false' }],
  ['dlru_mlp', {}, {}],
];

describe('a network computes what its code base does', () => {
  it.each(cases)('%s', async (name, network, layer) => {
    const { input, output } = runs[name];
    const built = await networkOf(join(directory, `${name}.pt`), network, layer);
    const length = input.length;
    const width = input[0].length;
    const x = Float64Array.from(
      { length: width * length },
      (_, i) => input[i % length][Math.floor(i / length)],
    );
    const found = forward(built, { x, width, length });
    expect([found.width, found.length]).toEqual([output[0].length, output.length]);
    const size = Math.max(...output.flat().map(Math.abs));
    output.forEach((row, t) => {
      row.forEach((value, h) => {
        expect(Math.abs(found.x[h * found.length + t] - value)).toBeLessThan(1e-11 * size);
      });
    });
  });
});
