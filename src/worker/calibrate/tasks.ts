import {
  reduceChannels,
  type ChannelsReduced,
  type ChannelsRequest,
} from '../../core/calibrate/reduceChannels';
import { runStage, type StageInput, type StageOutput } from '../../core/calibrate/stage';

/** What computing threads do in a calibrated compression. */
export interface CalibrationTasks {
  /** Sends sequences through some steps of both networks. */
  stage: { input: StageInput; output: StageOutput };
  /** Reduces channels by their weighted errors. */
  reduceChannels: { input: ChannelsRequest; output: ChannelsReduced };
}

export const calibrationRunner = { stage: runStage, reduceChannels };
