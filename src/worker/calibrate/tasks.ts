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
import { reduceTied, type TiedReduced, type TiedRequest } from '../../core/calibrate/reduceTied';
import { outputSensitivity } from '../../core/calibrate/sensitivity';
import { resumeState, type HeldState } from '../../core/network/held';
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
  /** Reduces kernels that share their poles. */
  reduceTied: { input: TiedRequest; output: TiedReduced };
}

export const calibrationRunner: {
  readonly [K in keyof CalibrationTasks]: (
    input: CalibrationTasks[K]['input'],
  ) => CalibrationTasks[K]['output'];
} = {
  stage: runStage,
  sensitivity: ({ program, starts, horizon }) => ({
    sums: outputSensitivity(program, program.steps, starts.map(resumeState), horizon),
  }),
  blockGradients: ({ block, samples, size, gradient }) => ({
    ...blockGradients(block, samples, size, gradient),
    samples,
  }),
  reduceChannels,
  reduceTied: (input) => reduceTied(input),
};
