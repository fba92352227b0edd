/**
 * Where the time of a calibrated compression goes on the processor: seconds of the tasks of each kind, which engines may
 * take over or not, in one thread. Prints Markdown. Needs the shared folder.
 *
 *     node bench/run.mjs shares
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { installLoops } from '../src/worker/backends/cpu/install';
import { compressCheckpoint } from '../src/worker/compress';
import { createLocalEngine, type Engine } from '../src/worker/engine';
import { taskRunner, type TaskKind, type TaskRunner } from '../src/worker/tasks';
import { say, table } from './support/report';

const shared = process.env.SSM_SHARED ?? resolve(process.cwd(), '../shared');
const does: Partial<Record<TaskKind, string>> = {
  stage: 'forward passes',
  reduceChannels: 'searches by the weighted error, which engines take over',
  certify: 'certificates',
  reduce: 'norms and Hankel values of the originals',
};

const reading = {
  ...{ layout: 'width-length', scale: '255', inputs: 'train_x', targets: 'train_y' },
  ...{ mean: '0.4914,0.4822,0.4465', std: '0.2023,0.1994,0.2010' },
};

void main();

async function main(): Promise<void> {
  installLoops();
  const seconds = new Map<TaskKind, number>();
  const directory = mkdtempSync(join(tmpdir(), 'ssm-bench-'));
  const begin = performance.now();
  try {
    await compressCheckpoint(
      {
        file: join(shared, 'checkpoints/real/chordchen-ckpt.pth'),
        output: join(directory, 'small.pth'),
        ...{ target: { order: 4 }, solver: 'newton', overwrite: true },
        answers: { given: { prenorm: 'false', pooling: 'mean' } },
        calibration: {
          data: join(shared, 'data/cifar10/cifar10_sample.npz'),
          ...{ dataSettings: reading, sequences: 32 },
        },
      },
      { startEngine: () => Promise.resolve(timed(seconds)) },
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
  const total = (performance.now() - begin) / 1000;
  const rows = [...seconds].sort(([, a], [, b]) => b - a);
  const rest = total - rows.reduce((sum, [, one]) => sum + one, 0);
  const row = (what: string, one: number): string[] => [
    what,
    one.toFixed(1),
    `${((100 * one) / total).toFixed(0)} %`,
  ];
  say(
    table(
      ['work', 's', 'share'],
      [
        ...rows.map(([kind, one]) => row(does[kind] ?? kind, one)),
        row('reading, fits of maps and weights, writing', rest),
        row('all', total),
      ],
    ),
  );
}

/** This thread, with the seconds that it spends on each kind of task. */
function timed(seconds: Map<TaskKind, number>): Engine {
  const runner = Object.fromEntries(
    Object.entries(taskRunner).map(([kind, run]) => [
      kind,
      (input: never) => {
        const begin = performance.now();
        try {
          return (run as (given: never) => unknown)(input);
        } finally {
          const before = seconds.get(kind as TaskKind) ?? 0;
          seconds.set(kind as TaskKind, before + (performance.now() - begin) / 1000);
        }
      },
    ]),
  ) as unknown as TaskRunner;
  return createLocalEngine(runner);
}
