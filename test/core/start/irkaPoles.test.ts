import { EigenvalueDecomposition, inverse, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { createTarget, VariableProjection } from '../../../src/core/objective/varpro';
import { newtonSolver } from '../../../src/core/solve/newton';
import { irkaPoles } from '../../../src/core/start/irkaPoles';
import { balanceReal, realBalancedPoles } from '../../../src/core/start/realBalanced';
import { realProjection } from '../../../src/core/start/realProjection';
import type { ModalSystem } from '../../../src/core/systems/modal';
import { poleSetOf } from '../../../src/core/systems/poleSet';
import { s4dLin, scattered } from '../support/systems';

type Complex = readonly [number, number];

/** Eigenvalues of (W^T V)^{-1} W^T A V with both bases summed step by step over `horizon`, in dense matrices. */
function bySteps({ poles, weights }: ModalSystem, probes: Complex[], horizon: number): Complex[] {
  const count = poles.re.length;
  const A = Matrix.zeros(2 * count, 2 * count);
  for (let i = 0; i < count; i++) {
    const [x, y] = [Math.cos(poles.im[i]), Math.sin(poles.im[i])].map(
      (part) => Math.exp(poles.re[i]) * part,
    );
    A.setSubMatrix(
      [
        [x, -y],
        [y, x],
      ],
      2 * i,
      2 * i,
    );
  }
  const input = Matrix.columnVector(Array.from({ length: 2 * count }, (_, i) => 1 - (i % 2)));
  const output = Matrix.columnVector(
    Array.from(weights.re).flatMap((re, i) => [re, -weights.im[i]]),
  );
  const basis = (dynamics: Matrix, first: Matrix): Matrix => {
    const columns = probes.flatMap(([re, im]) => {
      let state = first;
      const [real, imaginary] = [Matrix.zeros(2 * count, 1), Matrix.zeros(2 * count, 1)];
      for (let t = 0; t < horizon; t++) {
        real.add(Matrix.mul(state, Math.exp(re * t) * Math.cos(im * t)));
        imaginary.add(Matrix.mul(state, Math.exp(re * t) * Math.sin(im * t)));
        state = dynamics.mmul(state);
      }
      return im === 0 ? [real] : [real, imaginary];
    });
    return new Matrix(columns.map((column) => column.to1DArray())).transpose();
  };
  const V = basis(A, input);
  const W = basis(A.transpose(), output);
  const reduced = inverse(W.transpose().mmul(V)).mmul(W.transpose().mmul(A).mmul(V));
  const { realEigenvalues, imaginaryEigenvalues } = new EigenvalueDecomposition(reduced);
  return realEigenvalues.map((re, i): Complex => [re, imaginaryEigenvalues[i]]);
}

function nearest(z: Complex, others: readonly Complex[]): number {
  return Math.min(...others.map(([re, im]) => Math.hypot(re - z[0], im - z[1])));
}

describe('the real projection', () => {
  const probes: Complex[] = [
    [-0.3, 0.7],
    [-0.2, 0],
    [-0.05, 2],
  ];
  it.each([
    [40, 40],
    [Infinity, 4000],
  ])('over %d steps has the poles of dense projections with summed bases', (horizon, steps) => {
    const system = scattered(7, 4);
    const full = {
      poles: poleSetOf(system.poles, horizon),
      weightRe: system.weights.re,
      weightIm: system.weights.im,
    };
    const start = {
      re: Float64Array.from(probes, ([re]) => re),
      im: Float64Array.from(probes, ([, im]) => im),
    };
    const found = realProjection(full, start);
    const images = Array.from(found?.re ?? [], (re, i): Complex => {
      const size = Math.exp(re);
      return [size * Math.cos(found!.im[i]), size * Math.sin(found!.im[i])];
    });
    const expected = bySteps(system, probes, steps);
    expect(images.length).toBe(5);
    for (const z of images) expect(nearest(z, expected)).toBeLessThan(1e-8);
    for (const z of expected) expect(nearest(z, images)).toBeLessThan(1e-8);
  });
});

describe('IRKA as a start', () => {
  const balancedPoles = (system: ModalSystem, slots: number, horizon: number) => {
    const balanced = balanceReal(createTarget(system, horizon));
    return { balanced, ...realBalancedPoles(balanced, slots) };
  };

  it('comes to rest where the infinite-horizon error is stationary', () => {
    const { balanced, poles } = balancedPoles(scattered(10, 3), 2, Infinity);
    const found = irkaPoles(balanced.target, poles, 2, [1000]);
    expect(found.length).toBe(1);
    const projection = new VariableProjection(balanced.target, 2, 1e-14);
    const slope = (at: typeof poles): number => {
      projection.derivatives(poleSetOf(at, Infinity));
      return Math.hypot(...projection.gradient);
    };
    expect(slope(found[0])).toBeLessThan(1e-4 * slope(poles));
  });

  it('gives the iterates asked for, and none for a system that answers nothing', () => {
    const { balanced, poles } = balancedPoles(s4dLin(12, 0.05, 2), 3, 256);
    const found = irkaPoles(balanced.target, poles, 3, [1, 3]);
    expect(found.length).toBe(2);
    expect(found[0]).not.toEqual(found[1]);
    expect(irkaPoles(balanced.target, poles, 3, [1])).toEqual([found[0]]);
    const silent = { ...balanced.target, weightRe: new Float64Array(12) };
    const nothing = { ...silent, weightIm: new Float64Array(12), norm2: 0 };
    expect(irkaPoles(nothing, poles, 3, [1, 3])).toEqual([]);
  });

  it.each([1, 2, 3, 4, 5, 6])('is never better than the solver it serves (system %i)', (seed) => {
    const { balanced, poles } = balancedPoles(scattered(12, seed), 3, 300);
    const projection = new VariableProjection(balanced.target, 3);
    const result = newtonSolver(balanced, 3);
    const value = projection.value(poleSetOf(result.poles, 300));
    for (const iterate of irkaPoles(balanced.target, poles, 3, [1, 2, 50])) {
      if (iterate.re.length < 3) continue;
      const start = projection.value(poleSetOf(iterate, 300));
      expect(value).toBeLessThanOrEqual(start * (1 + 1e-9));
    }
  });
});
