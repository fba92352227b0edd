import { describe, expect, it } from 'vitest';
import { errorNorm, systemNorm } from '../../../src/core/objective/errorNorm';
import {
  checkCount,
  checkDiagonal,
  checkOrder,
  checkSpan,
  checkedModal,
  floorLogPoles,
} from '../../../src/core/systems/check';
import {
  asDiagonal,
  closeUnderConjugation,
  difference,
  fromWeights,
  modeWeights,
} from '../../../src/core/systems/diagonal';
import { undoZeroOrderHold, zeroOrderHold } from '../../../src/core/systems/discretise';
import { frequencyResponse, impulseResponse } from '../../../src/core/systems/response';
import { continuous, discrete } from '../../../src/core/systems/timeSpan';
import { continuousHorizon } from '../../../src/core/solve/horizons';
import {
  type Pair,
  distance,
  generator,
  goldenCases,
  randomMatrix,
  vector,
} from '../support/golden';

interface ZohCase {
  lam: Pair[];
  C: Pair[];
  dt: number;
  L: number;
  w_discrete: Pair[];
  kernel_complex: Pair[];
  kernel_dss_re: number[];
  kernel_s4d_2re: number[];
  h2_discrete_complex: number;
  H2_continuous_LDelta: number;
  bound_sqrtDelta_H2: number;
}

describe.each(goldenCases<ZohCase>('09_zoh'))('zero-order hold with step $dt', (c) => {
  const modes = { poles: vector(c.lam), weights: vector(c.C) };
  const held = zeroOrderHold(modes, c.dt);
  const system = asDiagonal(held);
  it('has the weights and the kernels of the golden file', () => {
    expect(distance(held.weights, vector(c.w_discrete))).toBeLessThan(1e-14);
    const kernel = Array.from({ length: c.L }, (_, k): Pair => {
      const K = impulseResponse(system, k);
      return [K.re[0], K.im[0]];
    });
    expect(distance(vector(kernel), vector(c.kernel_complex))).toBeLessThan(1e-13);
    const scale = Math.max(...c.kernel_complex.map(([re, im]) => Math.hypot(re, im)));
    kernel.forEach(([re], k) => {
      expect(Math.abs(re - c.kernel_dss_re[k])).toBeLessThan(1e-13 * scale);
      expect(Math.abs(2 * re - c.kernel_s4d_2re[k])).toBeLessThan(1e-13 * scale);
    });
  });
  it('has its norms, and the bound between them holds', () => {
    const h2 = systemNorm(system, discrete(c.L));
    const H2 = systemNorm(fromWeights(modes.poles, modes.weights), continuous(c.L * c.dt));
    expect(Math.abs(h2 / c.h2_discrete_complex - 1)).toBeLessThan(1e-12);
    expect(Math.abs(H2 / c.H2_continuous_LDelta - 1)).toBeLessThan(1e-12);
    expect(h2).toBeLessThanOrEqual(c.bound_sqrtDelta_H2 * (1 + 1e-12));
  });
  it('is undone', () => {
    const back = undoZeroOrderHold(held);
    expect(distance(back.poles, modes.poles)).toBeLessThan(1e-15);
    expect(distance(back.weights, modes.weights)).toBeLessThan(1e-14);
  });
});

const next = generator(12);
const system = {
  poles: {
    re: Float64Array.from({ length: 4 }, () => -0.3 - Math.abs(next())),
    im: Float64Array.from({ length: 4 }, () => 3 * next()),
  },
  B: randomMatrix(4, 2, next),
  C: randomMatrix(3, 4, next),
};

describe('responses', () => {
  it('agree in frequency with the summed impulse response', () => {
    const omega = 0.7;
    const H = frequencyResponse(system, omega, 'discrete');
    const sum = { re: new Float64Array(6), im: new Float64Array(6) };
    for (let k = 0; k < 200; k++) {
      const K = impulseResponse(system, k);
      const [c, s] = [Math.cos(omega * k), -Math.sin(omega * k)];
      for (let e = 0; e < 6; e++) {
        sum.re[e] += K.re[e] * c - K.im[e] * s;
        sum.im[e] += K.re[e] * s + K.im[e] * c;
      }
    }
    expect(distance(H, sum)).toBeLessThan(1e-13);
  });
  it('are the rational function in continuous time', () => {
    const one = fromWeights(vector([[-0.5, 2]]), vector([[1, 1]]));
    const H = frequencyResponse(one, 3, 'continuous');
    // (1 + i) / (3i + 0.5 - 2i) = (1 + i) / (0.5 + i)
    expect(H.re[0]).toBeCloseTo(1.5 / 1.25, 14);
    expect(H.im[0]).toBeCloseTo(-0.5 / 1.25, 14);
  });
  it('are real for systems closed under conjugation', () => {
    const closed = closeUnderConjugation(system);
    for (const k of [0, 1, 7]) {
      const [K, real] = [impulseResponse(system, k), impulseResponse(closed, k)];
      real.re.forEach((x, e) => {
        expect(x).toBeCloseTo(K.re[e], 14);
      });
      real.im.forEach((y) => {
        expect(y).toBeCloseTo(0, 14);
      });
    }
  });
  it('of a difference are the differences', () => {
    const other = {
      ...system,
      poles: { re: system.poles.re.map((x) => 2 * x), im: system.poles.im },
    };
    const [K, M] = [impulseResponse(system, 2), impulseResponse(other, 2)];
    const D = impulseResponse(difference(system, other), 2);
    D.re.forEach((x, e) => {
      expect(x).toBeCloseTo(K.re[e] - M.re[e], 14);
    });
    expect(errorNorm(system, system, discrete(50))).toBeLessThan(1e-14);
  });
  it('have the products of B and C as weights', () => {
    const one = { poles: vector([[-1, 0]]), B: vecMatrix([2, 1]), C: vecMatrix([3, -1]) };
    expect(modeWeights(one)).toEqual({ re: Float64Array.of(7), im: Float64Array.of(1) });
    expect(() => modeWeights(system)).toThrow(expect.objectContaining({ reason: 'bad-request' }));
  });
});

const vecMatrix = (pair: Pair) => ({ rows: 1, cols: 1, ...vector([pair]) });

describe('checks', () => {
  const refused = (action: () => unknown, reason: string): void => {
    expect(action).toThrow(expect.objectContaining({ reason }));
  };
  it('accept what is legal', () => {
    checkDiagonal(system);
    checkSpan(discrete(1));
    checkSpan(discrete(Infinity));
    checkSpan(continuous(0.001));
    checkOrder(1, 1);
    checkCount(1);
    expect(continuousHorizon('L Delta', 100, 0.1)).toBeCloseTo(10, 14);
    expect(continuousHorizon('10 L', 100, 0.1)).toBe(1000);
    expect(continuousHorizon('L', 100, 0.1)).toBe(100);
    expect(continuousHorizon('infinite', 100, 0.1)).toBe(Infinity);
  });
  it('refuse bad requests', () => {
    for (const L of [0, -1, 1.5, NaN, -Infinity])
      refused(() => {
        checkSpan(discrete(L));
      }, 'bad-request');
    for (const tau of [0, -1, NaN])
      refused(() => {
        checkSpan(continuous(tau));
      }, 'bad-request');
    for (const r of [0, -1, 2.5, 9, NaN])
      refused(() => {
        checkOrder(r, 8);
      }, 'bad-request');
    refused(() => {
      checkCount(0);
    }, 'bad-request');
    refused(() => continuousHorizon('L', 0, 0.1), 'bad-request');
    refused(() => continuousHorizon('L Delta', 10, -1), 'bad-request');
  });
  it('refuse bad systems', () => {
    const { poles, B, C } = system;
    refused(() => {
      checkDiagonal({ poles, B, C: B });
    }, 'bad-parameters');
    refused(() => {
      checkDiagonal({ poles: vector([]), B, C });
    }, 'bad-parameters');
    refused(() => {
      checkDiagonal({ poles: { re: poles.re.map(() => NaN), im: poles.im }, B, C });
    }, 'bad-parameters');
    refused(() => {
      checkDiagonal({ poles: { re: poles.re.map(() => 0), im: poles.im }, B, C });
    }, 'unstable');
    const modal = { poles, weights: poles, step: 1 };
    refused(() => checkedModal({ ...modal, step: 0 }), 'bad-parameters');
    refused(() => checkedModal({ ...modal, weights: vector([[1, 1]]) }), 'bad-parameters');
    refused(
      () => checkedModal({ ...modal, poles: { re: poles.re.map(() => Infinity), im: poles.im } }),
      'bad-parameters',
    );
    refused(
      () => checkedModal({ ...modal, poles: { re: poles.re.map(() => 1e-9), im: poles.im } }),
      'unstable',
    );
  });
  it('floor log-poles of discrete poles at 0, whose response is then w, 0, 0, …', () => {
    const poles = { re: Float64Array.of(-Infinity, -1), im: Float64Array.of(NaN, 2) };
    const floored = floorLogPoles(poles);
    expect(Array.from(floored.re)).toEqual([-750, -1]);
    expect(Array.from(floored.im)).toEqual([0, 2]);
    expect(floorLogPoles(floored)).toBe(floored);
    const single = fromWeights(vector([[floored.re[0], 0]]), vector([[3, 4]]));
    expect(impulseResponse(single, 0).re[0]).toBe(3);
    expect(impulseResponse(single, 1).re[0]).toBe(0);
    for (const L of [1, 2, 100, Infinity])
      expect(systemNorm(single, discrete(L))).toBeCloseTo(5, 13);
  });
});
