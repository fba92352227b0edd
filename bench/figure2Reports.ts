/**
 * Figure 2 of arXiv 2507.10078 in the report view: runs `ssm compress --solver algorithm1` on the trained S4D and DSS
 * models with the horizons infinity, 10 L, L and L Delta. Each report's convergence chart is one curve of the figure,
 * mean and standard deviation over all systems. The DSS model goes in as what each of its channels computes, an untied
 * S4D layer of the same impulse responses: A = Lambda, C = W / 2.
 *
 *     node bench/run.mjs figure2Reports [FOLDER]     then open the *.ssmreport.json of FOLDER in VS Code
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isReport, type Report } from '../src/protocol/report';
import { tensorsOf } from './support/checkpoint';
import { sharedFile } from './support/realSystems';
import { say, table } from './support/report';

const folder = process.argv[2] ?? join('test-results', 'figure2');
const horizons = ['inf', '10L', 'L', 'L-delta'];

interface FloatTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A safetensors file of float32 tensors. */
function safetensors(tensors: ReadonlyMap<string, FloatTensor>): Buffer {
  let offset = 0;
  const header = Object.fromEntries(
    [...tensors].map(([name, { shape, values }]) => {
      const from = offset;
      offset += values.byteLength;
      return [name, { dtype: 'F32', shape, data_offsets: [from, offset] }];
    }),
  );
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([
    length,
    json,
    ...[...tensors.values()].map(({ values }) => Buffer.from(values.buffer)),
  ]);
}

/** The DSS_EXP layers of a checkpoint as S4D layers with poles of their own for every channel. */
async function untied(path: string): Promise<Buffer> {
  const tensors = await tensorsOf(path, (name) => name.includes('.kernel.'));
  const written = new Map<string, FloatTensor>();
  for (const [name, step] of tensors) {
    if (!name.endsWith('.log_dt')) continue;
    const prefix = name.slice(0, -'log_dt'.length);
    const [rate, phase, weights] = ['Lambda_log_neg_re', 'Lambda_im', 'W'].map(
      (role) => tensors.get(prefix + role) ?? new Float64Array(0),
    );
    const [h, n] = [step.length, rate.length];
    const repeated = (values: Float64Array): Float32Array =>
      Float32Array.from({ length: h * n }, (_, i) => values[i % n]);
    written.set(`${prefix}C`, {
      shape: [h, n, 2],
      values: Float32Array.from(weights, (w) => w / 2),
    });
    written.set(`${prefix}log_dt`, { shape: [h], values: Float32Array.from(step) });
    written.set(`${prefix}log_A_real`, { shape: [h, n], values: repeated(rate) });
    written.set(`${prefix}A_imag`, { shape: [h, n], values: repeated(phase) });
  }
  return safetensors(written);
}

/** Means over all systems of the objective at the end, and how many systems end below their start. */
function ends(report: Report): {
  readonly mean: number;
  readonly lower: number;
  readonly count: number;
} {
  const ratios = report.layers
    .flatMap(({ systems }) => systems.map(({ trace }) => trace.objective))
    .map((objective) => (objective.at(-1) ?? 0) / objective[0]);
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  return { mean, lower: ratios.filter((ratio) => ratio < 1).length, count: ratios.length };
}

async function main(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const rows: string[][] = [];
  for (const [model, length] of [
    ['s4d_imdb', 2048],
    ['s4d_smnist', 784],
    ['dss_exp_imdb', 2048],
  ] as const) {
    const original = sharedFile('trained', model, `${model}.safetensors`);
    if (!existsSync(original)) throw new Error(`${original} is missing.`);
    const source = join(folder, `${model}.safetensors`);
    writeFileSync(
      source,
      model.startsWith('dss') ? await untied(original) : readFileSync(original),
    );
    for (const tau of horizons) {
      const output = join(folder, `${model}.${tau}.safetensors`);
      const options = ['--solver', 'algorithm1', '--tau', tau, '--horizon', String(length)];
      execFileSync(
        process.execPath,
        ['dist/cli.cjs', 'compress', source, ...options, '-o', output, '--force'],
        { stdio: 'ignore' },
      );
      const report: unknown = JSON.parse(readFileSync(`${output}.ssmreport.json`, 'utf8'));
      if (!isReport(report)) throw new Error(`${output}: no report`);
      const { mean, lower, count } = ends(report);
      rows.push([model, tau, mean.toFixed(3), `${lower} of ${count}`]);
    }
  }
  say(table(['model', 'tau', 'mean of end / start', 'systems below their start'], rows));
}

void main();
