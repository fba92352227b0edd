import { describe, expect, it } from 'vitest';
import { certifiedLqoError, lqoNormBounds } from '../../../src/core/norms/certifiedLqo';
import { certifiedMimoError, realNormBounds } from '../../../src/core/norms/certifiedMimo';
import { certifySystems } from '../../../src/core/solve/reduceLayer';
import type { DiagonalSystem } from '../../../src/core/systems/diagonal';
import type { LqoSystem } from '../../../src/core/systems/lqo';
import { denseForm, formMatrix } from '../../../src/core/systems/quadraticForm';
import { type TiedSystem } from '../../../src/core/systems/tied';
import { generator, randomMatrix } from '../support/golden';

/**
 * Norms by the definitions: impulse responses step by step, z^k by repeated multiplication, nothing in closed form. The
 * error of that is a few units of rounding a step, far below the tolerances here.
 */
function powers(poles: DiagonalSystem['poles'], n: number, length: number): [number, number][] {
  const size = Math.exp(poles.re[n]);
  const z = [size * Math.cos(poles.im[n]), size * Math.sin(poles.im[n])];
  const found: [number, number][] = [[1, 0]];
  for (let k = 1; k < length; k++) {
    const [x, y] = found[k - 1];
    found.push([x * z[0] - y * z[1], x * z[1] + y * z[0]]);
  }
  return found;
}

function response({ poles, B, C }: DiagonalSystem, length: number): Float64Array {
  const K = new Float64Array(length * C.rows * B.cols);
  for (let n = 0; n < poles.re.length; n++) {
    powers(poles, n, length).forEach(([zr, zi], k) => {
      for (let i = 0; i < C.rows; i++) {
        const [cr, ci] = [C.re[i * C.cols + n], C.im[i * C.cols + n]];
        const [ur, ui] = [cr * zr - ci * zi, cr * zi + ci * zr];
        for (let j = 0; j < B.cols; j++) {
          const [br, bi] = [B.re[n * B.cols + j], B.im[n * B.cols + j]];
          K[(k * C.rows + i) * B.cols + j] += ur * br - ui * bi;
        }
      }
    });
  }
  return K;
}

/** All Re(B^T A^k M_i A^l B), by the definition. */
function quadraticResponse({ poles, B, forms }: LqoSystem, length: number): number[] {
  const n = poles.re.length;
  const z = Array.from({ length: n }, (_, i) => powers(poles, i, length));
  const values: number[] = [];
  for (const form of forms) {
    const M = formMatrix(form);
    for (let k = 0; k < length; k++) {
      for (let l = 0; l < length; l++) {
        for (let p = 0; p < B.cols; p++) {
          for (let q = 0; q < B.cols; q++) {
            let sum = 0;
            for (let i = 0; i < n; i++) {
              for (let j = 0; j < n; j++) {
                const [br, bi] = times(B.re[i * B.cols + p], B.im[i * B.cols + p], ...z[i][k]);
                const [cr, ci] = times(B.re[j * B.cols + q], B.im[j * B.cols + q], ...z[j][l]);
                const [dr, di] = times(br, bi, cr, ci);
                sum += dr * M.re[i * n + j] - di * M.im[i * n + j];
              }
            }
            values.push(sum);
          }
        }
      }
    }
  }
  return values;
}

function times(a: number, b: number, c: number, d: number): [number, number] {
  return [a * c - b * d, a * d + b * c];
}

function distance(x: ArrayLike<number>, y?: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i] - (y?.[i] ?? 0)) ** 2;
  return Math.sqrt(sum);
}

function random(n: number, m: number, p: number, seed: number): DiagonalSystem {
  const next = generator(seed);
  return {
    poles: {
      re: Float64Array.from({ length: n }, () => -Math.exp(2 * next() - 3)),
      im: Float64Array.from({ length: n }, () => 6 * next()),
    },
    B: randomMatrix(n, m, next),
    C: randomMatrix(p, n, next),
  };
}

/** The same system with all numbers off by a share. */
function nearly(system: DiagonalSystem, share: number, seed: number): DiagonalSystem {
  const next = generator(seed);
  const off = (x: Float64Array): Float64Array => x.map((v) => v * (1 + share * next()));
  const { poles, B, C } = system;
  return {
    poles: { re: off(poles.re), im: off(poles.im) },
    B: { ...B, re: off(B.re), im: off(B.im) },
    C: { ...C, re: off(C.re), im: off(C.im) },
  };
}

describe('certified norms of systems with several inputs and outputs', () => {
  it.each([
    [6, 2, 3, 40],
    [9, 4, 1, 1],
    [5, 1, 7, 700],
  ])('%i modes, %i inputs, %i outputs, %i steps: closely above the definition', (n, m, p, L) => {
    const full = random(n, m, p, n + L);
    const direct = distance(response(full, L));
    const { below, above } = realNormBounds(full, L);
    expect(below).toBeLessThanOrEqual(direct * (1 + 1e-13));
    expect(above).toBeGreaterThanOrEqual(direct * (1 - 1e-13));
    expect(above / below - 1).toBeLessThan(1e-9);
    for (const other of [random(n - 2, m, p, 7), nearly(full, 1e-3, 5), nearly(full, 1e-5, 6)]) {
      const error = distance(response(full, L), response(other, L));
      const bound = certifiedMimoError(full, other, L);
      expect(bound).toBeGreaterThanOrEqual(error * (1 - 1e-9));
      expect(bound - error).toBeLessThan(1e-3 * error + 1e-6 * direct);
    }
  });
  it('covers what the closed form cannot resolve, and is 0 for equal systems', () => {
    const full = random(8, 3, 3, 2);
    const close = nearly(full, 1e-12, 3);
    const error = distance(response(full, 300), response(close, 300));
    const bound = certifiedMimoError(full, close, 300);
    expect(bound).toBeGreaterThanOrEqual(error);
    expect(bound).toBeLessThan(1e-5 * distance(response(full, 300)));
    expect(certifiedMimoError(full, full, 300)).toBe(0);
  });
  it('agrees with a long sum over infinite time, and refuses what does not decay', () => {
    const full = random(5, 2, 2, 11);
    const direct = distance(response(full, 4000));
    expect(realNormBounds(full, Infinity).above / direct).toBeCloseTo(1, 9);
    const still = { ...full, poles: { re: new Float64Array(5), im: full.poles.im } };
    expect(() => realNormBounds(still, Infinity)).toThrow(
      expect.objectContaining({ reason: 'unstable' }),
    );
    expect(realNormBounds(still, 50).above / distance(response(still, 50))).toBeCloseTo(1, 9);
  });
});

describe('certified norms of systems with quadratic outputs', () => {
  const symmetric = (n: number, next: () => number) => {
    const M = randomMatrix(n, n, next);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < i; j++) {
        M.re[i * n + j] = M.re[j * n + i];
        M.im[i * n + j] = M.im[j * n + i];
      }
    }
    return denseForm(M);
  };
  const lqo = (n: number, m: number, p: number, seed: number): LqoSystem => {
    const next = generator(seed + 50);
    const forms = Array.from({ length: p }, () => symmetric(n, next));
    return { ...random(n, m, p, seed), forms };
  };
  it.each([
    [4, 1, 2, 12],
    [3, 2, 1, 7],
    [3, 1, 1, 1],
  ])('%i modes, %i inputs, %i outputs, %i steps: closely above the definition', (n, m, p, L) => {
    const [full, other] = [lqo(n, m, p, 3), lqo(n - 1, m, p, 4)];
    const { linear, quadratic } = lqoNormBounds(full, L);
    const direct = distance(quadraticResponse(full, L));
    expect(linear.above / distance(response(full, L))).toBeCloseTo(1, 9);
    expect(quadratic.above).toBeGreaterThanOrEqual(direct * (1 - 1e-13));
    expect(quadratic.below).toBeLessThanOrEqual(direct * (1 + 1e-13));
    expect(quadratic.above / quadratic.below - 1).toBeLessThan(1e-9);
    const error = certifiedLqoError(full, other, L);
    const [mine, theirs] = [quadraticResponse(full, L), quadraticResponse(other, L)];
    expect(error.quadratic / distance(mine, theirs)).toBeCloseTo(1, 8);
    expect(error.quadratic).toBeGreaterThanOrEqual(distance(mine, theirs) * (1 - 1e-12));
    expect(error.linear / distance(response(full, L), response(other, L))).toBeCloseTo(1, 8);
    expect(certifiedLqoError(full, full, L)).toEqual({ linear: 0, quadratic: 0 });
  });
});

describe('certified norms of kernels that share poles', () => {
  const next = generator(8);
  const tied: TiedSystem = {
    poles: {
      re: Float64Array.from({ length: 5 }, () => -0.3 - Math.abs(next())),
      im: Float64Array.from({ length: 5 }, () => 9 * next()),
    },
    weights: randomMatrix(3, 5, next),
    steps: Float64Array.of(0.01, 0.05, 0.4),
  };
  const ratio = (x: number, y: number, u: number, v: number): [number, number] => [
    (x * u + y * v) / (u * u + v * v),
    (y * u - x * v) / (u * u + v * v),
  ];
  const kernel = (system: TiedSystem, h: number, length: number): number[] => {
    const z = Array.from(system.poles.re, (x, n): [number, number] => {
      const [y, d] = [system.poles.im[n], system.steps[h]];
      if (system.discretisation === 'bilinear') {
        return ratio(1 + (x * d) / 2, (y * d) / 2, 1 - (x * d) / 2, (-y * d) / 2);
      }
      const e = system.imagSteps?.[h] ?? d;
      return [Math.exp(x * d) * Math.cos(y * e), Math.exp(x * d) * Math.sin(y * e)];
    });
    const states = z.map((): [number, number] => [1, 0]);
    return Array.from({ length }, () => {
      let value = 0;
      states.forEach(([x, y], n) => {
        const k = h * system.weights.cols + n;
        value += system.weights.re[k] * x - system.weights.im[k] * y;
        states[n] = times(x, y, ...z[n]);
      });
      return value;
    });
  };
  it.each([
    ['exponential', tied],
    ['bilinear', { ...tied, discretisation: 'bilinear' } as const],
    ['separate steps', { ...tied, imagSteps: Float64Array.of(0.02, 0.01, 0.3) }],
  ])('%s: closely above the definition', (_, full) => {
    const head = (x: Float64Array): Float64Array => x.slice(0, 3);
    const other: TiedSystem = {
      ...full,
      poles: { re: head(full.poles.re), im: head(full.poles.im) },
      weights: randomMatrix(3, 3, generator(4)),
    };
    const layer = (system: TiedSystem) =>
      ({ kind: 'tied', groups: [{ kernels: Int32Array.of(2, 0, 1), system }] }) as const;
    const { errors } = certifySystems(layer(full), layer(other), 300);
    [2, 0, 1].forEach((place, h) => {
      const error = distance(kernel(full, h, 300), kernel(other, h, 300));
      expect(errors[place]).toBeGreaterThanOrEqual(error * (1 - 1e-12));
      expect(errors[place] / error).toBeCloseTo(1, 9);
    });
  });
});
