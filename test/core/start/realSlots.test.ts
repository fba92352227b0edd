import { describe, expect, test } from 'vitest';
import { createTarget } from '../../../src/core/objective/varpro';
import { fitIntoSlots, slotPoles } from '../../../src/core/start/realSlots';
import { system } from '../support';

describe('eigenvalues into slots', () => {
  test('a positive and a negative real pole do not share a slot', () => {
    const { poles } = slotPoles([0.97, -0.7], [0, 0]);
    expect([...poles.re].map((x) => x.toFixed(6))).toEqual([
      Math.log(0.97).toFixed(6),
      Math.log(0.7).toFixed(6),
    ]);
    expect(poles.im[0]).toBeLessThan(0.1);
    expect(poles.im[1]).toBeGreaterThan(Math.PI - 0.1);
  });

  test('where that needs one slot too many, the one that matters least goes', () => {
    const pole = Math.log(0.97);
    const target = createTarget(
      system(
        [
          [pole, 0],
          [-0.1, 1.2],
        ],
        [
          [1, 0],
          [1, 0.5],
        ],
      ),
      256,
    );
    const pair = [Math.exp(-0.1) * Math.cos(1.2), Math.exp(-0.1) * Math.sin(1.2)];
    const z = [pair[0], pair[0], 0.97, -0.99];
    const { poles } = fitIntoSlots(target, z, [pair[1], -pair[1], 0, 0], 2);
    expect([...poles.re].map((x) => x.toFixed(6))).toEqual(['-0.100000', pole.toFixed(6)]);
    expect(poles.im[0]).toBeCloseTo(1.2, 12);
  });

  test('a complex pair fills one, real ones share two by two, negative ones lie near pi', () => {
    const { poles } = slotPoles([0.5, 0.5, 0.9, 0.8, -0.4], [0.3, -0.3, 0, 0, 0]);
    expect([...poles.re].map((x) => x.toFixed(6))).toEqual([
      Math.log(Math.hypot(0.5, 0.3)).toFixed(6),
      ((Math.log(0.9) + Math.log(0.8)) / 2).toFixed(6),
      Math.log(0.4).toFixed(6),
    ]);
    expect(poles.im[0]).toBeCloseTo(Math.atan2(0.3, 0.5), 12);
    expect(poles.im[1]).toBeGreaterThan(0);
    expect(poles.im[1]).toBeLessThan(0.1);
    expect(poles.im[2]).toBeGreaterThan(Math.PI - 0.1);
  });

  test('unstable ones are reflected and counted', () => {
    const { poles, reflected } = slotPoles([1.1, 0], [0.1, 0]);
    expect(reflected).toBe(1);
    expect(poles.re[0]).toBeCloseTo(-Math.log(Math.hypot(1.1, 0.1)), 12);
    expect(Math.max(...poles.re)).toBeLessThan(0);
  });
});
