import { describe, expect, it } from 'vitest';
import { errorNorm } from '../../../src/core/objective/errorNorm';
import { balance, truncate } from '../../../src/core/start/balanced';
import { fromWeights, modeWeights } from '../../../src/core/systems/diagonal';
import {
  type Pair,
  distance,
  goldenCases,
  horizonOf,
  spectralDistance,
  vector,
} from '../support/golden';
import type { ComplexVector } from '../../../src/core/linalg/complex';

interface Case {
  kind: 'dt' | 'ct' | 'dt-ill';
  horizon: number | null;
  log_poles: Pair[];
  weights: Pair[];
  hsv: number[];
  roms: { r: number; poles: Pair[]; weights: Pair[]; stable: boolean; err2_complex: number }[];
}

const exponential = ({ re, im }: ComplexVector): ComplexVector => ({
  re: re.map((x, i) => Math.exp(x) * Math.cos(im[i])),
  im: re.map((x, i) => Math.exp(x) * Math.sin(im[i])),
});

describe.each(goldenCases<Case>('06_bt'))('balanced truncation, $kind, horizon $horizon', (c) => {
  const time = c.kind === 'ct' ? 'continuous' : 'discrete';
  const span = { time, horizon: horizonOf(c.horizon) } as const;
  const full = fromWeights(vector(c.log_poles), vector(c.weights));
  const form = balance(full, span);
  it('has the Hankel singular values of the golden file', () => {
    c.hsv.forEach((s, i) => {
      expect(Math.abs(form.hankel[i] / s - 1)).toBeLessThan(1e-12 + (1e-15 * c.hsv[0]) / s);
    });
    expect(form.rank).toBe(c.hsv.length);
  });
  it.each(c.roms)('has its truncation of order $r', (rom) => {
    const reduced = truncate(form, rom.r);
    const poles = time === 'discrete' ? exponential(reduced.poles) : reduced.poles;
    const tolerance = c.kind === 'dt-ill' ? 1e-9 : 1e-11;
    expect(spectralDistance(poles, vector(rom.poles))).toBeLessThan(tolerance);
    expect(Math.max(...reduced.poles.re) < 0).toBe(rom.stable);
    expect(Math.abs(errorNorm(full, reduced, span) ** 2 / rom.err2_complex - 1)).toBeLessThan(1e-9);
    // the order of the poles is free: compare weights summed against powers of the poles
    const w = modeWeights(reduced);
    const [mine, golden] = [moments(poles, w), moments(vector(rom.poles), vector(rom.weights))];
    expect(distance(mine, golden)).toBeLessThan(tolerance);
  });
});

/** sum_j w_j z_j^k for k < 2 r: with the poles known it determines the weights. */
function moments(z: ComplexVector, w: ComplexVector): ComplexVector {
  const count = 2 * z.re.length;
  const m = { re: new Float64Array(count), im: new Float64Array(count) };
  for (let j = 0; j < z.re.length; j++) {
    let [re, im] = [w.re[j], w.im[j]];
    for (let k = 0; k < count; k++) {
      m.re[k] += re;
      m.im[k] += im;
      [re, im] = [re * z.re[j] - im * z.im[j], re * z.im[j] + im * z.re[j]];
    }
  }
  return m;
}
