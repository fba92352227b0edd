import {
  reduceChannels,
  type ChannelsReduced,
  type ChannelsRequest,
} from '../../core/calibrate/reduceChannels';
import {
  blockGradients,
  type Block,
  type BlockGradients,
  type BlockSample,
} from '../../core/calibrate/refine/block';
import { mimoSums, type MimoSums, type MimoSumsRequest } from '../../core/calibrate/mimoSums';
import { reduceTied, type TiedReduced, type TiedRequest } from '../../core/calibrate/reduceTied';
import { outputSensitivity } from '../../core/calibrate/sensitivity';
import { resumeState, type HeldState } from '../../core/network/held';
import { mimoSolver } from '../../core/solve/mimoSolver';
import type { DiagonalSystem } from '../../core/systems/diagonal';
import {
  runStage,
  type Program,
  type StageInput,
  type StageOutput,
} from '../../core/calibrate/stage';

/** What computing threads do in a calibrated compression. */
export interface CalibrationTasks {
  /** Sends sequences through some steps of both networks. */
  stage: { input: StageInput; output: StageOutput };
  /** How much the output cares for errors of every layer. */
  sensitivity: {
    input: {
      readonly program: Program;
      readonly starts: readonly HeldState[];
      readonly indices: readonly number[];
      readonly horizon: number;
    };
    output: { readonly sums: readonly Float64Array[] };
  };
  /** What a block misses on some sequences, with the gradient; hands the sequences back. */
  blockGradients: {
    input: {
      readonly block: Block;
      readonly samples: readonly BlockSample[];
      readonly size: number;
      readonly gradient: boolean;
    };
    output: BlockGradients & { readonly samples: readonly BlockSample[] };
  };
  /** Reduces channels by their weighted errors. */
  reduceChannels: { input: ChannelsRequest; output: ChannelsReduced };
  /** Sums for fitting a layer with many inputs to what it received. */
  mimoSums: { input: MimoSumsRequest; output: MimoSums };
  /** Poles and input weights of the h² optimum of a system with many inputs. */
  mimoSearch: {
    input: { readonly system: DiagonalSystem; readonly slots: number; readonly horizon: number };
    output: DiagonalSystem;
  };
  /** Reduces kernels that share their poles. */
  reduceTied: { input: TiedRequest; output: TiedReduced };
}

export const calibrationRunner: {
  readonly [K in keyof CalibrationTasks]: (
    input: CalibrationTasks[K]['input'],
  ) => CalibrationTasks[K]['output'];
} = {
  stage: runStage,
  sensitivity: ({ program, starts, indices, horizon }) => ({
    sums: outputSensitivity(program, program.steps, starts.map(resumeState), indices, horizon),
  }),
  blockGradients: ({ block, samples, size, gradient }) => ({
    ...blockGradients(block, samples, size, gradient),
    samples,
  }),
  reduceChannels,
  mimoSums,
  mimoSearch: ({ system, slots, horizon }) => mimoSolver(system, slots, horizon).reduced,
  reduceTied: (input) => reduceTied(input),
};
