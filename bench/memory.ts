/**
 * Reading and rewriting a torch checkpoint that does not fit into memory: a few S4D tensors to edit beside one tensor of
 * more than 4 GiB. Prints the time to read the header, the time to rewrite, and the peak resident memory (the limit is
 * 300 MB), as Markdown. Needs 5 GB of free disk for the result; the source is sparse.
 *
 *     node bench/run.mjs memory [GIBIBYTES]
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCheckpoint } from '../src/formats/open';
import { elementCount } from '../src/formats/strided';
import { AtomicFile } from '../src/worker/atomicFile';
import { FileSource } from '../src/worker/fileSource';
import { writeSparseTorch, type Shaped } from './support/sparseFiles';

const LIMIT_MEGABYTES = 300;
const [channels, states, layers] = [64, 32, 4];
const giantRows = Math.round((Number(process.argv.at(2) ?? 4.3) * 2 ** 30) / 256);

const tensors: readonly Shaped[] = [
  { name: 'embedding.weight', shape: [giantRows, 64] },
  ...Array.from({ length: layers }, (_, i): Shaped[] => [
    { name: `s4_layers.${i}.kernel.C`, shape: [channels, states, 2] },
    { name: `s4_layers.${i}.kernel.log_A_real`, shape: [channels, states] },
    { name: `s4_layers.${i}.kernel.A_imag`, shape: [channels, states] },
  ]).flat(),
];

async function rewrite(source: FileSource, target: string): Promise<void> {
  const checkpoint = await openCheckpoint(source);
  const edits = checkpoint.tensors.slice(1).map(({ name, shape }) => {
    const smaller = shape.map((size, axis) => (axis === 1 ? 8 : size));
    return { name, shape: smaller, values: new Float64Array(elementCount(smaller)) };
  });
  for (const { name } of edits) await checkpoint.readTensor(name);
  const file = await AtomicFile.create(target, { mode: 0o600, overwrite: true });
  await checkpoint.rewrite({ tensors: edits, settings: [], dropOptimizerState: true }, file);
  await file.seal();
  await file.publish();
}

async function seconds(action: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await action();
  return (performance.now() - begin) / 1000;
}

async function main(directory: string): Promise<void> {
  const path = join(directory, 'large.pt');
  const target = join(directory, 'smaller.pt');
  await writeSparseTorch(path, tensors);
  const source = await FileSource.open(path);
  const header = await seconds(() => openCheckpoint(source));
  const rewriting = await seconds(() => rewrite(source, target));
  await source.close();
  const gigabytes = statSync(path).size / 1e9;
  const megabytes = process.resourceUsage().maxRSS / 1000;
  process.stdout.write(
    '| file | header | read, rewrite, hash | peak memory | limit |\n| --- | --- | --- | --- | --- |\n' +
      `| ${gigabytes.toFixed(2)} GB | ${(1000 * header).toFixed(1)} ms | ${rewriting.toFixed(1)} s ` +
      `| ${megabytes.toFixed(0)} MB | ${LIMIT_MEGABYTES} MB |\n`,
  );
  if (megabytes > LIMIT_MEGABYTES) process.exitCode = 1;
}

const directory = mkdtempSync(join(tmpdir(), 'ssm-bench-'));
void main(directory).finally(() => {
  rmSync(directory, { recursive: true, force: true });
});
