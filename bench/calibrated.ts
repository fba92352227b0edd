import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Evaluation } from '../src/protocol/evaluation';
import { reportSuffix, type Report } from '../src/protocol/report';
import { digitFiles } from './support/sampleData';

/**
 * What calibrated compression keeps on trained models: accuracy on sequences that were not calibrated with, by
 * `ssm compress MODEL --data … --test …`, against the floors to reach. Prints Markdown; needs the build in dist/.
 *
 *     node bench/run.mjs calibrated [MODEL …] [-- options of ssm compress, such as --refine or --sequences 500]
 */

interface Case {
  readonly order: number;
  /** The accuracy to reach, where one was set: points below that of the original, or itself. */
  readonly floor?: { readonly below: number } | { readonly accuracy: number };
}

interface Model {
  readonly file: string;
  /** Options that say how the model was built and how the data is read. */
  readonly options: () => Promise<readonly string[]>;
  readonly cases: readonly Case[];
}

const repository = process.cwd();
const cli = join(repository, 'dist', 'cli.cjs');
const shared = process.env.SSM_SHARED ?? resolve(repository, '../shared');
const directory = mkdtempSync(join(tmpdir(), 'ssm-bench-'));

const set = (...settings: readonly string[]): string[] => settings.flatMap((s) => ['--set', s]);
const both = (...settings: readonly string[]): string[] =>
  settings.flatMap((s) => ['--data-option', s, '--test-option', s]);
const minimal = ['prenorm=false', 'pooling=mean'];

function digits(counts: { calibration: number; test: number }): () => Promise<string[]> {
  return async () => {
    const { calibration, test } = await digitFiles(`digits-${counts.test}`, counts);
    return [...set(...minimal), '--data', calibration, '--test', test, '--sequences', '500'];
  };
}

async function heldOutDigits(): Promise<string[]> {
  const file = join(shared, 'trained/s4d_smnist/smnist_test1500.npz');
  const counts = { calibration: 300, test: 1 };
  const { calibration } = await digitFiles('other-digits', counts, { file, array: 'X' });
  const test = ['inputs=X', 'targets=Y', 'scale=255', 'count=1500'];
  return [
    ...set(...minimal),
    ...['--data', calibration, '--sequences', '300', '--test', file],
    ...test.flatMap((setting) => ['--test-option', setting]),
  ];
}

const images = (): Promise<string[]> => {
  const file = join(shared, 'data/cifar10/cifar10_sample.npz');
  const reading = [
    ...['layout=width-length', 'scale=255'],
    ...['mean=0.4914,0.4822,0.4465', 'std=0.2023,0.1994,0.2010'],
  ];
  const part = (flag: string, name: string): string[] =>
    [`inputs=${name}_x`, `targets=${name}_y`].flatMap((setting) => [flag, setting]);
  return Promise.resolve([
    ...set(...minimal),
    ...['--data', file, '--test', file, '--sequences', '256'],
    ...both(...reading),
    ...part('--data-option', 'train'),
    ...part('--test-option', 'test'),
  ]);
};

function reviews(...settings: readonly string[]): () => Promise<string[]> {
  const file = (name: string): string => join(shared, 'data/imdb', name);
  const reading = [
    ...['vocabulary=vocab_char_minfreq15.json', 'unknown=1', 'end=2', 'max-length=2047'],
  ];
  return () =>
    Promise.resolve([
      ...set(...settings),
      ...['--data', file('imdb_train1000.jsonl.gz'), '--sequences', '200'],
      ...['--test', file('imdb_test2000.jsonl.gz'), ...both(...reading)],
    ]);
}

/** The only data of this model: half of it calibrates, half judges. */
function simulated(): Promise<string[]> {
  const settings = ['inputs=U', 'targets=Y', 'warm-up=100'];
  const data = join(shared, 'trained/lru_wh/wh_test200.npz');
  return Promise.resolve(['--data', data, ...settings.flatMap((s) => ['--data-option', s])]);
}

const pairs = (count: number, floor?: Case['floor']): Case =>
  floor === undefined ? { order: 2 * count } : { order: 2 * count, floor };

const gevorgyg = (test: number): Model => ({
  file: 'checkpoints/real/gevorgyg-ckpt.pth',
  options: digits({ calibration: 1000, test }),
  cases: [pairs(4, { below: 0.5 }), pairs(2, { accuracy: 95 }), pairs(1, { accuracy: 83 })],
});

const models: Readonly<Record<string, Model>> = {
  'gevorgyg, 600 digits': gevorgyg(600),
  'gevorgyg, 3,000 digits': gevorgyg(3000),
  chordchen: {
    file: 'checkpoints/real/chordchen-ckpt.pth',
    options: images,
    cases: [pairs(8, { below: 0.5 }), pairs(4, { below: 2.5 }), pairs(2, { below: 7 })],
  },
  s4d_imdb: {
    file: 'trained/s4d_imdb/s4d_imdb.pt',
    options: reviews('prenorm=true', 'pooling=mean'),
    cases: [pairs(2, { below: 0 }), pairs(1, { below: 1 })],
  },
  dss_exp_imdb: {
    file: 'trained/dss_exp_imdb/dss_exp_imdb.pt',
    options: reviews('version=exp', 'kernel_to_real=real', 'activation=gelu', 'pooling=mean'),
    cases: [{ order: 8, floor: { below: 1 } }],
  },
  s4d_smnist: {
    file: 'trained/s4d_smnist/s4d_smnist.pt',
    options: heldOutDigits,
    cases: [pairs(8, { below: 1.5 })],
  },
  // Nothing of the method was chosen by these two.
  ethorondor: {
    file: 'checkpoints/real/ethorondor-ckpt.pth',
    options: images,
    cases: [pairs(8), pairs(4), pairs(2)],
  },
  lru_wh: {
    file: 'trained/lru_wh/lru_wh.pt',
    options: simulated,
    cases: [32, 16, 8, 4].map((order) => ({ order })),
  },
};

/** Loaded into the process that is measured; tells what it used when it ends. */
const meter = join(directory, 'meter.cjs');
const reading = join(directory, 'reading.json');
writeFileSync(
  meter,
  `const { isMainThread } = require('node:worker_threads');
   if (isMainThread) process.on('exit', () =>
     require('node:fs').writeFileSync(process.env.SSM_METER, JSON.stringify(process.resourceUsage())));`,
);

interface Run {
  readonly report: Report;
  readonly megabytes: number;
}

function compress(file: string, order: number, options: readonly string[]): Run {
  const output = join(directory, 'result.pt');
  const args = ['compress', file, '--order', String(order), '-o', output, '--force', ...options];
  const { status } = spawnSync(process.execPath, ['--require', meter, cli, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, SSM_METER: reading },
  });
  if (status !== 0) throw new Error(`ssm ${args.join(' ')} failed.`);
  const usage = JSON.parse(readFileSync(reading, 'utf8')) as { maxRSS: number };
  return {
    report: JSON.parse(readFileSync(output + reportSuffix, 'utf8')) as Report,
    megabytes: usage.maxRSS / 1024,
  };
}

/** Accuracy, or the error of a regression, relative to the spread of its targets; both in percent. */
const figures = ['accuracy', 'nrmse'];

function row(name: string, { order, floor }: Case, { report, megabytes }: Run): string {
  const evaluation = report.calibration?.evaluation;
  const figure = evaluation?.measures.find(({ id }) => figures.includes(id));
  if (evaluation === undefined || figure?.original === undefined) {
    throw new Error(`${name} was not judged.`);
  }
  const [before, after] = [figure.original.value, figure.model.value].map(percent);
  const { timings } = report;
  return [
    name,
    order,
    figure.id,
    before.toFixed(2),
    after.toFixed(2),
    ...against(before, after, floor),
    showInterval(figure.model),
    evaluation.outputError === undefined ? '' : (evaluation.outputError.value ?? NaN).toFixed(3),
    evaluation.sequences,
    timings.reduceSeconds.toFixed(0),
    timings.totalSeconds.toFixed(0),
    megabytes.toFixed(0),
  ].join(' | ');
}

/** The floor, and whether it is reached. */
function against(before: number, after: number, floor: Case['floor']): [string, string] {
  if (floor === undefined) return ['', ''];
  const wanted = 'below' in floor ? before - floor.below : floor.accuracy;
  const reached = after >= wanted - 1e-9 ? 'yes' : `no (${(after - wanted).toFixed(2)})`;
  return [wanted.toFixed(2), reached];
}

function showInterval({ low, high }: Evaluation['measures'][number]['model']): string {
  return `${percent(low).toFixed(1)}–${percent(high).toFixed(1)}`;
}

function percent(share: number | null): number {
  return share === null ? NaN : 100 * share;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  const chosen = args.slice(0, end).length > 0 ? args.slice(0, end) : Object.keys(models);
  const more = args.slice(end + 1);
  say(
    '| model | order | figure | original % | compressed % | floor % | reached | 95 % interval | output error | judged on | calibration s | with evaluation s | peak MB |',
  );
  say(`|${' --- |'.repeat(13)}`);
  for (const name of chosen) {
    if (!(name in models)) throw new Error(`The models are ${Object.keys(models).join(', ')}.`);
    const { file, options, cases } = models[name];
    const given = [...(await options()), ...more];
    for (const one of cases) {
      say(`| ${row(name, one, compress(join(shared, file), one.order, given))} |`);
    }
  }
}

void main().finally(() => {
  rmSync(directory, { recursive: true, force: true });
});
