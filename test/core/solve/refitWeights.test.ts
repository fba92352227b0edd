import { expect, test } from 'vitest';
import { impulseResponse } from '../../../src/core/norms/kernel';
import { refitWeights } from '../../../src/core/solve/refitWeights';
import type { KernelSystems } from '../../../src/core/systems/kernels';
import { emptyModalBatch, systemOf } from '../../../src/core/systems/modal';

const horizon = 40;

/** Two kernels with three poles each, and their approximations with two. */
function layers(poles: 'complex' | 'real'): [KernelSystems, KernelSystems] {
  const make = (slots: number): KernelSystems => {
    const batch = emptyModalBatch(2, slots);
    for (let i = 0; i < 2 * slots; i++) {
      batch.poleRe[i] = -0.04 - 0.11 * ((i * 5) % 7);
      batch.weightRe[i] = 1 - 0.3 * i;
      if (poles === 'real') continue;
      batch.poleIm[i] = 0.2 + 0.45 * i;
      batch.weightIm[i] = 0.1 * i;
    }
    return { kind: 'independent', batch, poles };
  };
  return [make(3), make(2)];
}

function response(systems: KernelSystems, s: number): Float64Array {
  if (systems.kind !== 'independent') throw new Error('One pole set a kernel is expected.');
  return impulseResponse(systemOf(systems.batch, s), horizon);
}

test.each(['complex', 'real'] as const)(
  'with %s poles what is left is orthogonal to every mode',
  (poles) => {
    const [full, reduced] = layers(poles);
    const fitted = refitWeights(full, reduced, { horizon, ridge: 1e-13 });
    if (fitted.kind !== 'independent') throw new Error('The kind has changed.');
    const { batch } = fitted;
    for (let s = 0; s < 2; s++) {
      const [k, after] = [response(full, s), response(fitted, s)];
      for (let j = 2 * s; j < 2 * s + 2; j++) {
        let [re, im] = [0, 0];
        k.forEach((value, t) => {
          const size = Math.exp(batch.poleRe[j] * t) * (value - after[t]);
          re += size * Math.cos(batch.poleIm[j] * t);
          im += size * Math.sin(batch.poleIm[j] * t);
        });
        expect(Math.abs(re)).toBeLessThan(1e-9);
        expect(Math.abs(im)).toBeLessThan(1e-9);
      }
    }
  },
);
