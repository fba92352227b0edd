/**
 * Where the time of a calibrated compression goes on the processor: seconds of the tasks of each kind, which engines take
 * part in or not, in one thread, as this process computed; others that compute too do not count. Prints Markdown. Needs
 * the shared folder.
 *
 *     node bench/run.mjs shares [--small] [--sequences N]
 *
 * --small: the small model alone, which takes a minute. --sequences: of sample data, 256 by default.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { installLoops } from '../src/worker/backends/cpu/install';
import { compressCheckpoint } from '../src/worker/compress';
import { createLocalEngine, type Engine } from '../src/worker/engine';
import { taskRunner, type TaskKind, type TaskRunner } from '../src/worker/tasks';
import { say, table } from './support/report';

const { values: given } = parseArgs({
  options: {
    small: { type: 'boolean', default: false },
    sequences: { type: 'string', default: '256' },
  },
});
const shared = process.env.SSM_SHARED ?? resolve(process.cwd(), '../shared');
const does: Partial<Record<TaskKind, string>> = {
  stage: 'forward passes of the calibration',
  evaluate: 'forward passes of the evaluation on held-out data',
  observe: 'forward passes that record what bounds rest on',
  reduceChannels: 'searches by the weighted error, in which engines take part',
  certify: 'certificates',
  deepBounds: 'bounds of the output’s error',
  reduce: 'norms and Hankel values of the originals',
};

interface Model {
  readonly title: string;
  readonly file: string;
  readonly order: number;
  readonly data: string;
  readonly dataSettings: Readonly<Record<string, string>>;
}

const models: readonly Model[] = [
  {
    title: 's4d_smnist: 2 layers, order 64 to 8, 784 steps',
    ...{ file: 'trained/s4d_smnist/s4d_smnist.safetensors', order: 8 },
    data: 'trained/s4d_smnist/smnist_test1500.npz',
    dataSettings: { inputs: 'X', targets: 'Y', scale: '255', count: '1500' },
  },
  {
    title: 'chordchen: 4 layers, order 64 to 8, 1024 steps',
    ...{ file: 'checkpoints/real/chordchen-ckpt.pth', order: 8 },
    data: 'data/cifar10/cifar10_sample.npz',
    dataSettings: {
      ...{ layout: 'width-length', scale: '255', inputs: 'train_x', targets: 'train_y' },
      ...{ mean: '0.4914,0.4822,0.4465', std: '0.2023,0.1994,0.2010' },
    },
  },
];

void main();

async function main(): Promise<void> {
  installLoops();
  for (const model of given.small ? models.slice(0, 1) : models) await measure(model);
}

async function measure({ title, file, order, data, dataSettings }: Model): Promise<void> {
  const seconds = new Map<TaskKind, number>();
  const directory = mkdtempSync(join(tmpdir(), 'ssm-bench-'));
  const begin = computed();
  try {
    await compressCheckpoint(
      {
        file: join(shared, file),
        output: join(directory, 'small'),
        ...{ target: { order }, solver: 'newton', overwrite: true },
        answers: { given: { prenorm: 'false', pooling: 'mean' } },
        calibration: { data: join(shared, data), dataSettings, sequences: Number(given.sequences) },
      },
      { startEngine: () => Promise.resolve(timed(seconds)) },
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
  const total = computed() - begin;
  const rows = [...seconds].sort(([, a], [, b]) => b - a);
  const rest = total - rows.reduce((sum, [, one]) => sum + one, 0);
  const row = (what: string, one: number): string[] => [
    what,
    one.toFixed(1),
    `${((100 * one) / total).toFixed(0)} %`,
  ];
  say(`${title}, ${given.sequences} sequences`);
  say('');
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
  say('');
}

/** Seconds that this process has computed. */
function computed(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** This thread, with the seconds that it spends on each kind of task. */
function timed(seconds: Map<TaskKind, number>): Engine {
  const runner = Object.fromEntries(
    Object.entries(taskRunner).map(([kind, run]) => [
      kind,
      (input: never) => {
        const begin = computed();
        try {
          return (run as (given: never) => unknown)(input);
        } finally {
          const before = seconds.get(kind as TaskKind) ?? 0;
          seconds.set(kind as TaskKind, before + computed() - begin);
        }
      },
    ]),
  ) as unknown as TaskRunner;
  return createLocalEngine(runner);
}
