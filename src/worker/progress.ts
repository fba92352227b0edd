import type { CompressProgress } from '../protocol/worker';
import type { PieceDone } from './layerJob';

/** Shares of a run's time, by experience with files that are mostly state-space layers. */
const reducingEnds = 0.9;
const writingEnds = 0.98;
/** Nobody sees more than this. */
const shortestPause = 50;

export interface ProgressMeter {
  reading(): void;
  /** A few systems were reduced. */
  piece(piece: PieceDone): void;
  layerDone(): void;
  /** `fraction` of the bytes are written. */
  writing(fraction: number): void;
  checking(): void;
}

/** Turns what happens in a run into progress messages, at most twenty a second. */
export function createProgressMeter(
  layersTotal: number,
  systemsTotal: number,
  emit: (progress: CompressProgress) => void,
  now: () => number = () => performance.now(),
): ProgressMeter {
  let layersDone = 0;
  let systems = 0;
  let squaredError = 0;
  let squaredNorm = 0;
  let reducingSince = now();
  let lastStage: CompressProgress['stage'] | undefined;
  let lastTime = 0;

  function tell(
    stage: CompressProgress['stage'],
    fraction: number,
    details: Partial<CompressProgress> = {},
  ): void {
    const time = now();
    if (stage === lastStage && time - lastTime < shortestPause) return;
    lastStage = stage;
    lastTime = time;
    const relativeError =
      squaredNorm > 0 ? { relativeError: Math.sqrt(squaredError / squaredNorm) } : {};
    emit({ stage, fraction, layersDone, layersTotal, ...relativeError, ...details });
  }

  return {
    reading() {
      reducingSince = now();
      tell('reading', 0);
    },
    piece(piece) {
      systems += piece.systems;
      squaredError += piece.squaredError;
      squaredNorm += piece.squaredNorm;
      const done = systems / systemsTotal;
      const secondsLeft = ((now() - reducingSince) / 1000) * (1 / done - 1);
      tell('reducing', reducingEnds * done, { layer: piece.layer, secondsLeft });
    },
    layerDone() {
      layersDone++;
    },
    writing(fraction) {
      tell('writing', reducingEnds + (writingEnds - reducingEnds) * Math.min(1, fraction));
    },
    checking() {
      tell('checking', writingEnds);
    },
  };
}
