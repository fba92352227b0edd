import type { CompressProgress } from '../protocol/worker';
import type { CalibrationProgress } from './calibrate/calibrateNetwork';
import type { PieceDone } from './layerJob';

/** Seconds on an ordinary machine, by experience; only their ratio counts. */
const secondsPerChannel = 0.02;
const secondsPerByte = 1e-8;
const checkingBegins = 0.98;
/** Nobody sees more than this. */
const shortestPause = 50;

export interface ProgressMeter {
  reading(): void;
  /** A few channels were reduced. */
  piece(piece: PieceDone): void;
  layerDone(): void;
  /** A calibrated run: what it is at, in run number `run` of `runs`. */
  calibrating(progress: CalibrationProgress, run?: number, runs?: number): void;
  /** `fraction` of the bytes are written. */
  writing(fraction: number): void;
  checking(): void;
  /** Some of the sequences to judge by are done. */
  evaluating(done: number, total: number): void;
  /** A share of what bounds the error of the output is done. */
  bounding(done: number): void;
}

/** How much a run has to do. */
export interface Workload {
  readonly layers: number;
  /** Channels of all layers, of which each is about the same work. */
  readonly channels: number;
  /** Size of the file to write. */
  readonly bytes: number;
  /** Whether the result is judged on sample data at the end. */
  readonly judged?: boolean;
}

/** Where the judging begins and where it ends, and what of a layer's time goes into sending sequences rather than into its systems. */
const judgingBegins = 0.85;
const judgingEnds = 0.95;
const sendingShare = 0.4;

/** Turns what happens in a run into progress messages, at most twenty a second. */
export function createProgressMeter(
  { layers: layersTotal, channels: channelsTotal, bytes, judged = false }: Workload,
  emit: (progress: CompressProgress) => void,
  now: () => number = () => performance.now(),
): ProgressMeter {
  const reducingTakes = channelsTotal * secondsPerChannel;
  const writingTakes = bytes * secondsPerByte;
  const writingBegins = checkingBegins * (reducingTakes / (reducingTakes + writingTakes));
  let layersDone = 0;
  let channels = 0;
  let squaredError = 0;
  let squaredNorm = 0;
  let reducingSince = now();
  let writingSince: number | undefined;
  let lastStage: CompressProgress['stage'] | undefined;
  let lastTime = 0;
  let farthest = 0;
  let calibrated: string | undefined;

  function tell(
    stage: CompressProgress['stage'],
    fraction: number,
    details: Partial<CompressProgress> = {},
  ): void {
    const time = now();
    if (stage === lastStage && time - lastTime < shortestPause && fraction < 1) return;
    lastStage = stage;
    lastTime = time;
    const relativeError =
      squaredNorm > 0 ? { relativeError: Math.sqrt(squaredError / squaredNorm) } : {};
    const share = judged && stage !== 'evaluating' ? judgingBegins * fraction : fraction;
    farthest = Math.max(farthest, share);
    emit({ stage, fraction: farthest, layersDone, layersTotal, ...relativeError, ...details });
  }

  /** Seconds left of something that began at `since` and is done to the fraction `done`. */
  function left(since: number, done: number): number {
    return ((now() - since) / 1000) * (1 / done - 1);
  }

  return {
    reading() {
      reducingSince = now();
      tell('reading', 0);
    },
    piece(piece) {
      channels += piece.channels;
      squaredError += piece.squaredError;
      squaredNorm += piece.squaredNorm;
      const done = Math.min(1, channels / channelsTotal);
      const secondsLeft = left(reducingSince, done) + writingTakes;
      tell('reducing', writingBegins * done, { layer: piece.layer, secondsLeft });
    },
    layerDone() {
      layersDone++;
    },
    calibrating({ layer, doing, done, of }, run = 0, runs = 1) {
      if (calibrated !== undefined && calibrated !== layer) layersDone++;
      if (calibrated !== layer && layersDone >= layersTotal) layersDone = 0; // the next run begins
      calibrated = layer;
      const part = Math.min(1, of > 0 ? done / of : 1);
      const inLayer =
        doing === 'sequences' ? sendingShare * part : sendingShare + (1 - sendingShare) * part;
      const inRun = Math.min(1, (layersDone + inLayer) / layersTotal);
      tell('reducing', (writingBegins * (run + inRun)) / runs, { layer });
    },
    writing(fraction) {
      writingSince ??= now();
      const done = Math.min(1, fraction);
      const secondsLeft = done > 0 ? { secondsLeft: left(writingSince, done) } : {};
      tell('writing', writingBegins + (checkingBegins - writingBegins) * done, secondsLeft);
    },
    checking() {
      tell('checking', checkingBegins);
    },
    evaluating(done, total) {
      const judged = (judgingEnds - judgingBegins) * (done / Math.max(1, total));
      tell('evaluating', judgingBegins + judged);
    },
    bounding(done) {
      tell('evaluating', judgingEnds + (1 - judgingEnds) * done);
    },
  };
}
