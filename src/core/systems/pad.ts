import type { ComplexVector } from '../linalg/complex';
import type { ComplexMatrix } from '../linalg/matrix';
import type { DiagonalSystem } from './diagonal';
import type { LayerSystems } from './layer';
import { emptyModalBatch, type ModalBatch } from './modal';
import { denseForm, formMatrix, type QuadraticForm } from './quadraticForm';

/**
 * The same systems on more slots: the added ones repeat the last pole, which the layer can store since it stores it
 * already, and reach no output. Impulse responses stay bit for bit what they were, and a training that goes on can use
 * the slots. Systems that have as many slots or more are returned as they are.
 */
export function padLayer(systems: LayerSystems, slots: number): LayerSystems {
  switch (systems.kind) {
    case 'independent':
      return { ...systems, batch: padBatch(systems.batch, slots) };
    case 'tied': {
      const groups = systems.groups.map((group) => {
        const { poles, weights } = group.system;
        const system = {
          ...group.system,
          poles: repeatLast(poles, slots),
          weights: zeroColumns(weights, slots),
        };
        return { ...group, system };
      });
      return { ...systems, groups };
    }
    case 'mimo':
      return { ...systems, system: padDiagonal(systems.system, slots) };
    case 'lqo': {
      const { system } = systems;
      const forms = system.forms.map((form) => padForm(form, slots));
      return { ...systems, system: { ...padDiagonal(system, slots), forms } };
    }
  }
}

function padBatch(batch: ModalBatch, slots: number): ModalBatch {
  if (batch.slots >= slots) return batch;
  const padded = { ...emptyModalBatch(batch.count, slots), step: batch.step.slice() };
  for (let s = 0; s < batch.count; s++) {
    for (let n = 0; n < slots; n++) {
      const from = s * batch.slots + Math.min(n, batch.slots - 1);
      const to = s * slots + n;
      padded.poleRe[to] = batch.poleRe[from];
      padded.poleIm[to] = batch.poleIm[from];
      if (n >= batch.slots) continue;
      padded.weightRe[to] = batch.weightRe[from];
      padded.weightIm[to] = batch.weightIm[from];
    }
  }
  return padded;
}

/** The added states see the input of the last one, and no output sees them. */
function padDiagonal({ poles, B, C }: DiagonalSystem, slots: number): DiagonalSystem {
  if (poles.re.length >= slots) return { poles, B, C };
  const rows = (part: Float64Array): Float64Array =>
    Float64Array.from({ length: slots * B.cols }, (_, i) => {
      const row = Math.min(Math.floor(i / B.cols), B.rows - 1);
      return part[row * B.cols + (i % B.cols)];
    });
  return {
    poles: repeatLast(poles, slots),
    B: { rows: slots, cols: B.cols, re: rows(B.re), im: rows(B.im) },
    C: zeroColumns(C, slots),
  };
}

function padForm(form: QuadraticForm, slots: number): QuadraticForm {
  const M = formMatrix(form);
  if (M.rows >= slots) return form;
  const part = (values: Float64Array): Float64Array => {
    const padded = new Float64Array(slots * slots);
    for (let i = 0; i < M.rows; i++) {
      padded.set(values.subarray(i * M.cols, (i + 1) * M.cols), i * slots);
    }
    return padded;
  };
  return denseForm({ rows: slots, cols: slots, re: part(M.re), im: part(M.im) });
}

function repeatLast({ re, im }: ComplexVector, length: number): ComplexVector {
  if (re.length >= length) return { re, im };
  const extend = (part: Float64Array): Float64Array =>
    Float64Array.from({ length }, (_, i) => part[Math.min(i, part.length - 1)]);
  return { re: extend(re), im: extend(im) };
}

function zeroColumns(A: ComplexMatrix, cols: number): ComplexMatrix {
  if (A.cols >= cols) return A;
  const extend = (part: Float64Array): Float64Array => {
    const wider = new Float64Array(A.rows * cols);
    for (let i = 0; i < A.rows; i++) {
      wider.set(part.subarray(i * A.cols, (i + 1) * A.cols), i * cols);
    }
    return wider;
  };
  return { rows: A.rows, cols, re: extend(A.re), im: extend(A.im) };
}
