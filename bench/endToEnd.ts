import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { exampleLayer, s4dTensors, safetensorsBytes } from '../test/support/s4dModel';

/**
 * From the command to the written file, as a person meets it: wall time and peak resident memory of `ssm compress`,
 * against the product's own limits (ten seconds on two cores for 512 systems of order 64; 300 MB for a checkpoint of
 * 4 GB, measured with --large). Peers are in mainJob.ts. Prints Markdown; needs the build in dist/.
 *
 *     node bench/run.mjs endToEnd [--large]
 */

interface Case {
  readonly name: string;
  readonly file: string;
  readonly options: readonly string[];
}

interface Measurement {
  readonly seconds: number;
  /** Of all threads together: what a busy machine does not falsify. */
  readonly cpuSeconds: number;
  readonly megabytes: number;
}

const repository = process.cwd();
const cli = join(repository, 'dist', 'cli.cjs');
const shared = process.env.SSM_SHARED ?? resolve(repository, '../shared');
const directory = mkdtempSync(join(tmpdir(), 'ssm-bench-'));

/** Loaded into the process that is measured; tells what it used when it ends. */
const meter = join(directory, 'meter.cjs');
const reading = join(directory, 'reading.json');
writeFileSync(
  meter,
  `const { isMainThread } = require('node:worker_threads');
   if (isMainThread) process.on('exit', () =>
     require('node:fs').writeFileSync(process.env.SSM_METER, JSON.stringify(process.resourceUsage())));`,
);

function measure({ file, options }: Case): Measurement {
  const output = join(directory, 'out');
  const begin = performance.now();
  const { status } = spawnSync(
    process.execPath,
    ['--require', meter, cli, 'compress', file, '-o', output, '--force', ...options],
    { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, SSM_METER: reading } },
  );
  const seconds = (performance.now() - begin) / 1000;
  if (status !== 0) throw new Error(`ssm ended with code ${String(status)}`);
  const used = JSON.parse(readFileSync(reading, 'utf8')) as NodeJS.ResourceUsage;
  const cpuSeconds = (used.userCPUTime + used.systemCPUTime) / 1e6;
  return { seconds, cpuSeconds, megabytes: used.maxRSS / 1024 };
}

/** A checkpoint of a tiny layer and 4 GB of other weights, most of them a hole that takes no room. */
function largeCheckpoint(): string {
  const filler = 4 * 10 ** 9;
  const tensors = s4dTensors([exampleLayer(2, 4)]);
  const end = tensors.reduce((sum, { values }) => sum + values.byteLength, 0);
  const bytes = safetensorsBytes(tensors, (header) => ({
    ...header,
    filler: { dtype: 'F32', shape: [filler / 4], data_offsets: [end, end + filler] },
  }));
  const file = join(directory, 'large.safetensors');
  const descriptor = openSync(file, 'w');
  writeSync(descriptor, bytes);
  ftruncateSync(descriptor, bytes.length + filler);
  closeSync(descriptor);
  return file;
}

const standard = ['--order', '16', '--horizon', '1024'];
const cases: Case[] = [
  {
    name: 'sample, 128 systems, 64 to 16',
    file: join(repository, 'media', 'samples', 's4d-smnist.safetensors'),
    options: standard,
  },
  {
    name: 'chordchen, 512 systems, 64 to 16',
    file: join(shared, 'checkpoints', 'real', 'chordchen-ckpt.pth'),
    options: standard,
  },
];

try {
  if (process.argv.includes('--large')) {
    cases.push({ name: '4 GB', file: largeCheckpoint(), options: ['--order', '4'] });
  }
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  say(`${cpus()[0]?.model ?? 'CPU'}, ${availableParallelism()} cores, Node ${process.version}\n`);
  say('| case | wall time | CPU time | peak resident memory |\n|---|---|---|---|');
  for (const one of cases) {
    if (!existsSync(one.file)) {
      say(`| ${one.name} | not measured: the file is not here | | |`);
      continue;
    }
    const { seconds, cpuSeconds, megabytes } = measure(one);
    const times = `${seconds.toFixed(2)} s | ${cpuSeconds.toFixed(2)} s`;
    say(`| ${one.name} | ${times} | ${megabytes.toFixed(0)} MB |`);
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
