import { emptyModalBatch, type ModalBatch } from '../../src/core/systems/modal';

/** Systems with well separated decaying modes, different from each other, the same at every call. */
export function exampleBatch(count: number, slots: number): ModalBatch {
  const batch = emptyModalBatch(count, slots);
  for (let system = 0; system < count; system++) {
    for (let slot = 0; slot < slots; slot++) {
      const at = system * slots + slot;
      batch.poleRe[at] = -0.01 * (1 + slot) * (1 + 0.1 * system);
      batch.poleIm[at] = 0.3 * slot + 0.01 * system;
      batch.weightRe[at] = 1 / (1 + slot);
      batch.weightIm[at] = 0.2 * Math.sin(1 + slot + system);
    }
    batch.step[system] = 0.01 * (1 + system);
  }
  return batch;
}
