/**
 * The main job against its peer: from the command to the written file, and Algorithm 1 of arXiv 2507.10078 in NumPy on
 * the same systems. Prints Markdown.
 *
 *     node bench/run.mjs mainJob CHECKPOINT [ORDER] [HORIZON] [--long]
 *
 * --long adds the peer with 1,000 and 10,000 iterations.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { systemOf, type ModalSystem } from '../src/core/systems/modal';
import type { Report } from '../src/protocol/report';
import { type Algorithm1Result, type Algorithm1Run, runAlgorithm1 } from './support/algorithm1';
import { layersOf } from './support/checkpoint';
import { geometricMean } from './support/report';

const long = process.argv.includes('--long');
const [file, orderText = '16', horizonText = '1024'] = process.argv
  .slice(2)
  .filter((argument) => argument !== '--long');
const [order, horizon] = [Number(orderText), Number(horizonText)];
const directory = mkdtempSync(join(tmpdir(), 'ssm-bench-'));

interface Ours {
  readonly seconds: number;
  readonly report: Report;
}

/** Runs the command line as a person would; the fastest of three runs counts for both sides alike. */
function runOurs(): Ours {
  const output = join(directory, `out-${basename(file)}`);
  const options = ['--order', String(order), '--horizon', String(horizon), '-o', output, '--force'];
  let seconds = Infinity;
  for (let attempt = 0; attempt < 3; attempt++) {
    const start = process.hrtime.bigint();
    execFileSync(process.execPath, ['dist/cli.cjs', 'compress', file, ...options], {
      stdio: ['ignore', 'ignore', 'ignore'],
    });
    seconds = Math.min(seconds, Number(process.hrtime.bigint() - start) / 1e9);
  }
  const report = JSON.parse(readFileSync(`${output}.ssmreport.json`, 'utf8')) as Report;
  return { seconds, report };
}

/** A way of running Algorithm 1, and how much of the work is sampled. */
interface PeerRun extends Pick<Algorithm1Run, 'script' | 'iterations' | 'processes'> {
  readonly what: string;
  /** Every so many-th system is run, its seconds scaled up to all of them. */
  readonly stride: number;
}

/** Algorithm 1 in NumPy. */
function runPeer(systems: readonly ModalSystem[], run: PeerRun): Algorithm1Result {
  const sample = systems.filter((_, i) => i % run.stride === 0);
  const { seconds, errors } = runAlgorithm1(sample, { ...run, slots: order / 2, horizon });
  return { seconds: seconds * (systems.length / sample.length), errors };
}

async function main(): Promise<void> {
  const batches = await layersOf(file);
  const systems = batches.flatMap((batch) =>
    Array.from({ length: batch.count }, (_, i) => systemOf(batch, i)),
  );
  const ours = runOurs();
  const ourErrors = ours.report.layers.flatMap((layer) =>
    layer.systems.map(({ error, norm }) => error / norm),
  );
  const kilobytes = Math.round(statSync(file).size / 1000);
  const lines = [
    `### \`${basename(file)}\`: ${systems.length} systems, order ${ours.report.layers[0].orderBefore} to ${order}, horizon ${horizon}`,
    '',
    `${availableParallelism()} cores (${cpus()[0].model.trim()}), Node ${process.version}, ${kilobytes} kB.`,
    '',
    '| method | seconds | ratio to ours | relative h² error, geometric mean | ours equal or smaller |',
    '|---|---|---|---|---|',
    `| SSM Compress, command to written file | ${ours.seconds.toFixed(1)} | 1 | ${geometricMean(ourErrors).toFixed(4)} | |`,
  ];
  const closed = { script: 'algorithm1', what: 'closed forms' } as const;
  const dense = { script: 'algorithm1_dense', what: "the paper's dense formulas" } as const;
  const cores = availableParallelism();
  const runs: PeerRun[] = [
    { ...closed, iterations: 100, stride: 1, processes: 1 },
    { ...closed, iterations: 100, stride: 1, processes: cores },
    { ...dense, iterations: 100, stride: 8, processes: 1 },
    { ...dense, iterations: 100, stride: 8, processes: cores },
  ];
  if (long) {
    runs.push({ ...closed, iterations: 1000, stride: 8, processes: 1 });
    runs.push({ ...closed, iterations: 10000, stride: 64, processes: cores });
  }
  for (const run of runs) {
    const peer = runPeer(systems, run);
    const sampled = ourErrors.filter((_, i) => i % run.stride === 0);
    const better = sampled.filter((error, i) => error <= peer.errors[i] * (1 + 1e-9)).length;
    const sample = run.stride > 1 ? ', a sample scaled up' : '';
    lines.push(
      `| NumPy Algorithm 1, ${run.what}, at most ${run.iterations} iterations, ${run.processes} process(es)${sample} ` +
        `| ${peer.seconds.toFixed(1)} | ${(peer.seconds / ours.seconds).toFixed(1)} ` +
        `| ${geometricMean(peer.errors).toFixed(4)} | ${better} of ${sampled.length} |`,
    );
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

void main().finally(() => {
  rmSync(directory, { recursive: true, force: true });
});
