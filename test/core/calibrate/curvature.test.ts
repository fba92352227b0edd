import { describe, expect, it } from 'vitest';
import { createAdam } from '../../../src/core/calibrate/refine/adam';
import { curvature, type Block } from '../../../src/core/calibrate/refine/curvature';
import { variablesOf, withVariables } from '../../../src/core/calibrate/refine/variables';
import type { StateSpaceLayer } from '../../../src/core/network/network';
import { kernelBatch } from '../../../src/core/systems/kernels';
import { systemOf } from '../../../src/core/systems/modal';
import type { TiedSystem } from '../../../src/core/systems/tied';
import { batchOf, exampleSystem, randomArray, randomNumbers } from './support';

const random = randomNumbers(5);
const longest = 16;
const bins = longest + 1;
const kernels = Int32Array.of(0, 1);
const weight = { tensor: 'D', shape: [2], values: Float64Array.of(0.7, -0.4) };
const powers = Float64Array.from({ length: 2 * bins }, () => random() ** 4);

function tied(bilinear: boolean): TiedSystem {
  return {
    poles: { re: Float64Array.of(-0.4, -1.3), im: Float64Array.of(0.9, 2.2) },
    weights: { rows: 2, cols: 2, re: randomArray(4, random), im: randomArray(4, random) },
    steps: Float64Array.of(0.3, 0.7),
    ...(bilinear ? { discretisation: 'bilinear' } : { imagSteps: Float64Array.of(0.2, 0.5) }),
  };
}

const size = { inputs: 2, outputs: 2, skip: { kind: 'diagonal', weight } } as const;
const batch = batchOf([1, 2].map((seed) => exampleSystem(seed, 3)));
const layers: readonly StateSpaceLayer[] = [
  { name: 'independent', ...size, systems: { kind: 'independent', batch, poles: 'complex' } },
  ...[true, false].map((bilinear): StateSpaceLayer => ({
    ...{ name: `tied, bilinear: ${bilinear}`, ...size },
    systems: { kind: 'tied', groups: [{ kernels, system: tied(bilinear) }] },
  })),
];

/** The transform of a kernel with its skip on the circle of 2 * longest points, by its definition. */
function transformed({ systems, skip }: StateSpaceLayer, kernel: number): [number, number][] {
  if (systems.kind !== 'independent' && systems.kind !== 'tied') throw new Error('No kernels.');
  const { poles, weights } = systemOf(kernelBatch(systems), kernel);
  const samples = Array.from({ length: longest }, (_, l) => {
    let sum = l === 0 ? (skip?.weight.values[kernel] ?? 0) : 0;
    poles.re.forEach((decay, n) => {
      const [size, angle] = [Math.exp(decay * l), poles.im[n] * l];
      sum += size * (weights.re[n] * Math.cos(angle) - weights.im[n] * Math.sin(angle));
    });
    return sum;
  });
  return Array.from({ length: bins }, (_, m) => {
    const angle = (Math.PI * m) / longest;
    const part = (wave: (x: number) => number): number =>
      samples.reduce((sum, k, l) => sum + k * wave(angle * l), 0);
    return [part(Math.cos), -part(Math.sin)];
  });
}

/** sum over the circle of S |K|², K a difference of two layers' transforms. */
function energy(a: StateSpaceLayer, b: StateSpaceLayer | undefined, kernel: number): number {
  const other = b === undefined ? undefined : transformed(b, kernel);
  return transformed(a, kernel).reduce((sum, [re, im], m) => {
    const [x, y] = other?.[m] ?? [0, 0];
    const count = m === 0 || m === longest ? 1 : 2;
    return sum + count * powers[kernel * bins + m] * ((re - x) ** 2 + (im - y) ** 2);
  }, 0);
}

/** z^T L L^T z. */
function square({ factor }: Block, z: Float64Array): number {
  const n = z.length;
  let sum = 0;
  for (let j = 0; j < n; j++) {
    let product = 0;
    for (let i = j; i < n; i++) product += factor[i * n + j] * z[i];
    sum += product ** 2;
  }
  return sum;
}

describe.each(layers)('the curvature of a layer ($name)', (layer) => {
  const program = { layers: [layer], steps: [] };
  const movable = { layers: [0], skip: true, maps: [] };
  const blocks = curvature({ layer, powers, longest, skip: true });
  const variables = variablesOf(program, movable, longest);

  it('says how much a small change of a block moves the outputs', () => {
    for (const block of blocks) {
      const { arrays, from, count } = block;
      const z = randomArray(arrays.length * count, random).map((x) => 1e-5 * x);
      const values = variables.map(({ values }) => values.slice());
      let own = 0;
      arrays.forEach((array, k) => {
        for (let i = 0; i < count; i++) {
          const move = z[k * count + i] * variables[array].scale[from + i];
          z[k * count + i] = move;
          values[array][from + i] += move;
          if (array < variables.length - 1) own += (move / variables[array].scale[from + i]) ** 2;
        }
      });
      const moved = withVariables(program, movable, values).layers[0];
      const shares = [0, 1].map((c) => energy(moved, layer, c) / energy(layer, undefined, c));
      const touched = shares.filter((x) => x > 1e-25);
      const change = touched.reduce((sum, x) => sum + x, 0) / touched.length;
      expect((square(block, z) - own) / change).toBeCloseTo(1, 3);
    }
  });

  it('covers every variable once', () => {
    const seen = variables.map(({ values }) => new Int32Array(values.length));
    for (const { arrays, from, count } of blocks) {
      for (const array of arrays) for (let i = 0; i < count; i++) seen[array][from + i]++;
    }
    expect(seen.every((counts) => counts.every((x) => x === 1))).toBe(true);
  });
});

describe('Adam with curvature', () => {
  it('goes down a narrow valley that it crosses without', () => {
    // f = |L^T x - t|² with a condition number of 1e6 and a valley across the axes
    const factor = Float64Array.of(1000, 0, 999, 1);
    const after = (blocks: readonly Block[]): number => {
      const values = Float64Array.of(1, -1);
      const adam = createAdam([{ values, scale: Float64Array.of(1, 1) }], blocks);
      const residual = (): [number, number] => [
        factor[0] * values[0] + factor[2] * values[1] - 3,
        factor[3] * values[1] - 2,
      ];
      for (let step = 0; step < 400; step++) {
        const [a, b] = residual();
        const gradient = Float64Array.of(2 * factor[0] * a, 2 * (factor[2] * a + factor[3] * b));
        adam.move([gradient], 0.05 * (1 - step / 400));
      }
      const [a, b] = residual();
      return a * a + b * b;
    };
    expect(after([{ arrays: [0], from: 0, count: 2, factor }])).toBeLessThan(0.01);
    expect(after([])).toBeGreaterThan(0.1);
  });
});
