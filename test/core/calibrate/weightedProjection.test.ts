import { describe, expect, it } from 'vitest';
import { createGrid, multiplicity } from '../../../src/core/calibrate/spectrumGrid';
import { WeightedProjection } from '../../../src/core/calibrate/weightedProjection';
import {
  finiteResponse,
  weightedTarget,
  type WeightedTarget,
} from '../../../src/core/calibrate/weightedTarget';
import { createTarget, VariableProjection } from '../../../src/core/objective/varpro';
import type { ModalSystem } from '../../../src/core/systems/modal';
import { poleSetOf } from '../../../src/core/systems/poleSet';
import { kernelOf } from '../support';
import { exampleSystem, randomNumbers } from './support';

const horizon = 48;

/** Spectra as of inputs that are mostly slow, with a cross spectrum that is not real. */
function exampleTarget(system: ModalSystem, seed: number, skip = 0.3): WeightedTarget {
  const grid = createGrid(horizon);
  const random = randomNumbers(seed);
  const power = Float64Array.from({ length: grid.points }, (_, m) => 0.1 + random() + 30 / (1 + m));
  const spectra = {
    power,
    crossRe: power.map((value) => value * (0.8 + 0.3 * random())),
    crossIm: power.map((value) => value * (random() - 0.5) * 0.3),
  };
  return weightedTarget(grid, finiteResponse(grid, system, skip), spectra, 1e-6);
}

function whiteTarget(system: ModalSystem): WeightedTarget {
  const grid = createGrid(horizon);
  const ones = new Float64Array(grid.points).fill(1 / grid.length);
  const spectra = { power: ones, crossRe: ones, crossIm: new Float64Array(grid.points) };
  return weightedTarget(grid, finiteResponse(grid, system, 0), spectra, 0);
}

const poles = {
  re: Float64Array.of(-0.02, -0.1, -0.05),
  im: Float64Array.of(0.3, 1.1, 2),
};

function poleSetAt(x: Float64Array) {
  const r = x.length / 2;
  return poleSetOf({ re: x.slice(0, r).map((v) => -Math.exp(v)), im: x.slice(r) }, horizon);
}

const start = Float64Array.of(...poles.re.map((v) => Math.log(-v)), ...poles.im);

describe('weighted projection', () => {
  it('is the plain h² error where every frequency weighs the same', () => {
    const system = exampleSystem(1);
    const set = poleSetOf(poles, horizon);
    const h2 = new VariableProjection(createTarget(system, horizon), 3, 0);
    const weighted = new WeightedProjection(whiteTarget(system), 3, false, 0);
    expect(weighted.derivatives(set)).toBeCloseTo(h2.derivatives(set), 10);
    for (let i = 0; i < 6; i++) expect(weighted.gradient[i]).toBeCloseTo(h2.gradient[i], 9);
    for (let i = 0; i < 36; i++) expect(weighted.hessian[i]).toBeCloseTo(h2.hessian[i], 8);
  });

  it('differentiates like differences of its values', () => {
    for (const freeSkip of [false, true]) {
      const target = exampleTarget(exampleSystem(2), 3);
      for (const ridge of [0, 1e-3]) {
        const projection = new WeightedProjection(target, 3, freeSkip, ridge);
        const at = (x: Float64Array): number => projection.value(poleSetAt(x));
        const value = projection.derivatives(poleSetAt(start));
        const gradient = projection.gradient.slice();
        const hessian = projection.hessian.slice();
        const h = 1e-5;
        for (let i = 0; i < 6; i++) {
          const moved = (step: number): Float64Array =>
            start.map((v, k) => (k === i ? v + step : v));
          const slope = (at(moved(h)) - at(moved(-h))) / (2 * h);
          expect(Math.abs(gradient[i] - slope)).toBeLessThan(1e-6 * value);
          if (ridge > 0) continue;
          projection.derivatives(poleSetAt(moved(h)));
          const up = projection.gradient.slice();
          projection.derivatives(poleSetAt(moved(-h)));
          const down = projection.gradient.slice();
          for (let j = 0; j < 6; j++) {
            const curvature = (up[j] - down[j]) / (2 * h);
            expect(Math.abs(hessian[6 * i + j] - curvature)).toBeLessThan(1e-5 * value);
          }
        }
      }
    }
  });

  it('is the squared output error of the reduced channel on the inputs themselves', () => {
    const random = randomNumbers(9);
    const system = exampleSystem(4);
    const grid = createGrid(horizon);
    const inputs = [0, 1, 2].map(() =>
      Float64Array.from({ length: horizon }, () => random() - 0.2),
    );
    const received = inputs.map((u) => u.map((v) => 0.9 * v + 0.2 * random()));
    const [power, crossRe, crossIm] = [0, 1, 2].map(() => new Float64Array(grid.points));
    inputs.forEach((u, b) => {
      for (let m = 0; m < grid.points; m++) {
        const [x, y] = [transform(u, m, grid.length), transform(received[b], m, grid.length)];
        power[m] += y[0] ** 2 + y[1] ** 2;
        crossRe[m] += x[0] * y[0] + x[1] * y[1];
        crossIm[m] += x[1] * y[0] - x[0] * y[1];
      }
    });
    const spectra = { power, crossRe, crossIm };
    const target = weightedTarget(grid, finiteResponse(grid, system, 0.4), spectra, 0);
    const projection = new WeightedProjection(target, 3, true, 0);
    const value = projection.value(poleSetOf(poles, horizon)) / grid.length;
    // the same least-squares problem in the time domain, by brute force over both solutions
    const k = kernelOf(system, horizon);
    k[0] += 0.4;
    const reduced = kernelOf(
      { poles, weights: { re: projection.weightRe, im: projection.weightIm }, step: 1 },
      horizon,
    );
    reduced[0] += projection.skip;
    let total = 0;
    let constant = 0;
    inputs.forEach((u, b) => {
      const y = convolve(k, u);
      const z = convolve(reduced, received[b]);
      total += y.reduce((sum, v, t) => sum + (v - z[t]) ** 2, 0);
    });
    for (let m = 0; m < grid.points; m++) {
      const y = inputs.map((u) =>
        times(transform(k, m, grid.length), transform(u, m, grid.length)),
      );
      const size = y.reduce((sum, [re, im]) => sum + re * re + im * im, 0);
      const [tr, ti] = [target.values[m], target.values[grid.points + m]];
      constant += multiplicity(grid, m) * size - (tr * tr + ti * ti);
    }
    expect(value + constant / grid.length).toBeCloseTo(total, 8);
  });
});

function transform(x: Float64Array, m: number, length: number): [number, number] {
  let [re, im] = [0, 0];
  x.forEach((v, t) => {
    re += v * Math.cos((2 * Math.PI * m * t) / length);
    im -= v * Math.sin((2 * Math.PI * m * t) / length);
  });
  return [re, im];
}

function times([a, b]: [number, number], [c, d]: [number, number]): [number, number] {
  return [a * c - b * d, a * d + b * c];
}

function convolve(a: Float64Array, b: Float64Array): Float64Array {
  const out = new Float64Array(a.length + b.length - 1);
  a.forEach((x, i) => {
    b.forEach((y, j) => {
      out[i + j] += x * y;
    });
  });
  return out;
}
