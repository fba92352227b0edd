import type { Checkpoint } from '../formats/checkpoint';
import type { CompressParams } from '../protocol/worker';
import type { Engine } from './engine';
import type { CheckpointInput } from './checkpointInput';
import type { CompressionPlan } from './plan';
import type { ProgressMeter } from './progress';
import type { ResultFiles } from './resultFiles';

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
}
