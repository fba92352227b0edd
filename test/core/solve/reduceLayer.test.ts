import { describe, expect, it } from 'vitest';
import {
  type LayerReduction,
  certifySystems,
  joinReductions,
  reduceSystems,
} from '../../../src/core/solve/reduceLayer';
import { type ReductionRequest, solverIds } from '../../../src/core/solve/solver';
import {
  hasKernels,
  kernelBatch,
  splitSystems,
  systemCount,
} from '../../../src/core/systems/kernels';
import type { LayerSystems } from '../../../src/core/systems/layer';
import { emptyModalBatch } from '../../../src/core/systems/modal';
import { denseForm } from '../../../src/core/systems/quadraticForm';
import type { TiedSystem } from '../../../src/core/systems/tied';
import { exampleBatch } from '../../support/batches';
import { generator, randomMatrix } from '../support/golden';

const next = generator(33);

function poles(n: number): { re: Float64Array; im: Float64Array } {
  return {
    re: Float64Array.from({ length: n }, () => -0.02 - 0.2 * Math.abs(next())),
    im: Float64Array.from({ length: n }, () => 3 * Math.abs(next())),
  };
}

function tied(channels: number): TiedSystem {
  return {
    poles: poles(6),
    weights: randomMatrix(channels, 6, next),
    steps: Float64Array.from({ length: channels }, () => Math.exp(next())),
  };
}

function realBatch(count: number, slots: number) {
  const batch = emptyModalBatch(count, slots);
  batch.poleRe.forEach((_, i) => {
    batch.poleRe[i] = Math.log((1.001 + 0.998 * next()) / 2.002);
    batch.weightRe[i] = next();
  });
  return batch;
}

const symmetric = denseForm({
  rows: 6,
  cols: 6,
  re: Float64Array.from({ length: 36 }, (_, k) => Math.cos((k % 6) + Math.floor(k / 6))),
  im: new Float64Array(36),
});

const layers: Readonly<Record<string, LayerSystems>> = {
  independent: { kind: 'independent', batch: exampleBatch(5, 6), poles: 'complex' },
  'real poles': { kind: 'independent', batch: realBatch(5, 6), poles: 'real' },
  tied: {
    kind: 'tied',
    groups: [
      {
        kernels: Int32Array.of(0, 2, 4),
        system: { ...tied(3), imagSteps: Float64Array.of(0.5, 1, 2) },
      },
      { kernels: Int32Array.of(3, 1), system: { ...tied(2), discretisation: 'bilinear' } },
    ],
  },
  mimo: {
    kind: 'mimo',
    system: { poles: poles(6), B: randomMatrix(6, 3, next), C: randomMatrix(2, 6, next) },
  },
  lqo: {
    kind: 'lqo',
    system: {
      poles: poles(6),
      B: randomMatrix(6, 1, next),
      C: randomMatrix(2, 6, next),
      forms: [symmetric, symmetric],
    },
  },
};
const request: ReductionRequest = { solver: 'newton', slots: 3, horizon: 200 };

function polesOf(systems: LayerSystems): number[] {
  return hasKernels(systems) ? [...kernelBatch(systems).poleRe] : [...systems.system.poles.re];
}

function total2(reduction: LayerReduction): number {
  return reduction.squaredErrors.reduce((sum, x) => sum + x, 0);
}

describe.each(Object.entries(layers))('a layer of kind %s', (_, systems) => {
  const reduction = reduceSystems(systems, request);
  const count = systemCount(systems);

  it('keeps its kind, has stable poles and tells what is known of every system', () => {
    expect(reduction.reduced.kind).toBe(systems.kind);
    const found = polesOf(reduction.reduced);
    expect(found.length).toBe(polesOf(systems).length / 2);
    expect(found.every((x) => x < 0)).toBe(true);
    for (const list of [
      reduction.traces,
      reduction.hankel,
      reduction.norms,
      reduction.squaredErrors,
    ]) {
      expect(list.length).toBe(count);
    }
    for (const values of reduction.hankel) {
      values.forEach((s, i) => {
        if (i > 0) expect(s).toBeLessThanOrEqual(values[i - 1] * (1 + 1e-12));
      });
      expect(values[0]).toBeGreaterThan(0);
    }
  });
  it('is certified: the bound lies at or above the estimate, and close', () => {
    const { errors } = certifySystems(systems, reduction.reduced, request.horizon);
    errors.forEach((error, s) => {
      const estimate = Math.sqrt(reduction.squaredErrors[s]);
      expect(Math.abs(error - estimate)).toBeLessThan(1e-5 * reduction.norms[s]);
      expect(error).toBeLessThan(reduction.norms[s]);
    });
  });
  it('is at least as good by the joint solver as by balanced truncation', () => {
    const simple = reduceSystems(systems, { ...request, solver: 'balanced' });
    expect(total2(reduction)).toBeLessThanOrEqual(total2(simple) * (1 + 1e-6));
  });
  it('gives the same in parts as whole', () => {
    const parts = splitSystems(systems, 2);
    const whole = joinReductions(
      parts,
      parts.map((part) => reduceSystems(part.systems, request)),
    );
    expect(whole).toEqual(reduction);
  });
  it('parts own their memory', () => {
    for (const { systems: part } of splitSystems(systems, 2)) {
      const own = hasKernels(part) ? kernelBatch(part).poleRe : part.system.poles.re;
      expect(own.buffer.byteLength).toBe(own.byteLength);
    }
  });
  it('with all its poles stays what it is', () => {
    const same = reduceSystems(systems, { ...request, slots: 6 });
    const { errors } = certifySystems(systems, same.reduced, request.horizon);
    errors.forEach((error, s) => {
      expect(error).toBeLessThan(1e-10 * same.norms[s]);
    });
    expect(same.traces.every(({ stop }) => stop === 'exact')).toBe(true);
  });
  it('does what every method can, and says why not', () => {
    for (const solver of solverIds) {
      try {
        const { reduced } = reduceSystems(systems, { ...request, solver });
        expect(reduced.kind).toBe(systems.kind);
      } catch (error) {
        expect(error).toMatchObject({ reason: 'bad-request' });
        expect(String(error)).toMatch(/newton/);
      }
    }
    for (const wrong of [{ slots: 0 }, { slots: 7 }, { horizon: 0 }, { horizon: 2.5 }]) {
      expect(() => reduceSystems(systems, { ...request, ...wrong })).toThrow(
        expect.objectContaining({ reason: 'bad-request' }),
      );
    }
  });
});

it('groups that do not fit together are refused', () => {
  const twice: LayerSystems = {
    kind: 'tied',
    groups: [{ kernels: Int32Array.of(0, 0), system: tied(2) }],
  };
  expect(() => kernelBatch(twice)).toThrow(expect.objectContaining({ reason: 'internal' }));
  expect(() => certifySystems(layers.mimo, layers.tied, 10)).toThrow(
    expect.objectContaining({ reason: 'internal' }),
  );
});
