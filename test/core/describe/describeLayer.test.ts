import { describe, expect, it } from 'vitest';
import { describeLayer, type LayerDescription } from '../../../src/core/describe/describeLayer';
import type { LayerSystems, MimoSystem, TiedSystems } from '../../../src/core/systems/layer';
import { emptyModalBatch } from '../../../src/core/systems/modal';
import { denseForm } from '../../../src/core/systems/quadraticForm';
import { exampleMatrix, exampleMimo, examplePoles } from '../../support/syntheticSystems';

/** Kernels with these modes; every kernel decays by `decay` per step in its slowest mode. */
function kernels(count: number, slots: number, decay: number): LayerSystems {
  const batch = emptyModalBatch(count, slots);
  for (let i = 0; i < count * slots; i++) {
    batch.poleRe[i] = -decay * (1 + (i % slots));
    batch.poleIm[i] = 0.3 + 0.7 * (i % slots) + 0.01 * Math.floor(i / slots);
    batch.weightRe[i] = 1 / (1 + (i % 5));
    batch.weightIm[i] = ((i % 3) - 1) / 4;
  }
  return { kind: 'independent', batch, poles: 'complex' };
}

/** Re sum_n w_n z_n^t of a kernel, mode by mode. */
function valueAt(systems: LayerSystems, kernel: number, t: number): number {
  if (systems.kind !== 'independent') throw new Error('kernels expected');
  const { slots, poleRe, poleIm, weightRe, weightIm } = systems.batch;
  let sum = 0;
  for (let i = kernel * slots; i < (kernel + 1) * slots; i++) {
    const size = Math.exp(poleRe[i] * t);
    const [c, s] = [Math.cos(poleIm[i] * t), Math.sin(poleIm[i] * t)];
    sum += size * (weightRe[i] * c - weightIm[i] * s);
  }
  return sum;
}

/** |sum_t k_t e^{-i omega t}|, summed until nothing is left. */
function gainAt(kernel: (t: number) => number, omega: number, steps: number): number {
  let [re, im] = [0, 0];
  for (let t = 0; t < steps; t++) {
    re += kernel(t) * Math.cos(omega * t);
    im -= kernel(t) * Math.sin(omega * t);
  }
  return Math.hypot(re, im);
}

function curveOf({ curves }: LayerDescription['impulse'], id: string) {
  const found = curves.find((curve) => curve.id === id);
  if (found === undefined) throw new Error(`no curve ${id}`);
  return found;
}

const median = (values: number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
};

const far = (values: ArrayLike<number>): number[] =>
  [0, 1, 7, Math.floor(values.length / 2), values.length - 1].filter((i) => i < values.length);

describe('one kernel', () => {
  const original = kernels(3, 4, 0.02);
  const reduced = kernels(3, 2, 0.03);
  const found = describeLayer({ original, reduced, channel: 1, horizon: 300 });

  it('is drawn as its impulse response, before, after and their difference', () => {
    const { x } = found.impulse;
    expect(found).toMatchObject({ channels: 3, sampled: 1, compared: true, steps: 300 });
    for (const i of far(x)) {
      const [p, q] = [valueAt(original, 1, x[i]), valueAt(reduced, 1, x[i])];
      expect(curveOf(found.impulse, 'original').value[i]).toBeCloseTo(p, 10);
      expect(curveOf(found.impulse, 'reduced').value[i]).toBeCloseTo(q, 10);
      expect(curveOf(found.impulse, 'difference').value[i]).toBeCloseTo(p - q, 10);
    }
  });

  it('is drawn as the gain that its sum over time has, also where it resonates', () => {
    const { x } = found.frequency;
    expect([...x]).toContain(0.31); // the phase of its first pole
    for (const i of far(x)) {
      const gain = gainAt((t) => valueAt(original, 1, t), x[i], 3000);
      expect(curveOf(found.frequency, 'original').value[i] / gain).toBeCloseTo(1, 8);
      const error = gainAt((t) => valueAt(original, 1, t) - valueAt(reduced, 1, t), x[i], 3000);
      expect(curveOf(found.frequency, 'difference').value[i] / error).toBeCloseTo(1, 8);
    }
  });

  it('keeps the extremes of a response that has more steps than a chart has places', () => {
    const slow = kernels(1, 1, 1e-4);
    const { impulse, steps } = describeLayer({ original: slow, channel: 0, horizon: 20_000 });
    expect(steps).toBe(20_000);
    expect(impulse.x.length).toBeLessThan(2000);
    const all = Array.from({ length: steps }, (_, t) => valueAt(slow, 0, t));
    expect(Math.min(...curveOf(impulse, 'original').value)).toBeCloseTo(Math.min(...all), 10);
    expect(Math.max(...curveOf(impulse, 'original').value)).toBeCloseTo(Math.max(...all), 10);
  });

  it('shows its poles in the plane, slowest first, and none of the slots that only pad', () => {
    const padded = kernels(1, 3, 0.05);
    if (padded.kind !== 'independent') throw new Error('kernels expected');
    padded.batch.weightRe[2] = padded.batch.weightIm[2] = 0;
    const { original: poles } = describeLayer({ original: padded, channel: 0, horizon: 50 }).poles;
    expect(poles.re).toHaveLength(2);
    expect(poles.re[0]).toBeCloseTo(Math.exp(-0.05) * Math.cos(0.3), 12);
    expect(poles.im[1]).toBeCloseTo(Math.exp(-0.1) * Math.sin(1), 12);
    expect([...poles.logRe]).toEqual([-0.05, -0.1]);
  });

  it('has the singular values of its Hankel matrix', () => {
    const one = kernels(1, 1, 0.5);
    const { hankel } = describeLayer({ original: one, channel: 0, horizon: Infinity });
    // for k_t = Re(w z^t), H = Re(w z^{i+j}): H^2 summed by hand over a 200 x 200 corner
    const H = Array.from({ length: 200 }, (_, i) =>
      Array.from({ length: 200 }, (__, j) => valueAt(one, 0, i + j)),
    );
    const trace = H.reduce((sum, row, i) => sum + row[i], 0);
    const square = H.reduce((sum, row) => sum + row.reduce((s, v) => s + v * v, 0), 0);
    const [first, second] = curveOf(hankel, 'original').value;
    expect(first ** 2 + second ** 2).toBeCloseTo(square, 9);
    expect(
      [
        Math.abs(trace - (first + second)),
        Math.abs(trace - (first - second)),
        Math.abs(trace + first - second),
        Math.abs(trace + first + second),
      ].sort((a, b) => a - b)[0],
    ).toBeLessThan(1e-9);
  });
});

describe('all kernels', () => {
  const original = kernels(9, 3, 0.02);

  it('are drawn as median, quartiles and greatest over the channels', () => {
    const { impulse, frequency } = describeLayer({ original, horizon: 400 });
    const { value, low = [], high = [], most = [] } = curveOf(impulse, 'original');
    for (const i of far(impulse.x)) {
      const sizes = Array.from({ length: 9 }, (_, k) =>
        Math.abs(valueAt(original, k, impulse.x[i])),
      );
      expect(value[i]).toBeCloseTo(median(sizes), 10);
      expect(most[i]).toBeCloseTo(Math.max(...sizes), 10);
      expect(low[i]).toBeLessThanOrEqual(value[i]);
      expect(high[i]).toBeGreaterThanOrEqual(value[i]);
    }
    const at = frequency.x.length - 1;
    const gains = Array.from({ length: 9 }, (_, k) =>
      gainAt((t) => valueAt(original, k, t), frequency.x[at], 3000),
    );
    expect(curveOf(frequency, 'original').value[at] / median(gains)).toBeCloseTo(1, 8);
  });

  it('take the largest of an interval where there are more steps than places', () => {
    const slow = kernels(2, 1, 1e-4);
    const { impulse } = describeLayer({ original: slow, horizon: 20_000 });
    const [from, to] = [impulse.x[3], impulse.x[4]];
    const sizes = Array.from({ length: to - from }, (_, t) =>
      Math.max(Math.abs(valueAt(slow, 0, from + t)), Math.abs(valueAt(slow, 1, from + t))),
    );
    expect(curveOf(impulse, 'original').most?.[3]).toBeCloseTo(Math.max(...sizes), 10);
  });

  it('are sampled where they are too many, and their poles thinned out', () => {
    const { sampled, channels, poles } = describeLayer({
      original: kernels(700, 8, 0.5),
      horizon: 8,
    });
    expect(channels).toBe(700);
    expect(sampled).toBeLessThan(700);
    expect(poles.original.re.length).toBeLessThanOrEqual(3000);
  });

  it('are not compared with a layer of other channels', () => {
    const found = describeLayer({ original, reduced: kernels(8, 2, 0.1), horizon: 50 });
    expect(found.compared).toBe(false);
    expect(found.impulse.curves).toHaveLength(1);
  });

  it('of a tied layer have the poles that they run with', () => {
    const tied: TiedSystems = {
      kind: 'tied',
      groups: [
        {
          kernels: Int32Array.of(1, 0),
          system: {
            poles: { re: Float64Array.of(-1), im: Float64Array.of(2) },
            weights: { rows: 2, cols: 1, re: Float64Array.of(1, 3), im: new Float64Array(2) },
            steps: Float64Array.of(0.1, 0.2),
          },
        },
      ],
    };
    const { impulse, poles } = describeLayer({ original: tied, channel: 1, horizon: 40 });
    const at5 = curveOf(impulse, 'original').value[impulse.x.indexOf(5)];
    expect(at5).toBeCloseTo(Math.exp(-0.5) * Math.cos(1), 12);
    expect(poles.original.logRe[0]).toBeCloseTo(-0.1, 12);
  });
});

describe('a system with matrices B and C', () => {
  const system = {
    poles: examplePoles(5, 0.05, 0.9),
    B: exampleMatrix(5, 3, 1),
    C: exampleMatrix(4, 5, 2),
  };
  const original: MimoSystem = { kind: 'mimo', system };

  /** Root sum of squares over the inputs of Re(C diag(z^t) B) in one row. */
  function row({ system: { poles, B, C } }: MimoSystem, output: number, t: number): number[] {
    return Array.from({ length: B.cols }, (_, j) => {
      let sum = 0;
      for (let k = 0; k < poles.re.length; k++) {
        const size = Math.exp(poles.re[k] * t);
        const [zr, zi] = [size * Math.cos(poles.im[k] * t), size * Math.sin(poles.im[k] * t)];
        const [c, b] = [output * C.cols + k, k * B.cols + j];
        const [wr, wi] = [
          C.re[c] * B.re[b] - C.im[c] * B.im[b],
          C.re[c] * B.im[b] + C.im[c] * B.re[b],
        ];
        sum += wr * zr - wi * zi;
      }
      return sum;
    });
  }

  it('is drawn output by output, over all inputs together', () => {
    const reduced = exampleMimo(original, 2);
    const { impulse, frequency, kind } = describeLayer({
      original,
      reduced,
      channel: 2,
      horizon: 100,
    });
    expect(kind).toBe('outputs');
    for (const i of far(impulse.x)) {
      const before = row(original, 2, impulse.x[i]);
      const after = row(reduced, 2, impulse.x[i]);
      const errors = before.map((value, j) => value - after[j]);
      expect(curveOf(impulse, 'original').value[i]).toBeCloseTo(Math.hypot(...before), 9);
      expect(curveOf(impulse, 'difference').value[i]).toBeCloseTo(Math.hypot(...errors), 9);
    }
    const at = Math.floor(frequency.x.length / 2);
    const gains = [0, 1, 2].map((j) =>
      gainAt((t) => row(original, 2, t)[j], frequency.x[at], 2000),
    );
    expect(curveOf(frequency, 'original').value[at] / Math.hypot(...gains)).toBeCloseTo(1, 6);
  });

  it('has one list of Hankel singular values', () => {
    const { hankel } = describeLayer({ original, horizon: 100 });
    expect(hankel.x).toHaveLength(10);
    expect(hankel.curves[0].most).toBeUndefined();
  });

  it('with quadratic outputs is drawn by its linear part, with Hankel values that count all of it', () => {
    const forms = (size: number) =>
      Array.from({ length: 4 }, () => {
        const diagonal = Float64Array.from({ length: 25 }, (_, i) => (i % 6 === 0 ? size : 0));
        return denseForm({ rows: 5, cols: 5, re: diagonal, im: new Float64Array(25) });
      });
    const of = (size: number) =>
      describeLayer({
        original: { kind: 'lqo', system: { ...system, forms: forms(size) } },
        channel: 1,
        horizon: 100,
      });
    const linear = describeLayer({ original, channel: 1, horizon: 100 });
    expect([...of(2).impulse.curves[0].value]).toEqual([...linear.impulse.curves[0].value]);
    const largest = (size: number): number => of(size).hankel.curves[0].value[0];
    expect(largest(0) / linear.hankel.curves[0].value[0]).toBeCloseTo(1, 6);
    expect(largest(2)).toBeGreaterThan(1.1 * largest(0));
  });
});
