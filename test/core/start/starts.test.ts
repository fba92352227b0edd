import { describe, expect, it } from 'vitest';
import { errorNorm, systemNorm } from '../../../src/core/objective/errorNorm';
import { gradient } from '../../../src/core/objective/h2';
import { withOptimalOutput } from '../../../src/core/objective/optimalOutput';
import { balance, truncate } from '../../../src/core/start/balanced';
import { balancedModes } from '../../../src/core/start/balancedModes';
import { hippoPoles } from '../../../src/core/start/hippo';
import { lastScores, lastSelection } from '../../../src/core/start/last';
import { modalScores, modalTruncation } from '../../../src/core/start/modal';
import { randomStablePoles } from '../../../src/core/start/randomStable';
import { reflect } from '../../../src/core/start/reflect';
import { tlH2Modes } from '../../../src/core/start/tlH2';
import { asDiagonal, fromWeights } from '../../../src/core/systems/diagonal';
import { impulseResponse } from '../../../src/core/systems/response';
import { continuous, discrete } from '../../../src/core/systems/timeSpan';
import { generator, goldenCases, randomMatrix, vector, type Pair } from '../support/golden';
import { s4dLin, scattered } from '../support/systems';

const slow = vector([
  [-0.01, 1],
  [-0.5, 2],
  [-1, 0],
]);
const system = fromWeights(
  slow,
  vector([
    [0.1, 0],
    [0, 2],
    [3, 4],
  ]),
);

describe('modal truncation', () => {
  it('scores modes by peak gain or by energy', () => {
    const gain = modalScores(system, continuous(Infinity), 'gain');
    expect(Array.from(gain)).toEqual([10, 4, 5].map((x) => expect.closeTo(x, 12) as number));
    const discreteGain = modalScores(system, discrete(Infinity), 'gain');
    expect(discreteGain[0]).toBeCloseTo(0.1 / (1 - Math.exp(-0.01)), 10);
    const energy = modalScores(system, discrete(7), 'energy');
    let brute = 0;
    for (let k = 0; k < 7; k++) brute += (5 * Math.exp(-k)) ** 2;
    expect(energy[2]).toBeCloseTo(brute, 12);
  });
  it('keeps the modes of the largest scores with their own weights', () => {
    const kept = modalTruncation(system, 2, continuous(Infinity), 'gain');
    expect(Array.from(kept.poles.re)).toEqual([-0.01, -1]);
    expect(Array.from(kept.C.im)).toEqual([0, 4]);
    expect(Array.from(modalTruncation(system, 1, discrete(4)).poles.re)).toEqual([-1]);
  });
  it('keeps rows of B and columns of C of systems with several inputs and outputs', () => {
    const next = generator(4);
    const wide = { poles: slow, B: randomMatrix(3, 2, next), C: randomMatrix(2, 3, next) };
    const all = modalTruncation(wide, 3, discrete(5));
    const [K, M] = [impulseResponse(wide, 2), impulseResponse(all, 2)];
    K.re.forEach((x, e) => {
      expect(M.re[e]).toBeCloseTo(x, 14);
    });
  });
});

describe('HiPPO starts', () => {
  it('are those of their definitions', () => {
    const lin = hippoPoles('s4d-lin', 3);
    expect(Array.from(lin.im)).toEqual([0, Math.PI, 2 * Math.PI]);
    const inverse = hippoPoles('s4d-inv', 2);
    expect(inverse.im[0]).toBeCloseTo((4 / Math.PI) * 3, 14);
    expect(inverse.im[1]).toBeCloseTo((4 / Math.PI) * (1 / 3), 14);
    expect(Array.from(hippoPoles('legs', 3).re)).toEqual([-1, -2, -3]);
    expect(Array.from(lin.re)).toEqual([-0.5, -0.5, -0.5]);
  });
  it('skew-HiPPO has the frequencies of the skew part', () => {
    // size 2: S = [[0, s], [-s, 0]] with s = sqrt 3 / 2 has the frequency s
    expect(hippoPoles('skew-hippo', 1).im[0]).toBeCloseTo(Math.sqrt(3) / 2, 14);
    // size 4: the sum of the squared frequencies is half the squared Frobenius norm of S
    const { im } = hippoPoles('skew-hippo', 2);
    let half = 0;
    for (let n = 0; n < 4; n++) for (let k = 0; k < n; k++) half += ((2 * n + 1) * (2 * k + 1)) / 4;
    expect(im[0] ** 2 + im[1] ** 2).toBeCloseTo(half, 12);
    expect(im.every((w) => w > 0)).toBe(true);
  });
});

describe('LAST', () => {
  const norms = [2, 1, 1]; // of real modes w / (1 - 1/2)
  const layer = fromWeights(
    { re: new Float64Array(3).fill(-Math.LN2), im: new Float64Array(3) },
    { re: Float64Array.from(norms, (h) => h / 2), im: new Float64Array(3) },
  );
  it('divides by the sum over the states not smaller', () => {
    const squares = lastScores(layer);
    [1, 1 / 5, 1 / 6].forEach((s, i) => {
      expect(squares[i]).toBeCloseTo(s, 12);
    });
    const plain = lastScores(layer, 1);
    [1, 1 / 3, 1 / 4].forEach((s, i) => {
      expect(plain[i]).toBeCloseTo(s, 12);
    });
    const none = lastScores(
      fromWeights(slow, { re: new Float64Array(3), im: new Float64Array(3) }),
    );
    expect(Array.from(none)).toEqual([0, 0, 0]);
  });
  it('prunes over all layers, but no layer to nothing', () => {
    const scores = [Float64Array.of(0.2, 1, 0.9), Float64Array.of(0.3, 1)];
    expect(lastSelection(scores, 2)).toEqual([[1], [1]]);
    expect(lastSelection(scores, 4)).toEqual([
      [1, 2],
      [0, 1],
    ]);
    expect(() => lastSelection(scores, 1)).toThrow(/1/);
    expect(() => lastSelection(scores, 6)).toThrow(/5/);
  });
});

describe('random stable poles', () => {
  it('are stable, spread, and the same for the same seed', () => {
    const poles = randomStablePoles(200, 1000, 7);
    expect(poles).toEqual(randomStablePoles(200, 1000, 7));
    expect(poles).not.toEqual(randomStablePoles(200, 1000, 8));
    for (let j = 0; j < 200; j++) {
      expect(poles.re[j]).toBeLessThan(-1e-3 * (1 - 1e-9));
      expect(poles.re[j]).toBeGreaterThan(-2);
      expect(poles.im[j]).toBeGreaterThan(0);
      expect(poles.im[j]).toBeLessThan(Math.PI);
    }
    const mean = poles.im.reduce((s, y) => s + y, 0) / 200;
    expect(Math.abs(mean - Math.PI / 2)).toBeLessThan(0.3);
    expect(randomStablePoles(3, Infinity, 1).re.every((x) => x < 0)).toBe(true);
  });
});

describe('reflection', () => {
  it('mirrors what is unstable and leaves the rest alone', () => {
    const { poles, count } = reflect(
      vector([
        [0.5, 1],
        [0, 2],
        [-3, 1],
      ]),
    );
    expect(count).toBe(2);
    expect(Array.from(poles.re)).toEqual([-0.5, -1e-6, -3]);
    expect(reflect(slow).poles.re).toBe(slow.re);
  });
});

interface BalancedCase {
  kind: string;
  horizon: number;
  log_poles: Pair[];
  weights: Pair[];
}
const ill = goldenCases<BalancedCase>('06_bt').find((c) => c.kind === 'dt-ill')!;

describe('starts for a search', () => {
  const unstable = fromWeights(vector(ill.log_poles), vector(ill.weights));
  const span = discrete(ill.horizon);
  it('reflect an unstable balanced truncation and say so', () => {
    const start = balancedModes(unstable, 2, span);
    expect(start.name).toBe('reflected time-limited balanced');
    expect(start.notes[0]).toMatch(/2 of 2 poles were reflected/);
    expect(start.modes.poles.re.every((x) => x < 0)).toBe(true);
    const reduced = fromWeights(start.modes.poles, start.modes.weights);
    // optimal weights are never worse than none
    expect(errorNorm(unstable, reduced, span)).toBeLessThan(systemNorm(unstable, span));
  });
  it('fill up what the numerical rank does not give', () => {
    const twice = fromWeights(
      vector([
        [-0.1, 1],
        [-0.1, 1],
        [-0.2, 0],
      ]),
      vector([
        [1, 0],
        [2, 0],
        [0, 0],
      ]),
    );
    const start = balancedModes(twice, 3, discrete(20));
    expect(start.modes.poles.re.length).toBe(3);
    expect(start.notes[0]).toMatch(/numerical rank 1/);
    const reduced = fromWeights(start.modes.poles, start.modes.weights);
    expect(errorNorm(twice, reduced, discrete(20))).toBeLessThan(1e-13);
  });
  it.each([
    ['scattered', scattered(10, 5), 3],
    ['S4D-Lin', s4dLin(12, 0.05, 1), 4],
  ])('TL-H2 of a %s system is stable and no worse than balanced truncation', (_, layer, r) => {
    const full = asDiagonal(layer);
    const over = discrete(128);
    const start = tlH2Modes(full, r, over);
    const { modes } = balancedModes(full, r, over);
    const error = (m: typeof modes): number =>
      errorNorm(full, fromWeights(m.poles, m.weights), over);
    expect(start.modes.poles.re.every((x) => x < 0)).toBe(true);
    expect(error(start.modes)).toBeLessThanOrEqual(error(modes) * (1 + 1e-9));
  });
  it('TL-H2 says what replaced it where stability is lost', () => {
    const start = tlH2Modes(unstable, 3, span);
    expect(start.modes.poles.re.every((x) => x < 0)).toBe(true);
    expect(start.notes.join(' ')).toMatch(/reflected|lost stability/);
  });
});

describe('optimal outputs', () => {
  it('make the gradient in C vanish, also for repeated poles', () => {
    const full = asDiagonal(scattered(8, 2));
    for (const poles of [
      slow,
      vector([
        [-0.1, 1],
        [-0.1, 1],
      ]),
    ]) {
      const B = fromWeights(poles, poles).B;
      const best = withOptimalOutput(full, poles, B, discrete(50));
      const g = gradient(full, best, discrete(50)).C;
      for (const x of [...g.re, ...g.im]) expect(Math.abs(x)).toBeLessThan(1e-10);
    }
  });
});

describe('balanced truncation with several inputs and outputs', () => {
  const next = generator(31);
  const poles = scattered(9, 6).poles;
  const wide = { poles, B: randomMatrix(9, 2, next), C: randomMatrix(3, 9, next) };
  it.each([
    ['60 steps', discrete(60)],
    ['infinitely many steps', discrete(Infinity)],
    ['tau = 5', continuous(5)],
    ['tau infinite', continuous(Infinity)],
  ])(
    'over %s reproduces the system at full order and comes closer with every few poles',
    (_, span) => {
      const form = balance(wide, span);
      const error = (r: number): number => errorNorm(wide, truncate(form, r), span);
      expect(error(9)).toBeLessThan(1e-10 * systemNorm(wide, span));
      expect(error(6)).toBeLessThan(error(2));
      for (let i = 1; i < 9; i++) expect(form.hankel[i]).toBeLessThanOrEqual(form.hankel[i - 1]);
    },
  );
  it('stays within twice the sum of the truncated Hankel singular values for infinite time', () => {
    const form = balance(wide, discrete(Infinity));
    for (let r = 1; r < 9; r++) {
      const tail = form.hankel.slice(r).reduce((s, x) => s + x, 0);
      // the h² error of m inputs is at most sqrt m times the H-infinity error
      expect(errorNorm(wide, truncate(form, r), discrete(Infinity))).toBeLessThan(
        2 * Math.SQRT2 * tail,
      );
    }
  });
  it('refuses a horizon that is none', () => {
    expect(() => truncate(balance(wide, discrete(5)), 0)).toThrow(/1 to 9/);
    expect(() => balance(wide, discrete(0.5))).toThrow(
      expect.objectContaining({ reason: 'bad-request' }),
    );
  });
});
