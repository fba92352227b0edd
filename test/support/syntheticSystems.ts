import type { ComplexVector } from '../../src/core/linalg/complex';
import { type ComplexMatrix, complexMatrix } from '../../src/core/linalg/matrix';
import type { IndependentSystems, MimoSystem, TiedSystems } from '../../src/core/systems/layer';
import { emptyModalBatch } from '../../src/core/systems/modal';

/** Numbers between -1 and 1, the same at every call. */
export function seededNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return (2 * state) / 2147483647 - 1;
  };
}

/**
 * Poles lambda as a reduction may find them: on both sides of the real axis, slow and fast ones; the second one is real.
 */
export function examplePoles(count: number, decay: number, frequency: number): ComplexVector {
  const next = seededNumbers(17);
  const re = Float64Array.from({ length: count }, () => -decay * Math.exp(1.5 * next()));
  const im = Float64Array.from({ length: count }, () => frequency * next());
  if (count > 1) im[1] = 0;
  return { re, im };
}

/** A matrix of such numbers. Its last column is zero where asked for: a slot that is only padding. */
export function exampleMatrix(
  rows: number,
  cols: number,
  seed: number,
  padded = false,
): ComplexMatrix {
  const next = seededNumbers(seed);
  const M = complexMatrix(rows, cols);
  for (let at = 0; at < rows * cols; at++) {
    if (padded && at % cols === cols - 1) continue;
    M.re[at] = next();
    M.im[at] = next();
  }
  return M;
}

/** Smaller systems at the steps of tied ones; the last slot is padding. */
export function exampleTied(original: TiedSystems, slots: number): TiedSystems {
  const groups = original.groups.map(({ kernels, system }) => {
    const poles = examplePoles(slots, 0.5, 20);
    return {
      kernels,
      system: { ...system, poles, weights: exampleMatrix(kernels.length, slots, 5, true) },
    };
  });
  return { kind: 'tied', groups };
}

/** A smaller system with the inputs and outputs of another one, in discrete time; the last slot is padding. */
export function exampleMimo({ system }: MimoSystem, slots: number): MimoSystem {
  const poles = examplePoles(slots, 0.05, 4);
  const B = exampleMatrix(slots, system.B.cols, 7);
  const C = exampleMatrix(system.C.rows, slots, 11, true);
  return { kind: 'mimo', system: { poles, B, C } };
}

/** Systems of real decaying modes, from very slow ones to ones that end at once; the last slot is padding. */
export function exampleRealBatch(count: number, slots: number): IndependentSystems {
  const next = seededNumbers(29);
  const batch = emptyModalBatch(count, slots);
  for (let at = 0; at < count * slots; at++) {
    batch.poleRe[at] = -Math.exp(7 * next() - 3);
    batch.weightRe[at] = at % slots === slots - 1 ? 0 : next();
  }
  return { kind: 'independent', batch, poles: 'real' };
}
