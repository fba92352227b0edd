import { SingleBar } from 'cli-progress';
import { showScientific, showName, showSeconds } from '../protocol/shown';
import type { CompressProgress } from '../protocol/worker';
import type { Terminal } from './terminal';

/** What a run other than a compression is at: 0 … 1, and in words. */
export interface StatedProgress {
  readonly fraction: number;
  readonly text: string;
}

export interface ProgressDisplay {
  readonly show: (progress: CompressProgress | StatedProgress) => void;
  /** Removes what should not stay on the screen. */
  readonly end: () => void;
}

/** A bar on a terminal, else at most one plain line a second. */
export function createProgressDisplay(terminal: Terminal): ProgressDisplay {
  return terminal.errors.isTTY ? createBar(terminal.errors) : createLines(terminal);
}

function createBar(stream: NodeJS.WriteStream): ProgressDisplay {
  const bar = new SingleBar({
    format: '{bar} {percentage} %  {state}',
    stream,
    hideCursor: true,
    clearOnComplete: true,
    barsize: 30,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    gracefulExit: false, // interrupts are ours to handle
  });
  let started = false;
  return {
    show(progress) {
      const payload = { state: describe(progress) };
      const percent = Math.floor(100 * progress.fraction);
      if (started) bar.update(percent, payload);
      else bar.start(100, percent, payload);
      started = true;
    },
    end() {
      if (started) bar.stop();
    },
  };
}

const linePause = 1000;

function createLines(terminal: Terminal): ProgressDisplay {
  let last = -Infinity;
  return {
    show(progress) {
      const now = performance.now();
      if (now - last < linePause) return;
      last = now;
      terminal.remark(`${Math.floor(100 * progress.fraction)} %  ${describe(progress)}`);
    },
    end() {
      // Lines stay.
    },
  };
}

/** "reducing, 1 of 4 layers done, layer s4_layers.1, relative error so far 1.2e-3, 5 s left" */
export function describe(progress: CompressProgress | StatedProgress): string {
  if ('text' in progress) return progress.text;
  const { stage, layer, layersDone, layersTotal, relativeError, secondsLeft } = progress;
  const inLayers =
    stage === 'reducing'
      ? [
          `${layersDone} of ${layersTotal} layers done`,
          ...(layer === undefined ? [] : [showName(layer, 40)]),
        ]
      : [];
  const error =
    relativeError === undefined ? [] : [`relative error so far ${showScientific(relativeError)}`];
  const left = secondsLeft === undefined ? [] : [`${showSeconds(secondsLeft)} left`];
  return [stage, ...inLayers, ...error, ...left].join(', ');
}
