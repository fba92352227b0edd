import { describe, expect, it } from 'vitest';
import { complexMatrix } from '../../../src/core/linalg/matrix';
import { combine } from '../../../src/core/linalg/multiply';
import { transpose } from '../../../src/core/linalg/matrix';
import { lqoErrorNorm, lqoNorm2 } from '../../../src/core/objective/lqo';
import { minimise } from '../../../src/core/solve/bfgs';
import { lqoProblem, lqoSolver } from '../../../src/core/solve/lqoSolver';
import { searchFrom } from '../../../src/core/solve/projectedSearch';
import { lqoBalanced } from '../../../src/core/start/lqoBalanced';
import { fromWeights } from '../../../src/core/systems/diagonal';
import type { LqoSystem } from '../../../src/core/systems/lqo';
import { denseForm } from '../../../src/core/systems/quadraticForm';
import { continuous, discrete } from '../../../src/core/systems/timeSpan';
import { type Pair, generator, matrix, randomMatrix, readJson, vector } from '../support/golden';

interface Case {
  L: number;
  a: Pair[];
  C: Pair[][];
  M: Pair[][][];
  start: Pair[];
  norm2: number;
  start_objective: number;
  scipy: number;
}
const { cases } = readJson('fixtures/core/lqo_bfgs.json') as { cases: Case[] };

function systemOf(c: Case): LqoSystem {
  const poles = vector(c.a);
  return {
    poles,
    B: fromWeights(poles, poles).B,
    C: matrix(c.C),
    forms: c.M.map((M) => denseForm(matrix(M))),
  };
}

describe.each(cases)('random LQO system, $a.length to $start.length poles, L = $L', (c) => {
  const full = systemOf(c);
  const span = discrete(c.L);
  it("reaches the objective of SciPy's BFGS from the same start or less", () => {
    const n2 = lqoNorm2(full, span);
    expect(Math.abs((n2.linear + n2.quadratic) / c.norm2 - 1)).toBeLessThan(1e-12);
    const poles = vector(c.start);
    const { reduced, trace } = searchFrom(
      lqoProblem(full, span),
      { name: 'modal', system: fromWeights(poles, poles) },
      {},
    );
    expect(trace.objective[0]).toBeLessThanOrEqual(c.start_objective);
    const error = lqoErrorNorm(full, reduced, span);
    const reached = error.linear ** 2 + error.quadratic ** 2;
    expect(Math.abs(reached - trace.objective.at(-1)!)).toBeLessThan(1e-11 * c.norm2);
    const best = lqoSolver(full, c.start.length, span);
    expect(best.trace.objective.at(-1)).toBeLessThanOrEqual(c.scipy * (1 + 1e-6));
    expect(best.trace.objective.at(-1)).toBeLessThanOrEqual(reached * (1 + 1e-9));
    expect(best.reduced.poles.re.every((x) => x < 0)).toBe(true);
  });
});

describe('the LQO solver', () => {
  const next = generator(17);
  const symmetric = () => {
    const A = randomMatrix(5, 5, next);
    return denseForm(combine(1, A, 1, transpose(A)));
  };
  const full: LqoSystem = {
    poles: {
      re: Float64Array.from({ length: 5 }, () => -0.1 - Math.abs(next())),
      im: Float64Array.from({ length: 5 }, () => 2 * next()),
    },
    B: randomMatrix(5, 2, next),
    C: randomMatrix(2, 5, next),
    forms: [symmetric(), symmetric()],
  };
  it.each([
    ['finite discrete', discrete(40)],
    ['infinite discrete', discrete(Infinity)],
    ['finite continuous', continuous(3)],
    ['infinite continuous', continuous(Infinity)],
  ])('descends with several inputs over a %s span', (_, span) => {
    const { trace, reduced } = lqoSolver(full, 3, span);
    const values = trace.objective;
    for (let k = 1; k < values.length; k++) expect(values[k]).toBeLessThanOrEqual(values[k - 1]);
    expect(values.at(-1)).toBeLessThan(values[0]);
    const error = lqoErrorNorm(full, reduced, span);
    expect((error.linear ** 2 + error.quadratic ** 2) / values.at(-1)!).toBeCloseTo(1, 8);
  });
  it('is exact in balanced coordinates at full order', () => {
    const { poles } = lqoBalanced(full, 5, discrete(40));
    const sorted = (x: Float64Array): number[] => Array.from(x).sort((a, b) => a - b);
    sorted(poles.re).forEach((x, i) => {
      expect(x).toBeCloseTo(sorted(full.poles.re)[i], 8);
    });
  });
  it('works without any quadratic or any linear output, and for one pole', () => {
    const linear = {
      ...full,
      forms: [denseForm(complexMatrix(5, 5)), denseForm(complexMatrix(5, 5))],
    };
    expect(lqoSolver(linear, 2, discrete(20)).trace.objective.at(-1)).toBeGreaterThan(0);
    const quadratic = { ...full, C: complexMatrix(2, 5) };
    expect(lqoSolver(quadratic, 2, discrete(20)).trace.objective.at(-1)).toBeGreaterThan(0);
    const nothing = { ...linear, C: complexMatrix(2, 5) };
    expect(lqoSolver(nothing, 2, discrete(20)).trace.objective.at(-1)).toBe(0);
    const one = systemOf({ ...cases[0], a: [[-0.1, 1]], C: [[[1, 0]]], M: [[[[2, 1]]]] });
    expect(lqoSolver(one, 1, discrete(1)).trace.objective.at(-1)).toBeLessThan(1e-12);
  });
  it('refuses what it must', () => {
    expect(() => lqoSolver(full, 0, discrete(4))).toThrow(
      expect.objectContaining({ reason: 'bad-request' }),
    );
    expect(() => lqoSolver(full, 2, discrete(0))).toThrow(
      expect.objectContaining({ reason: 'bad-request' }),
    );
    expect(() => lqoSolver({ ...full, forms: [] }, 2, discrete(4))).toThrow(
      expect.objectContaining({ reason: 'bad-parameters' }),
    );
    expect(() => lqoSolver(full, 2, discrete(4), { signal: AbortSignal.abort() })).toThrow(
      expect.objectContaining({ reason: 'cancelled' }),
    );
  });
});

describe('BFGS', () => {
  it('finds the minimum of the Rosenbrock function', () => {
    const { x, stop, history } = minimise(
      (p, g) => {
        const [a, b] = p;
        g[0] = -2 * (1 - a) - 400 * a * (b - a * a);
        g[1] = 200 * (b - a * a);
        return (1 - a) ** 2 + 100 * (b - a * a) ** 2;
      },
      Float64Array.of(-1.2, 1),
    );
    expect(x[0]).toBeCloseTo(1, 6);
    expect(x[1]).toBeCloseTo(1, 6);
    expect(['converged', 'stalled']).toContain(stop);
    for (let k = 1; k < history.length; k++) expect(history[k]).toBeLessThanOrEqual(history[k - 1]);
  });
  it('stops where there is no descent and rejects values that are not finite', () => {
    const wrongGradient = minimise((p, g) => {
      g[0] = -1;
      return p[0];
    }, Float64Array.of(0));
    expect(wrongGradient.stop).toBe('no-descent');
    const walled = minimise((p, g) => {
      g[0] = 1 - 1 / p[0];
      return p[0] > 0 ? p[0] - Math.log(p[0]) : NaN;
    }, Float64Array.of(0.01));
    expect(walled.x[0]).toBeCloseTo(1, 6);
  });
});
