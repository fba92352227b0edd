import {
  type CertifiedErrors,
  type LayerReduction,
  certifySystems,
  reduceSystems,
} from '../core/solve/reduceLayer';
import { type Refit, refitWeights } from '../core/solve/refitWeights';
import type { ReductionRequest } from '../core/solve/solver';
import type { KernelSystems } from '../core/systems/kernels';
import type { LayerSystems } from '../core/systems/layer';
import { calibrationRunner, type CalibrationTasks } from './calibrate/tasks';
import { evaluateRunner, type EvaluateTasks } from './evaluate/tasks';

/** Pieces of work that a computing thread does: pure functions of a few systems. */
export interface Tasks extends CalibrationTasks, EvaluateTasks {
  /** Reduces a layer or a part of one (`splitSystems`) and describes the original. */
  reduce: {
    input: { readonly systems: LayerSystems; readonly request: ReductionRequest };
    output: LayerReduction;
  };
  /** Bounds the h² errors of stored systems from above. */
  certify: {
    input: {
      readonly original: LayerSystems;
      readonly stored: LayerSystems;
      readonly horizon: number;
    };
    output: CertifiedErrors;
  };
  /** Weights anew for the poles that are stored. */
  refit: {
    input: {
      readonly original: KernelSystems;
      readonly reduced: KernelSystems;
      readonly how: Refit;
    };
    output: KernelSystems;
  };
}

export type TaskKind = keyof Tasks;

export type TaskRunner = {
  readonly [K in TaskKind]: (input: Tasks[K]['input']) => Tasks[K]['output'];
};

/** How each kind of task is done. */
export const taskRunner: TaskRunner = {
  ...calibrationRunner,
  ...evaluateRunner,

  reduce: ({ systems, request }) => reduceSystems(systems, request),

  certify: ({ original, stored, horizon }) => certifySystems(original, stored, horizon),

  refit: ({ original, reduced, how }) => refitWeights(original, reduced, how),
};

/** Does one task. */
export function runTask<K extends TaskKind>(kind: K, input: Tasks[K]['input']): Tasks[K]['output'] {
  return taskRunner[kind](input);
}
