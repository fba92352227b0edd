import { describe, expect, it } from 'vitest';
import { realErrorNorm, systemNorm } from '../../../src/core/objective/errorNorm';
import {
  mimoProjection,
  mimoTarget,
  placeModes,
  reducedSystem,
} from '../../../src/core/objective/mimoProjection';
import { realGradient, realNorm2, realObjective } from '../../../src/core/objective/realPart';
import { VariableProjection, createTarget } from '../../../src/core/objective/varpro';
import { mimoValue } from '../../../src/core/solve/mimoSearch';
import { mimoBalanced, mimoFixedPoint, mimoSolver } from '../../../src/core/solve/mimoSolver';
import { balance, truncate } from '../../../src/core/start/balanced';
import { modalTruncation } from '../../../src/core/start/modal';
import { wrapPhase } from '../../../src/core/scalars';
import { balanceRealMimo, truncateRealMimo } from '../../../src/core/start/mimoBalanced';
import {
  type DiagonalSystem,
  asDiagonal,
  closeUnderConjugation,
  fromWeights,
} from '../../../src/core/systems/diagonal';
import { poleSetOf } from '../../../src/core/systems/poleSet';
import { discrete } from '../../../src/core/systems/timeSpan';
import { generator, randomMatrix } from '../support/golden';
import { scattered } from '../support/systems';

function random(n: number, m: number, p: number, seed: number): DiagonalSystem {
  const next = generator(seed);
  const { poles } = scattered(n, seed + 100);
  return { poles, B: randomMatrix(n, m, next), C: randomMatrix(p, n, next) };
}

describe('the projection of the real objective', () => {
  it('gives, for one input and output, the weights of the single-channel projection', () => {
    const system = scattered(8, 1);
    const { poles } = scattered(3, 2);
    const single = new VariableProjection(createTarget(system, 60), 3, 1e-12);
    const value = single.value(poleSetOf(poles, 60));
    const projection = mimoProjection(mimoTarget(asDiagonal(system), 60), 3, 1e-12);
    expect(mimoValue(projection, fromWeights(poles, poles)) / value).toBeCloseTo(1, 8);
    const { C } = reducedSystem(projection);
    C.re.forEach((x, j) => {
      expect(x).toBeCloseTo(single.weightRe[j], 6);
    });
  });
  it.each([20, Infinity])('is the minimum over C and has the gradient there, L = %d', (L) => {
    const span = discrete(L);
    const full = random(7, 2, 3, 5);
    const { poles, B } = random(3, 2, 3, 9);
    const projection = mimoProjection(mimoTarget(full, L), 3, 1e-14);
    placeModes(projection.modes, poles, B);
    const value = projection.differentiate();
    const reduced = reducedSystem(projection);
    const scale = realNorm2(full, span);
    expect(Math.abs(value - scale - realObjective(full, reduced, span)) / scale).toBeLessThan(
      1e-11,
    );
    const atSolution = realGradient(full, reduced, span);
    for (const x of [...atSolution.C.re, ...atSolution.C.im]) {
      expect(Math.abs(x) / scale).toBeLessThan(1e-10);
    }
    const { re, im, inputs } = projection.gradient;
    const slopes = [re, im, inputs].map((part) => part.slice());
    const at = (x: Float64Array, k: number, slope: number): void => {
      const [h, middle] = [1e-4, x[k]];
      const valueAt = (offset: number): number => {
        x[k] = middle + offset;
        const moved = mimoValue(projection, { poles, B });
        x[k] = middle;
        return moved;
      };
      const difference =
        (8 * (valueAt(h) - valueAt(-h)) - (valueAt(2 * h) - valueAt(-2 * h))) / (12 * h);
      expect(Math.abs(difference - slope) / scale).toBeLessThan(1e-8);
    };
    for (let j = 0; j < 3; j++) {
      at(poles.re, j, slopes[0][j]);
      at(poles.im, j, slopes[1][j]);
    }
    for (let k = 0; k < 6; k++) {
      at(B.re, k, slopes[2][k]);
      at(B.im, k, slopes[2][k + 6]);
    }
  });
  it('is infinite, not wrong, where the problem cannot be solved', () => {
    const full = random(4, 1, 1, 3);
    const none = { re: Float64Array.of(-0.1), im: Float64Array.of(NaN) };
    const projection = mimoProjection(mimoTarget(full, 9), 1, 1e-10);
    expect(mimoValue(projection, fromWeights(none, none))).toBe(Infinity);
  });
});

describe('the real balanced form', () => {
  const full = random(6, 2, 3, 12);
  const target = mimoTarget(full, 70);
  const form = balanceRealMimo(full, target);
  it('has the Hankel singular values of the system closed under conjugation', () => {
    const { hankel } = balance(closeUnderConjugation(full), discrete(70));
    form.hankel.forEach((value, i) => {
      expect(Math.abs(value - hankel[i]) / hankel[0]).toBeLessThan(1e-8);
    });
  });
  it('truncated to nothing less than it has, has the poles of the original', () => {
    const { poles } = truncateRealMimo(form, full, 6);
    // of a pole and its conjugate either may stand for both
    const found = (re: number, im: number): boolean =>
      poles.re.some((x, j) => Math.hypot(x - re, poles.im[j] - Math.abs(im)) < 1e-7);
    expect(full.poles.re.every((x, n) => found(x, wrapPhase(full.poles.im[n])))).toBe(true);
  });
});

describe('the solver for several inputs and outputs', () => {
  it.each([
    [8, 2, 2, 3, 50],
    [8, 1, 4, 2, 50],
    [8, 3, 1, 4, Infinity],
    [6, 12, 10, 2, 30],
    [5, 2, 2, 1, 1],
  ])('%i modes, %i inputs, %i outputs to %i over %d steps', (n, m, p, r, L) => {
    const full = random(n, m, p, n + m + p);
    const span = discrete(L);
    const { reduced, trace } = mimoSolver(full, r, L);
    expect(reduced.poles.re.every((x) => x < 0)).toBe(true);
    const error = realErrorNorm(full, reduced, span);
    const norm2 = realNorm2(full, span);
    expect(Math.abs(error ** 2 - trace.objective.at(-1)!) / norm2).toBeLessThan(1e-9);
    const others = [
      truncate(balance(full, span), r),
      modalTruncation(full, r, span),
      mimoBalanced(full, r, L).reduced,
      mimoFixedPoint(full, r, L, Infinity).reduced,
    ];
    for (const other of others) {
      expect(error).toBeLessThanOrEqual(realErrorNorm(full, other, span) + 1e-9 * Math.sqrt(norm2));
    }
    for (let k = 1; k < trace.objective.length; k++) {
      expect(trace.objective[k]).toBeLessThanOrEqual(trace.objective[k - 1]);
    }
  });
  it('finds a system hidden in a larger one', () => {
    const small = random(3, 2, 2, 40);
    const extra = random(4, 2, 2, 41);
    const faint = {
      ...extra,
      C: { ...extra.C, re: extra.C.re.map((x) => 1e-6 * x), im: extra.C.im.map((x) => 1e-6 * x) },
    };
    const C = random(7, 2, 2, 1).C;
    for (let i = 0; i < 2; i++) {
      for (let k = 0; k < 7; k++) {
        const from = k < 3 ? small.C : faint.C;
        const at = k < 3 ? i * 3 + k : i * 4 + k - 3;
        C.re[i * 7 + k] = from.re[at];
        C.im[i * 7 + k] = from.im[at];
      }
    }
    const full = {
      poles: {
        re: Float64Array.of(...small.poles.re, ...extra.poles.re),
        im: Float64Array.of(...small.poles.im, ...extra.poles.im),
      },
      B: {
        rows: 7,
        cols: 2,
        re: Float64Array.of(...small.B.re, ...extra.B.re),
        im: Float64Array.of(...small.B.im, ...extra.B.im),
      },
      C,
    };
    const { reduced } = mimoSolver(full, 3, 100);
    expect(realErrorNorm(full, reduced, discrete(100))).toBeLessThan(
      1e-4 * systemNorm(full, discrete(100)),
    );
  });
  it('refuses what it must', () => {
    const full = random(4, 2, 2, 3);
    for (const [order, L] of [
      [0, 5],
      [5, 5],
      [2, 0],
    ]) {
      expect(() => mimoSolver(full, order, L)).toThrow(
        expect.objectContaining({ reason: 'bad-request' }),
      );
    }
    const unstable = { ...full, poles: { re: new Float64Array(4), im: full.poles.im } };
    expect(() => mimoSolver(unstable, 2, 5)).toThrow(
      expect.objectContaining({ reason: 'unstable' }),
    );
  });
});
