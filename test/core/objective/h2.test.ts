import { describe, expect, it } from 'vitest';
import {
  controllability,
  crossControllability,
  crossObservability,
  observability,
} from '../../../src/core/gramians/gramians';
import { errorNorm, realErrorNorm, systemNorm } from '../../../src/core/objective/errorNorm';
import { gradient, norm2, objective } from '../../../src/core/objective/h2';
import { realGradient, realNorm2, realObjective } from '../../../src/core/objective/realPart';
import { fromWeights } from '../../../src/core/systems/diagonal';
import { continuous, discrete } from '../../../src/core/systems/timeSpan';
import { type Pair, distance, goldenCases, horizonOf, matrix, vector } from '../support/golden';

type Rows = Pair[][];

interface ContinuousCase {
  name: string;
  tau: number | null;
  lam: Pair[];
  B: Rows;
  C: Rows;
  mu: Pair[];
  Bh: Rows;
  Ch: Rows;
  P: Rows;
  Q: Rows;
  Phat: Rows;
  Qhat: Rows;
  X: Rows;
  Y: Rows;
  normG2: number;
  err2: number;
  f: number;
  grad_mu: Pair[];
  grad_Bh: Rows;
  grad_Ch: Rows;
}

const relative = (x: number, y: number): number => Math.abs(x - y) / Math.abs(y);

describe.each(goldenCases<ContinuousCase>('02_ct_h2'))('continuous time: $name', (c) => {
  const span = continuous(horizonOf(c.tau));
  const full = { poles: vector(c.lam), B: matrix(c.B), C: matrix(c.C) };
  const reduced = { poles: vector(c.mu), B: matrix(c.Bh), C: matrix(c.Ch) };
  it('has the Gramians of the golden file', () => {
    expect(distance(controllability(full, span), matrix(c.P))).toBeLessThan(1e-14);
    expect(distance(observability(full, span), matrix(c.Q))).toBeLessThan(1e-14);
    expect(distance(controllability(reduced, span), matrix(c.Phat))).toBeLessThan(1e-14);
    expect(distance(observability(reduced, span), matrix(c.Qhat))).toBeLessThan(1e-14);
    expect(distance(crossControllability(full, reduced, span), matrix(c.X))).toBeLessThan(1e-14);
    expect(distance(crossObservability(full, reduced, span), matrix(c.Y))).toBeLessThan(1e-14);
  });
  it('has its norms and its objective', () => {
    expect(relative(norm2(full, span), c.normG2)).toBeLessThan(1e-13);
    expect(Math.abs(objective(full, reduced, span) - c.f) / c.err2).toBeLessThan(1e-13);
    expect(relative(errorNorm(full, reduced, span) ** 2, c.err2)).toBeLessThan(1e-12);
  });
  it('has its gradients', () => {
    const g = gradient(full, reduced, span);
    expect(distance(g.poles, vector(c.grad_mu))).toBeLessThan(1e-12);
    expect(distance(g.B, matrix(c.grad_Bh))).toBeLessThan(1e-12);
    expect(distance(g.C, matrix(c.grad_Ch))).toBeLessThan(1e-12);
  });
});

interface Part {
  err2: number;
  normG2: number;
  grad_b: Pair[];
  grad_Bh: Rows;
  grad_Ch: Rows;
}
interface DiscreteCase {
  L: number | null;
  a: Pair[];
  B: Rows;
  C: Rows;
  b: Pair[];
  Bh: Rows;
  Ch: Rows;
  complex: Part;
  real: Part;
}

const parts = {
  complex: { norm: norm2, objective, gradient, error: errorNorm },
  real: {
    norm: realNorm2,
    objective: realObjective,
    gradient: realGradient,
    error: realErrorNorm,
  },
} as const;

describe('a reduced system that nearly equals the full one', () => {
  const shift = 1e-7;
  const poles = vector([
    [-0.05, 0.4],
    [-0.2, 2],
    [-0.11, -1.3],
  ]);
  const weights = vector([
    [1, 0.5],
    [-2, 1],
    [0.3, 0.7],
  ]);
  const near = { re: poles.re.map((x) => x + shift), im: poles.im.map((y) => y - 2 * shift) };
  const [full, reduced] = [fromWeights(poles, weights), fromWeights(near, weights)];

  /** sum_k |e_k|² and sum_k (Re e_k)², each mode's difference taken as w e^{ak} (1 - e^{(b - a) k}). */
  function direct(steps: number): { complex: number; real: number } {
    let [complex, real] = [0, 0];
    for (let k = 0; k < steps; k++) {
      let [re, im] = [0, 0];
      for (let n = 0; n < 3; n++) {
        const size = Math.exp(poles.re[n] * k);
        const [c, d] = [Math.cos(poles.im[n] * k), Math.sin(poles.im[n] * k)];
        const half = Math.sin(-shift * k);
        const gRe = -(Math.expm1(shift * k) * Math.cos(2 * shift * k) - 2 * half * half);
        const gIm = Math.exp(shift * k) * Math.sin(2 * shift * k);
        const [zRe, zIm] = [size * (c * gRe - d * gIm), size * (c * gIm + d * gRe)];
        re += weights.re[n] * zRe - weights.im[n] * zIm;
        im += weights.re[n] * zIm + weights.im[n] * zRe;
      }
      complex += re * re + im * im;
      real += re * re;
    }
    return { complex, real };
  }
  it.each([
    [64, 64],
    [1000, 1000],
    [Infinity, 4000],
  ])('keeps the digits of its error over %d steps', (L, steps) => {
    const exact = direct(steps);
    expect(exact.complex / norm2(full, discrete(L))).toBeLessThan(1e-10);
    expect(relative(errorNorm(full, reduced, discrete(L)) ** 2, exact.complex)).toBeLessThan(1e-7);
    expect(relative(realErrorNorm(full, reduced, discrete(L)) ** 2, exact.real)).toBeLessThan(1e-7);
  });
});

describe('slow poles and long horizons', () => {
  const full = fromWeights(
    vector([
      [-1e-8, 0.3],
      [-1e-7, 0.3000001],
      [-1e-3, 2],
      [-2e-5, 0],
    ]),
    vector([
      [1, 0],
      [0, 0.5],
      [1, 1],
      [0.3, 0],
    ]),
  );
  const reduced = fromWeights(vector([[-3e-8, 0.3]]), vector([[1, 0.1]]));
  it.each([1e6, 123456789, Infinity])(
    'the closed form and the square root agree over %d steps',
    (L) => {
      const span = discrete(L);
      const closed = norm2(full, span) + objective(full, reduced, span);
      expect(relative(errorNorm(full, reduced, span) ** 2, closed)).toBeLessThan(1e-8);
      const real = realNorm2(full, span) + realObjective(full, reduced, span);
      expect(relative(realErrorNorm(full, reduced, span) ** 2, real)).toBeLessThan(1e-8);
    },
  );
  it('have no norm where a pole does not decay and the time is infinite', () => {
    const integrator = fromWeights(vector([[0, 0]]), vector([[2, 0]]));
    expect(systemNorm(integrator, discrete(Infinity))).toBe(Infinity);
    expect(systemNorm(integrator, discrete(25))).toBeCloseTo(10, 13);
    expect(norm2(integrator, discrete(25))).toBeCloseTo(100, 12);
    expect(norm2(integrator, continuous(9))).toBeCloseTo(36, 12);
    expect(norm2(integrator, continuous(Infinity))).not.toBeLessThan(Infinity);
  });
});

describe.each(goldenCases<DiscreteCase>('04_dt_h2'))('discrete time: L = $L', (c) => {
  const span = discrete(horizonOf(c.L));
  const full = { poles: vector(c.a), B: matrix(c.B), C: matrix(c.C) };
  const reduced = { poles: vector(c.b), B: matrix(c.Bh), C: matrix(c.Ch) };
  it.each(['complex', 'real'] as const)('%s objective, norms and gradients', (part) => {
    const golden = c[part];
    const f = parts[part];
    const n2 = f.norm(full, span);
    expect(relative(n2, golden.normG2)).toBeLessThan(1e-13);
    expect(Math.abs(n2 + f.objective(full, reduced, span) - golden.err2) / n2).toBeLessThan(1e-13);
    expect(relative(f.error(full, reduced, span) ** 2, golden.err2)).toBeLessThan(1e-12);
    const g = f.gradient(full, reduced, span);
    expect(distance(g.poles, vector(golden.grad_b))).toBeLessThan(1e-12);
    expect(distance(g.B, matrix(golden.grad_Bh))).toBeLessThan(1e-12);
    expect(distance(g.C, matrix(golden.grad_Ch))).toBeLessThan(1e-12);
  });
});
