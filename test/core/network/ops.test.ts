import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Parameter, StateSpaceLayer } from '../../../src/core/network/network';
import { activations } from '../../../src/core/network/ops/activation';
import { erf } from '../../../src/core/network/ops/erf';
import { multiply } from '../../../src/core/network/ops/multiply';
import { stateSpace } from '../../../src/core/network/ops/stateSpace';
import type { LayerSystems } from '../../../src/core/systems/layer';
import { emptyModalBatch } from '../../../src/core/systems/modal';

/** Pseudo-random numbers in (-1, 1), the same at every call. */
function wave(length: number, seed: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => Math.sin(12.9898 * (i + 1) * (seed + 1.7)));
}

function parameter(values: Float64Array, shape: number[]): Parameter {
  return { tensor: 'D', shape, values };
}

function matrix(rows: number, cols: number, seed: number) {
  return { rows, cols, re: wave(rows * cols, seed), im: wave(rows * cols, seed + 1) };
}

function poles(count: number, seed: number) {
  return {
    re: wave(count, seed).map((x) => -0.05 - 0.2 * Math.abs(x)),
    im: wave(count, seed + 1).map((x) => 3 * x),
  };
}

/** kernel[output][input][t], by the definition of each kind of system. */
function kernelsOf(systems: LayerSystems, inputs: number, length: number): number[][][] {
  const mode = (wr: number, wi: number, a: number, b: number, t: number): number =>
    Math.exp(a * t) * (wr * Math.cos(b * t) - wi * Math.sin(b * t));
  const times = [...Array(length).keys()];
  const rows: number[][][] = [];
  const place = (kernel: number, k: number[]): void => {
    rows[kernel] = Array.from({ length: inputs }, (_, h) =>
      h === kernel % inputs ? k : times.map(() => 0),
    );
  };
  if (systems.kind === 'independent') {
    const { count, slots, poleRe, poleIm, weightRe, weightIm } = systems.batch;
    for (let j = 0; j < count; j++) {
      const at = [...Array(slots).keys()].map((n) => j * slots + n);
      place(
        j,
        times.map((t) =>
          at.reduce((s, i) => s + mode(weightRe[i], weightIm[i], poleRe[i], poleIm[i], t), 0),
        ),
      );
    }
  } else if (systems.kind === 'tied') {
    for (const { kernels, system } of systems.groups) {
      kernels.forEach((kernel, row) => {
        const n = system.poles.re.length;
        const step = system.steps[row];
        place(
          kernel,
          times.map((t) => {
            let sum = 0;
            for (let i = 0; i < n; i++) {
              const at = row * n + i;
              const [wr, wi] = [system.weights.re[at], system.weights.im[at]];
              sum += mode(wr, wi, system.poles.re[i] * step, system.poles.im[i] * step, t);
            }
            return sum;
          }),
        );
      });
    }
  } else if (systems.kind === 'mimo') {
    const { poles: a, B, C } = systems.system;
    for (let i = 0; i < C.rows; i++) {
      rows[i] = Array.from({ length: inputs }, (_, h) =>
        times.map((t) => {
          let sum = 0;
          for (let n = 0; n < a.re.length; n++) {
            const [cr, ci] = [C.re[i * C.cols + n], C.im[i * C.cols + n]];
            const [br, bi] = [B.re[n * B.cols + h], B.im[n * B.cols + h]];
            sum += mode(cr * br - ci * bi, cr * bi + ci * br, a.re[n], a.im[n], t);
          }
          return sum;
        }),
      );
    }
  }
  return rows;
}

/** The layer's output as a plain sum over times, features and directions. */
function directly(layer: StateSpaceLayer, u: Float64Array, length: number): Float64Array {
  const { inputs, outputs, systems, bidirectional, horizon = Infinity, skip } = layer;
  const kernels = kernelsOf(systems, inputs, length);
  const y = new Float64Array(outputs * length);
  const shift = bidirectional === 'shifted' ? 1 : 0;
  for (let j = 0; j < outputs; j++) {
    for (let h = 0; h < inputs; h++) {
      for (let t = 0; t < length; t++) {
        for (let s = 0; s < Math.min(length, horizon); s++) {
          if (t - s >= 0) y[j * length + t] += kernels[j][h][s] * u[h * length + t - s];
          const later = t + s + shift;
          if (bidirectional !== undefined && later < length) {
            y[j * length + t] += kernels[outputs + j][h][s] * u[h * length + later];
          }
        }
        const D = skip?.weight.values;
        if (D === undefined) continue;
        if (skip?.kind === 'matrix') y[j * length + t] += D[j * inputs + h] * u[h * length + t];
        else if (h === j % inputs) y[j * length + t] += D[j] * u[h * length + t];
      }
    }
  }
  return y;
}

function independent(kernels: number, slots: number): LayerSystems {
  const batch = emptyModalBatch(kernels, slots);
  const a = poles(kernels * slots, 3);
  batch.poleRe.set(a.re);
  batch.poleIm.set(a.im);
  batch.weightRe.set(wave(kernels * slots, 5));
  batch.weightIm.set(wave(kernels * slots, 6));
  return { kind: 'independent', batch, poles: 'complex' };
}

function tied(kernels: number, slots: number): LayerSystems {
  const members = [0, 1].map((group) =>
    Int32Array.from([...Array(kernels).keys()].filter((k) => k % 2 === group)),
  );
  return {
    kind: 'tied',
    groups: members.map((group, g) => ({
      kernels: group,
      system: {
        poles: poles(slots, 8 + g),
        weights: matrix(group.length, slots, 10 + g),
        steps: wave(group.length, 12 + g).map((x) => 0.5 + Math.abs(x)),
      },
    })),
  };
}

function mimo(inputs: number, outputs: number, order: number): LayerSystems {
  return {
    kind: 'mimo',
    system: {
      poles: poles(order, 20),
      B: matrix(order, inputs, 21),
      C: matrix(outputs, order, 23),
    },
  };
}

const length = 21;
const diagonal = (outputs: number, copies: number): NonNullable<StateSpaceLayer['skip']> => ({
  kind: 'diagonal',
  weight: parameter(wave(outputs, 30), [copies, outputs / copies]),
});

const layers: [string, StateSpaceLayer][] = [
  ['independent kernels, an odd number', layer(independent(5, 3), 5, 5, { skip: diagonal(5, 1) })],
  ['two copies', layer(independent(6, 2), 3, 6, { skip: diagonal(6, 2) })],
  ['two copies, both directions', layer(independent(12, 2), 3, 6, { bidirectional: 'shifted' })],
  [
    'both directions, the present twice',
    layer(independent(8, 2), 4, 4, { bidirectional: 'unshifted' }),
  ],
  ['kernels cut after 4 steps', layer(independent(4, 3), 4, 4, { horizon: 4 })],
  ['tied kernels in two groups', layer(tied(5, 3), 5, 5, {})],
  ['tied, both directions', layer(tied(6, 3), 3, 3, { bidirectional: 'shifted' })],
  [
    'mimo with a matrix skip',
    layer(mimo(3, 4, 5), 3, 4, {
      skip: { kind: 'matrix', weight: parameter(wave(12, 31), [4, 3]) },
    }),
  ],
  ['mimo, both directions', layer(mimo(3, 6, 4), 3, 3, { bidirectional: 'unshifted' })],
  ['mimo, both directions, shifted', layer(mimo(2, 4, 4), 2, 2, { bidirectional: 'shifted' })],
];

function layer(
  systems: LayerSystems,
  inputs: number,
  outputs: number,
  more: Partial<StateSpaceLayer>,
): StateSpaceLayer {
  return { name: 'layer', inputs, outputs, systems, ...more };
}

describe('a state-space layer', () => {
  it.each(layers)('is the sum that defines it: %s', (_, one) => {
    const u = wave(one.inputs * length, 40);
    const expected = directly(one, u, length);
    const found = stateSpace(one, u, length);
    const size = Math.max(...expected.map(Math.abs));
    expect(size).toBeGreaterThan(0.1);
    found.forEach((value, i) => {
      expect(Math.abs(value - expected[i])).toBeLessThan(1e-13 * size * length);
    });
  });

  it('gives a shorter sequence what the longer one begins with', () => {
    const one = layer(independent(4, 3), 4, 4, {});
    const u = wave(4 * 50, 41);
    const long = stateSpace(one, u, 50);
    const cut = Float64Array.from({ length: 4 * 7 }, (_, i) => u[Math.floor(i / 7) * 50 + (i % 7)]);
    stateSpace(one, cut, 7).forEach((value, i) => {
      expect(value).toBeCloseTo(long[Math.floor(i / 7) * 50 + (i % 7)], 12);
    });
  });
});

describe('the matrix product', () => {
  it('is the sum of products for every size', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 13 }),
        (rows, inner, steps) => {
          const [W, x] = [wave(rows * inner, 1), wave(inner * steps, 2)];
          const y = multiply(W, x, rows, inner, steps);
          for (let i = 0; i < rows; i++) {
            for (let t = 0; t < steps; t++) {
              let sum = 0;
              for (let k = 0; k < inner; k++) sum += W[i * inner + k] * x[k * steps + t];
              expect(y[i * steps + t]).toBeCloseTo(sum, 13);
            }
          }
        },
      ),
    );
  });
});

describe('scalar functions', () => {
  // from Python's math.erf
  const erfValues: [number, number][] = [
    [1e-12, 1.1283791670955126e-12],
    [0.03125, 0.035250373867322826],
    [0.1, 0.1124629160182849],
    [0.47, 0.4937450508860821],
    [1, 0.8427007929497149],
    [1.53125, 0.9696516951398422],
    [2.9, 0.9999589021219005],
    [4.03, 0.9999999879685986],
    [5.9, 0.9999999999999999],
    [7, 1.0],
  ];
  it.each(erfValues)('erf(%d)', (x, value) => {
    expect(Math.abs(erf(x) / value - 1)).toBeLessThan(4e-16);
    expect(erf(-x)).toBe(-erf(x));
  });

  it('activations at a point', () => {
    // the first two from torch
    expect(activations.gelu(-1.3)).toBeCloseTo(-0.1258406299612934, 15);
    expect(activations['gelu-tanh'](-1.3)).toBeCloseTo(-0.1260709876826906, 15);
    expect(activations.silu(0.7)).toBeCloseTo(0.7 / (1 + Math.exp(-0.7)), 15);
    expect(activations.relu(-2)).toBe(0);
    expect(erf(NaN)).toBeNaN();
  });
});
