/**
 * Reading and rewriting a torch checkpoint that does not fit into memory: a few S4D tensors to edit beside one tensor of
 * more than 4 GiB. Prints the time to read the header, the time to rewrite, and the peak resident memory (the limit is
 * 300 MB), as Markdown. Needs 5 GB of free disk for the result; the source is sparse.
 *
 *     node bench/run.mjs memory [GIBIBYTES]
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ByteSink } from '../src/formats/byteSource';
import { concatenate } from '../src/formats/memory';
import { openCheckpoint } from '../src/formats/open';
import {
  encodeGlobal,
  encodeInteger,
  encodeSizes,
  encodeString,
} from '../src/formats/pickle/encode';
import { contiguousStride, elementCount } from '../src/formats/strided';
import { writeZip, type ZipMember } from '../src/formats/zip/writer';
import { AtomicFile } from '../src/worker/atomicFile';
import { FileSource } from '../src/worker/fileSource';
import { latin1, zeros } from '../test/support/torchZip';

const LIMIT_MEGABYTES = 300;
const [channels, states, layers] = [64, 32, 4];
const giantRows = Math.round((Number(process.argv.at(2) ?? 4.3) * 2 ** 30) / 256);
const giantElements = 64 * giantRows;

interface Shaped {
  readonly name: string;
  readonly shape: readonly number[];
}

const tensors: readonly Shaped[] = [
  { name: 'embedding.weight', shape: [giantRows, 64] },
  ...Array.from({ length: layers }, (_, i): Shaped[] => [
    { name: `s4_layers.${i}.kernel.C`, shape: [channels, states, 2] },
    { name: `s4_layers.${i}.kernel.log_A_real`, shape: [channels, states] },
    { name: `s4_layers.${i}.kernel.A_imag`, shape: [channels, states] },
  ]).flat(),
];

/** data.pkl of {name: float32 tensor}, each on its own storage. */
function stateDictPickle(): Uint8Array {
  const items = tensors.flatMap(({ name, shape }, key) => [
    encodeString(name),
    encodeGlobal('torch._utils', '_rebuild_tensor_v2'),
    latin1('(('),
    encodeString('storage'),
    encodeGlobal('torch', 'FloatStorage'),
    encodeString(String(key)),
    encodeString('cpu'),
    encodeInteger(elementCount(shape)),
    latin1('tQ'),
    encodeInteger(0),
    encodeSizes(shape),
    encodeSizes(contiguousStride(shape)),
    latin1('\x89'),
    encodeGlobal('collections', 'OrderedDict'),
    latin1(')RtR'),
  ]);
  return concatenate([latin1('\x80\x02}('), ...items, latin1('u.')]);
}

/** Writes the source; the zeros of the giant tensor are left as a hole in the file. */
async function makeSource(path: string): Promise<void> {
  const file = await open(path, 'w');
  let position = 0;
  const sink: ByteSink = {
    async write(bytes) {
      if (bytes.length < 2 ** 20) await file.write(bytes, 0, bytes.length, position);
      position += bytes.length;
    },
  };
  const giant = zeros(4 * giantElements);
  const member = (name: string, contents: ZipMember['contents']): ZipMember => ({
    ...giant.entry,
    nameBytes: latin1(`archive/${name}`),
    contents,
  });
  const storages = tensors.map(({ shape }, key) =>
    member(`data/${key}`, key === 0 ? giant.entry : new Uint8Array(4 * elementCount(shape))),
  );
  const members = [
    member('data.pkl', stateDictPickle()),
    ...storages,
    member('version', latin1('3\n')),
  ];
  await writeZip(members, giant.source, sink);
  await file.close();
}

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
  await makeSource(path);
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
