import {
  reduceChannels,
  type ChannelsReduced,
  type ChannelsRequest,
} from '../../core/calibrate/reduceChannels';
import {
  outputGradients,
  type GradientRequest,
  type OutputGradients,
} from '../../core/calibrate/refine/outputGradients';
import {
  curvature,
  type Block,
  type CurvatureRequest,
} from '../../core/calibrate/refine/curvature';
import { inputPowers, type InputPowersRequest } from '../../core/calibrate/refine/inputPowers';
import { hotLoops } from '../../core/hotLoops';
import { mimoSums, type MimoSums, type MimoSumsRequest } from '../../core/calibrate/mimoSums';
import { reduceTied, type TiedReduced, type TiedRequest } from '../../core/calibrate/reduceTied';
import { searchTargets, type SearchTargets } from '../../core/calibrate/searchTargets';
import { mimoSolver } from '../../core/solve/mimoSolver';
import type { DiagonalSystem } from '../../core/systems/diagonal';
import { runStage, type StageInput, type StageOutput } from '../../core/calibrate/stage';

/** What computing threads do in a calibrated compression. */
export interface CalibrationTasks {
  /** Sends sequences through some steps of both networks. */
  stage: { input: StageInput; output: StageOutput };
  /** What a network's outputs miss on some sequences, with the gradient. */
  outputGradients: {
    input: GradientRequest;
    output: OutputGradients;
  };
  /** What layers of a network receive from some sequences. */
  inputPowers: { input: InputPowersRequest; output: Float64Array[] };
  /** How strongly the variables of a layer change its outputs. */
  curvature: { input: CurvatureRequest; output: Block[] };
  /** Reduces channels by their weighted errors. */
  reduceChannels: { input: ChannelsRequest; output: ChannelsReduced };
  /** What the searches of the same request fit, for an engine that does them. */
  searchTargets: { input: ChannelsRequest; output: SearchTargets };
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
  outputGradients,
  inputPowers,
  curvature,
  reduceChannels: (input) => hotLoops().scoped(() => reduceChannels(input)),
  searchTargets: (input) => hotLoops().scoped(() => searchTargets(input)),
  mimoSums,
  mimoSearch: ({ system, slots, horizon }) => mimoSolver(system, slots, horizon).reduced,
  reduceTied: (input) => reduceTied(input),
};
