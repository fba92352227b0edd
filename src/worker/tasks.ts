import { certifiedError, h2NormBelow } from '../core/norms/certified';
import { modalError2 } from '../core/objective/modalError';
import { createTarget } from '../core/objective/varpro';
import { reduceBatch } from '../core/solve/reduce';
import type { ReductionRequest, SolverTrace } from '../core/solve/solver';
import { sliceModalBatch, systemOf, type ModalBatch } from '../core/systems/modal';
import { calibrationRunner, type CalibrationTasks } from './calibrate/tasks';

/** Pieces of work that a computing thread does: pure functions of a few systems. */
export interface Tasks extends CalibrationTasks {
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
  ...calibrationRunner,

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

/** Does one task. */
export function runTask<K extends TaskKind>(kind: K, input: Tasks[K]['input']): Tasks[K]['output'] {
  return taskRunner[kind](input);
}

function indices(batch: ModalBatch): number[] {
  return [...Array(batch.count).keys()];
}
