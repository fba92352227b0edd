import {
  type CertifiedErrors,
  type LayerReduction,
  certifySystems,
  finishSystems,
  reduceSystems,
} from '../core/solve/reduceLayer';
import { prepareBatch, type PreparedSystem } from '../core/solve/reduce';
import { type Refit, refitWeights } from '../core/solve/refitWeights';
import type { ReductionRequest } from '../core/solve/solver';
import type { KernelSystems } from '../core/systems/kernels';
import type { IndependentSystems, LayerSystems } from '../core/systems/layer';
import type { ModalBatch } from '../core/systems/modal';
import { allocateRunner, type AllocateTasks } from './allocate/tasks';
import { boundRunner, type BoundTasks } from './bound/tasks';
import { calibrationRunner, type CalibrationTasks } from './calibrate/tasks';
import { evaluateRunner, type EvaluateTasks } from './evaluate/tasks';
import { layerChartRunner, type LayerChartTasks } from './layerCharts/tasks';

/** Pieces of work that a computing thread does: pure functions of a few systems. */
export interface Tasks
  extends AllocateTasks, BoundTasks, CalibrationTasks, EvaluateTasks, LayerChartTasks {
  /** Reduces a layer or a part of one (`splitSystems`) and describes the original. */
  reduce: {
    input: { readonly systems: LayerSystems; readonly request: ReductionRequest };
    output: LayerReduction;
  };
  /** The first half of `reduce` for kernels with complex poles of their own: the starts of the search. */
  prepare: {
    input: { readonly batch: ModalBatch; readonly request: ReductionRequest };
    output: readonly (PreparedSystem | undefined)[];
  };
  /** The second half, from where the starts were searched to. */
  finish: {
    input: {
      readonly systems: IndependentSystems;
      readonly request: ReductionRequest;
      readonly prepared: readonly (PreparedSystem | undefined)[];
    };
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
  ...allocateRunner,
  ...boundRunner,
  ...calibrationRunner,
  ...evaluateRunner,
  ...layerChartRunner,

  reduce: ({ systems, request }) => reduceSystems(systems, request),

  prepare: ({ batch, request }) => prepareBatch(batch, request),

  finish: ({ systems, request, prepared }) => finishSystems(systems, request, prepared),

  certify: ({ original, stored, horizon }) => certifySystems(original, stored, horizon),

  refit: ({ original, reduced, how }) => refitWeights(original, reduced, how),
};

/** Does one task. */
export function runTask<K extends TaskKind>(kind: K, input: Tasks[K]['input']): Tasks[K]['output'] {
  return taskRunner[kind](input);
}
