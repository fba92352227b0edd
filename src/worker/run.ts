import type { Checkpoint } from '../formats/checkpoint';
import type { AllocationRecord } from '../protocol/allocation';
import type { CompressParams } from '../protocol/worker';
import type { Engine } from './engine';
import type { OrderSearch } from './calibrate/searchOrder';
import type { CalibrationSession } from './calibrate/session';
import type { CheckpointInput } from './checkpointInput';
import type { CompressionPlan } from './plan';
import type { ProgressMeter } from './progress';
import type { ResultFiles } from './resultFiles';
import type { Sidecars } from './sidecars';

/** What the steps of one compression share. */
export interface Run {
  readonly params: CompressParams;
  readonly source: CheckpointInput;
  readonly checkpoint: Checkpoint;
  readonly plan: CompressionPlan;
  readonly files: ResultFiles;
  readonly engine: Engine;
  readonly meter: ProgressMeter;
  readonly signal: AbortSignal | undefined;
  readonly sidecars: Sidecars;
  /** How orders were shared out over the layers, where they were. */
  readonly allocation?: AllocationRecord;
  /** Where the run is calibrated with sample data. */
  readonly calibration?: { readonly session: CalibrationSession; readonly search?: OrderSearch };
}
