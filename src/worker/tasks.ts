import { certifiedError, h2NormBelow } from '../core/norms/certified';
import { modalError2 } from '../core/objective/modalError';
import { createTarget } from '../core/objective/varpro';
import { reduceBatch } from '../core/solve/reduce';
import type { ReductionRequest, SolverTrace } from '../core/solve/solver';
import { sliceModalBatch, systemOf, type ModalBatch } from '../core/systems/modal';

/** Pieces of work that a computing thread does: pure functions of a few systems. */
export interface Tasks {
  /** Reduces systems and describes the originals. */
  reduce: {
    input: { readonly batch: ModalBatch; readonly request: ReductionRequest };
    output: {
      readonly reduced: ModalBatch;
      readonly traces: readonly SolverTrace[];
      /** h² norm of each original system, rounded down. */
      readonly norms: Float64Array;
      /** Hankel singular values of each original system. */
      readonly hankel: readonly Float64Array[];
      /** Estimated squared h² error of each reduced system over the horizon. */
      readonly squaredErrors: Float64Array;
    };
  };
  /** Bounds the h² error of each stored system from above. */
  certify: {
    input: { readonly original: ModalBatch; readonly stored: ModalBatch; readonly horizon: number };
    output: { readonly errors: Float64Array };
  };
}

/** Systems reduced, with what is known of them. */
export type Reduction = Tasks['reduce']['output'];

export type TaskKind = keyof Tasks;

export type TaskRunner = {
  readonly [K in TaskKind]: (input: Tasks[K]['input']) => Tasks[K]['output'];
};

/** How each kind of task is done. */
export const taskRunner: TaskRunner = {
  reduce({ batch, request }) {
    const { reduced, traces, hankelSingularValues } = reduceBatch(batch, request);
    const systems = indices(batch).map((index) => systemOf(batch, index));
    return {
      reduced,
      traces,
      norms: Float64Array.from(systems, (system) => h2NormBelow(system, request.horizon)),
      hankel: hankelSingularValues,
      // not from the traces: some solvers minimise something else, or return an iterate that is not their last
      squaredErrors: Float64Array.from(systems, (system, index) =>
        modalError2(createTarget(system, request.horizon), systemOf(reduced, index)),
      ),
    };
  },

  certify({ original, stored, horizon }) {
    const errors = indices(original).map((index) =>
      certifiedError(systemOf(original, index), systemOf(stored, index), horizon),
    );
    return { errors: Float64Array.from(errors) };
  },
};

function indices(batch: ModalBatch): number[] {
  return [...Array(batch.count).keys()];
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
