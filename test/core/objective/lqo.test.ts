import { describe, expect, it } from 'vitest';
import {
  lqoErrorNorm,
  lqoGradient,
  lqoNorm2,
  lqoObjective,
  lqoOutputBound,
  withOptimalOutputs,
} from '../../../src/core/objective/lqo';
import { combine, multiply } from '../../../src/core/linalg/multiply';
import { type ComplexMatrix, complexMatrix, transpose } from '../../../src/core/linalg/matrix';
import { impulseResponse } from '../../../src/core/systems/response';
import { type LqoSystem, checkLqo, realLqo, weightQuadratic } from '../../../src/core/systems/lqo';
import {
  type LowRankForm,
  congruence,
  denseForm,
  formMatrix,
  timesForm,
} from '../../../src/core/systems/quadraticForm';
import { modesAt } from '../../../src/core/gramians/doubling';
import { continuous, discrete } from '../../../src/core/systems/timeSpan';
import {
  type Pair,
  distance,
  generator,
  goldenCases,
  horizonOf,
  matrix,
  randomMatrix,
  vector,
} from '../support/golden';

interface Case {
  L: number | null;
  a: Pair[];
  B: Pair[][];
  C: Pair[][];
  M: Pair[][][];
  b: Pair[];
  Bh: Pair[][];
  Ch: Pair[][];
  Mh: Pair[][][];
  err2_linear: number;
  err2_quadratic: number;
  err2: number;
  normG2: number;
  grad_b: Pair[];
  grad_Bh: Pair[][];
  grad_Ch: Pair[][];
  grad_Mh: Pair[][][];
}

describe.each(goldenCases<Case>('05_lqo_h2'))('LQO over $L steps', (c) => {
  const span = discrete(horizonOf(c.L));
  const full = lqo(c.a, c.B, c.C, c.M);
  const reduced = lqo(c.b, c.Bh, c.Ch, c.Mh);
  it('has the norms of the golden file, split', () => {
    const n2 = lqoNorm2(full, span);
    const f = lqoObjective(full, reduced, span);
    const relative = (x: number, y: number): number => Math.abs(x - y) / y;
    expect(relative(n2.linear + n2.quadratic, c.normG2)).toBeLessThan(1e-13);
    expect(relative(n2.linear + f.linear, c.err2_linear)).toBeLessThan(1e-12);
    expect(relative(n2.quadratic + f.quadratic, c.err2_quadratic)).toBeLessThan(1e-12);
    const error = lqoErrorNorm(full, reduced, span);
    expect(relative(error.linear ** 2, c.err2_linear)).toBeLessThan(1e-12);
    expect(relative(error.quadratic ** 2, c.err2_quadratic)).toBeLessThan(1e-12);
  });
  it('has its gradients', () => {
    const g = lqoGradient(full, reduced, span);
    expect(distance(g.poles, vector(c.grad_b))).toBeLessThan(1e-12);
    expect(distance(g.B, matrix(c.grad_Bh))).toBeLessThan(1e-12);
    expect(distance(g.C, matrix(c.grad_Ch))).toBeLessThan(1e-12);
    c.grad_Mh.forEach((M, i) => {
      expect(distance(g.forms[i], matrix(M))).toBeLessThan(1e-12);
    });
  });
  it('has outputs in closed form at which the gradient in C and M vanishes and nothing is lost', () => {
    const best = withOptimalOutputs(full, reduced.poles, reduced.B, span);
    const g = lqoGradient(full, best, span);
    const scale = lqoNorm2(full, span).linear + lqoNorm2(full, span).quadratic;
    for (const part of [g.C, ...g.forms]) {
      for (const x of [...part.re, ...part.im]) expect(Math.abs(x) / scale).toBeLessThan(1e-11);
    }
    const [f, given] = [lqoObjective(full, best, span), lqoObjective(full, reduced, span)];
    expect(f.linear).toBeLessThanOrEqual(given.linear);
    expect(f.quadratic).toBeLessThanOrEqual(given.quadratic);
  });
});

function lqo(a: Pair[], B: Pair[][], C: Pair[][], M: Pair[][][]): LqoSystem {
  const forms = M.map((m) => denseForm(matrix(m)));
  return { poles: vector(a), B: matrix(B), C: matrix(C), forms };
}

function randomLqo(n: number, m: number, p: number, seed: number): LqoSystem {
  const next = generator(seed);
  const poles = {
    re: Float64Array.from({ length: n }, () => -0.05 - Math.abs(next())),
    im: Float64Array.from({ length: n }, () => 3 * next()),
  };
  const symmetric = (): ComplexMatrix => {
    const A = randomMatrix(n, n, next);
    return combine(1, A, 1, transpose(A));
  };
  return {
    poles,
    B: randomMatrix(n, m, next),
    C: randomMatrix(p, n, next),
    forms: Array.from({ length: p }, () => denseForm(symmetric())),
  };
}

/** Kernel sums straight from the definition: h1(k) = C A^k B and h2_i(k1, k2) = B^T A^k1 M_i A^k2 B. */
function bruteForce(system: LqoSystem, steps: number): { linear: number; quadratic: number } {
  const square = (A: ComplexMatrix): number =>
    A.re.reduce((s, x, k) => s + x * x + A.im[k] ** 2, 0);
  const states = Array.from({ length: steps }, (_, k) => {
    const z = modesAt(system.poles, k);
    return impulseResponse({ ...system, C: diagonal(z.re, z.im), poles: zeros(z.re.length) }, 0);
  });
  let linear = 0;
  let quadratic = 0;
  for (let k = 0; k < steps; k++) {
    linear += square(multiply(system.C, states[k]));
    for (const form of system.forms) {
      const left = multiply(transpose(states[k]), formMatrix(form));
      for (const state of states) quadratic += square(multiply(left, state));
    }
  }
  return { linear, quadratic };
}

function diagonal(re: Float64Array, im: Float64Array): ComplexMatrix {
  const D = complexMatrix(re.length, re.length);
  re.forEach((x, i) => {
    D.re[i * re.length + i] = x;
    D.im[i * re.length + i] = im[i];
  });
  return D;
}
const zeros = (n: number) => ({ re: new Float64Array(n), im: new Float64Array(n) });

describe('quadratic kernels', () => {
  const system = randomLqo(4, 2, 2, 3);
  it('have the norms of their definition', () => {
    const brute = bruteForce(system, 20);
    const n2 = lqoNorm2(system, discrete(20));
    expect(Math.abs(n2.linear / brute.linear - 1)).toBeLessThan(1e-12);
    expect(Math.abs(n2.quadratic / brute.quadratic - 1)).toBeLessThan(1e-12);
  });
  it('weigh as the square of their factor', () => {
    const plain = lqoNorm2(system, discrete(20));
    const weighted = lqoNorm2(weightQuadratic(system, 3), discrete(20));
    expect(weighted.linear).toBe(plain.linear);
    expect(Math.abs(weighted.quadratic / plain.quadratic - 9)).toBeLessThan(1e-12);
  });
  it('are the same for dense and low-rank forms', () => {
    const next = generator(8);
    const form = (): LowRankForm => ({
      kind: 'low-rank',
      scales: Float64Array.of(1, -2),
      left: randomMatrix(4, 2, next),
      right: randomMatrix(4, 2, next),
    });
    const low = { ...system, forms: [form(), form()] };
    const dense = { ...system, forms: low.forms.map((f) => denseForm(formMatrix(f))) };
    const reduced = randomLqo(2, 2, 2, 6);
    for (const span of [discrete(9), discrete(Infinity), continuous(0.7), continuous(Infinity)]) {
      const [a, b] = [lqoNorm2(low, span), lqoNorm2(dense, span)];
      expect(Math.abs(a.quadratic / b.quadratic - 1)).toBeLessThan(1e-13);
      const [f, g] = [lqoGradient(low, reduced, span), lqoGradient(dense, reduced, span)];
      expect(distance(f.poles, g.poles)).toBeLessThan(1e-12);
      expect(distance(f.B, g.B)).toBeLessThan(1e-12);
      f.forms.forEach((M, i) => {
        expect(distance(M, g.forms[i])).toBeLessThan(1e-12);
      });
      const error = lqoErrorNorm(low, reduced, span);
      const squared = lqoObjective(dense, reduced, span).quadratic + b.quadratic;
      expect(Math.abs(error.quadratic ** 2 / squared - 1)).toBeLessThan(1e-12);
    }
    const A = randomMatrix(3, 4, next);
    expect(distance(timesForm(A, low.forms[0]), timesForm(A, dense.forms[0]))).toBeLessThan(1e-14);
    const X = transpose(A);
    expect(distance(congruence(low.forms[0], X), congruence(dense.forms[0], X))).toBeLessThan(
      1e-14,
    );
  });
  it('agree in continuous time with ever finer sampling', () => {
    // rectangle sums of the kernels over a fine grid: first order in the step, extrapolated
    const tau = 1;
    const sum = (steps: number): number => {
      const dt = tau / steps;
      const poles = {
        re: system.poles.re.map((x) => x * dt),
        im: system.poles.im.map((y) => y * dt),
      };
      return lqoNorm2({ ...system, poles }, discrete(steps)).quadratic * dt * dt;
    };
    const [coarse, middle, fine] = [sum(1024), sum(2048), sum(4096)];
    const extrapolated = (coarse - 6 * middle + 8 * fine) / 3;
    const exact = lqoNorm2(system, continuous(tau)).quadratic;
    expect(Math.abs(extrapolated / exact - 1)).toBeLessThan(1e-7);
  });
});

describe('outputs of simulated systems', () => {
  it('never leave the bound', () => {
    const full = randomLqo(5, 1, 2, 21);
    const reduced = randomLqo(2, 1, 2, 22);
    const steps = 12;
    const error = lqoErrorNorm(full, reduced, discrete(steps));
    const next = generator(77);
    for (let trial = 0; trial < 50; trial++) {
      const u = Float64Array.from({ length: steps }, () => 3 * next());
      const [y, z] = [simulate(full, u), simulate(reduced, u)];
      const worst = Math.max(...y.map((row, k) => gap(row, z[k])));
      const energy = u.reduce((s, x) => s + x * x, 0);
      expect(worst).toBeLessThanOrEqual(lqoOutputBound(error, energy));
      expect(worst).toBeGreaterThan(0);
    }
  });
  it('are real for the closed system', () => {
    const system = randomLqo(3, 1, 2, 5);
    const u = Float64Array.of(1, -2, 0.5, 3, 0, 0, 1);
    const [complex, closed] = [simulate(system, u), simulate(realLqo(system), u)];
    complex.forEach((row, k) => {
      row.forEach(([re], i) => {
        expect(closed[k][i][0]).toBeCloseTo(re, 12);
        expect(closed[k][i][1]).toBeCloseTo(0, 12);
      });
    });
  });
});

function gap(x: Pair[], y: Pair[]): number {
  return Math.hypot(...x.flatMap(([re, im], i) => [re - y[i][0], im - y[i][1]]));
}

/** y_k for x_k = A x_{k-1} + B u_k, step by step. */
function simulate(system: LqoSystem, u: Float64Array): Pair[][] {
  const n = system.poles.re.length;
  const z = modesAt(system.poles, 1);
  const x = complexMatrix(n, 1);
  return Array.from(u, (input) => {
    for (let i = 0; i < n; i++) {
      const re = z.re[i] * x.re[i] - z.im[i] * x.im[i] + system.B.re[i] * input;
      x.im[i] = z.re[i] * x.im[i] + z.im[i] * x.re[i] + system.B.im[i] * input;
      x.re[i] = re;
    }
    const linear = multiply(system.C, x);
    return system.forms.map((form, i): Pair => {
      const q = congruence(form, x);
      return [linear.re[i] + q.re[0], linear.im[i] + q.im[0]];
    });
  });
}

describe('what is no LQO system', () => {
  const good = randomLqo(3, 1, 1, 2);
  it('is refused with the reason', () => {
    checkLqo(good);
    const refused = (system: LqoSystem, reason: string): void => {
      expect(() => {
        checkLqo(system);
      }).toThrow(expect.objectContaining({ reason }));
    };
    refused({ ...good, forms: [] }, 'bad-parameters');
    refused({ ...good, forms: [denseForm(complexMatrix(2, 2))] }, 'bad-parameters');
    refused({ ...good, forms: [denseForm(randomMatrix(3, 3, generator(1)))] }, 'bad-parameters');
    const infinite = complexMatrix(3, 3);
    infinite.re[0] = Infinity;
    refused({ ...good, forms: [denseForm(infinite)] }, 'bad-parameters');
    refused({ ...good, poles: { re: new Float64Array(3), im: good.poles.im } }, 'unstable');
  });
});
