import { describe, expect, it } from 'vitest';
import { joinCurves, orderCurve } from '../../../src/core/describe/orderCurve';
import { certifySystems, reduceSystems } from '../../../src/core/solve/reduceLayer';
import type { LayerSystems } from '../../../src/core/systems/layer';
import { emptyModalBatch } from '../../../src/core/systems/modal';
import { exampleMatrix, examplePoles, exampleRealBatch } from '../../support/syntheticSystems';

const horizon = 200;
const slots = [1, 2, 4];

function independent(count: number, n: number): LayerSystems {
  const batch = emptyModalBatch(count, n);
  for (let s = 0; s < count; s++) {
    const poles = examplePoles(n, 0.03 + 0.01 * s, 0.4);
    batch.poleRe.set(poles.re, s * n);
    batch.poleIm.set(poles.im, s * n);
    const weights = exampleMatrix(1, n, s + 1);
    batch.weightRe.set(weights.re, s * n);
    batch.weightIm.set(weights.im, s * n);
  }
  return { kind: 'independent', batch, poles: 'complex' };
}

function tied(count: number, n: number): LayerSystems {
  const system = {
    poles: examplePoles(n, 0.5, 3),
    weights: exampleMatrix(count, n, 7),
    steps: Float64Array.from({ length: count }, (_, h) => 0.05 * (1 + h)),
  };
  return {
    kind: 'tied',
    groups: [{ kernels: Int32Array.from({ length: count }, (_, k) => k), system }],
  };
}

/** What the certified bounds of a reduction say, relative to the same unit. */
function certified(systems: LayerSystems, r: number): number {
  const { reduced } = reduceSystems(systems, { slots: r, solver: 'newton', horizon });
  return Math.hypot(...certifySystems(systems, reduced, horizon).errors);
}

const error = (curve: ReturnType<typeof orderCurve>, i: number): number =>
  Math.sqrt(curve.squaredErrors[i].reduce((sum, value) => sum + value, 0));

describe('error against order', () => {
  it('of kernels with poles of their own is what the solver reaches, and falls with the order', () => {
    const systems = independent(2, 6);
    const curve = orderCurve({ systems, channels: [0, 1], slots, horizon });
    slots.forEach((r, i) => {
      expect(error(curve, i) / certified(systems, r)).toBeGreaterThan(0.5);
      expect(error(curve, i) / certified(systems, r)).toBeLessThan(1.25);
      if (i > 0) expect(error(curve, i)).toBeLessThanOrEqual(error(curve, i - 1));
    });
  });

  it('is the same asked kernel by kernel', () => {
    const systems = independent(2, 6);
    const whole = orderCurve({ systems, channels: [0, 1], slots: [2, 4], horizon });
    const parts = [0, 1].map((k) => orderCurve({ systems, channels: [k], slots: [2, 4], horizon }));
    expect(joinCurves(parts)).toEqual(whole);
  });

  it.each<[string, LayerSystems]>([
    ['shared poles', tied(4, 8)],
    [
      'matrices B and C',
      {
        kind: 'mimo',
        system: {
          poles: examplePoles(8, 0.04, 0.5),
          B: exampleMatrix(8, 2, 3),
          C: exampleMatrix(3, 8, 4),
        },
      },
    ],
  ])(
    'of a layer with %s is not below what the solver reaches, and within reach of it',
    (_, systems) => {
      const curve = orderCurve({ systems, channels: [], slots, horizon });
      const norm = Math.sqrt(curve.squaredNorms.reduce((sum, value) => sum + value, 0));
      slots.forEach((r, i) => {
        expect(error(curve, i)).toBeGreaterThan(0.999 * certified(systems, r));
        expect(error(curve, i)).toBeLessThan(norm);
        if (i > 0) expect(error(curve, i)).toBeLessThan(error(curve, i - 1));
      });
    },
  );

  it('of real poles keeps them real', () => {
    const systems = exampleRealBatch(2, 6);
    const curve = orderCurve({ systems, channels: [0, 1], slots: [1, 2, 3], horizon });
    [1, 2, 3].forEach((r, i) => {
      expect(error(curve, i) / certified(systems, r)).toBeCloseTo(1, 3);
    });
  });
});
