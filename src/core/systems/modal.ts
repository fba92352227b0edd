import type { ComplexVector } from '../linalg/complex';

/**
 * One single-input single-output system in modal form. Its impulse response is the real kernel that the network
 * convolves with,
 *     k_t = Re sum_n w_n exp(a_n t),  t = 0, 1, …
 * with log-poles a_n = lambda_n * step (Re a < 0; Im a as the parameters give it, not wrapped into (-pi, pi]) and
 * weights w_n that have absorbed every factor of the family (S4D: w = 2 C (exp(a) - 1) / lambda).
 */
export interface ModalSystem {
  /** Log-poles a_n. */
  readonly poles: ComplexVector;
  /** Weights w_n. */
  readonly weights: ComplexVector;
  /** The step Delta of the layer's discretisation (1 where it has none): lambda = a / step. */
  readonly step: number;
}

/**
 * A batch of such systems as structures of arrays, systems outermost: slot n of system s stands at index
 * s * slots + n; `step` has one entry a system.
 */
export interface ModalBatch {
  readonly count: number;
  readonly slots: number;
  readonly poleRe: Float64Array;
  readonly poleIm: Float64Array;
  readonly weightRe: Float64Array;
  readonly weightIm: Float64Array;
  readonly step: Float64Array;
}

/** A batch of zeros with steps of 1. */
export function emptyModalBatch(count: number, slots: number): ModalBatch {
  const length = count * slots;
  return {
    count,
    slots,
    poleRe: new Float64Array(length),
    poleIm: new Float64Array(length),
    weightRe: new Float64Array(length),
    weightIm: new Float64Array(length),
    step: new Float64Array(count).fill(1),
  };
}

/** Systems `from` (inclusive) to `to` (exclusive) of a batch, as views on the same memory. */
export function sliceModalBatch(batch: ModalBatch, from: number, to: number): ModalBatch {
  const [start, end] = [from * batch.slots, to * batch.slots];
  return {
    count: to - from,
    slots: batch.slots,
    poleRe: batch.poleRe.subarray(start, end),
    poleIm: batch.poleIm.subarray(start, end),
    weightRe: batch.weightRe.subarray(start, end),
    weightIm: batch.weightIm.subarray(start, end),
    step: batch.step.subarray(from, to),
  };
}

/** System `index` of a batch, as views on the same memory. */
export function systemOf(batch: ModalBatch, index: number): ModalSystem {
  const one = sliceModalBatch(batch, index, index + 1);
  return {
    poles: { re: one.poleRe, im: one.poleIm },
    weights: { re: one.weightRe, im: one.weightIm },
    step: batch.step[index] ?? 1,
  };
}

/** A copy of some systems of a batch on memory of their own, fit to be sent to a thread. */
export function cutModalBatch(batch: ModalBatch, from: number, to: number): ModalBatch {
  const part = sliceModalBatch(batch, from, to);
  return {
    count: part.count,
    slots: part.slots,
    poleRe: part.poleRe.slice(),
    poleIm: part.poleIm.slice(),
    weightRe: part.weightRe.slice(),
    weightIm: part.weightIm.slice(),
    step: part.step.slice(),
  };
}

/** Batches of the same number of slots, one after another. */
export function joinModalBatches(parts: readonly ModalBatch[]): ModalBatch {
  const join = (field: 'poleRe' | 'poleIm' | 'weightRe' | 'weightIm' | 'step'): Float64Array => {
    const joined = new Float64Array(parts.reduce((sum, part) => sum + part[field].length, 0));
    parts.reduce((offset, part) => {
      joined.set(part[field], offset);
      return offset + part[field].length;
    }, 0);
    return joined;
  };
  return {
    count: parts.reduce((sum, { count }) => sum + count, 0),
    slots: parts[0]?.slots ?? 0,
    poleRe: join('poleRe'),
    poleIm: join('poleIm'),
    weightRe: join('weightRe'),
    weightIm: join('weightIm'),
    step: join('step'),
  };
}
