import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { safetensorsBytes, s4dTensors, exampleLayer } from '../../test/support/s4dModel';

/** Files to spoil: one, or those of a folder. */
export interface Sample {
  readonly name: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

const CHECKPOINT = /\.(pt|pth|ckpt|safetensors|npz|eqx|msgpack)$/;
/** Larger ones take long and have no other headers. */
const LARGEST = 100_000;

/** The fixtures of the repository, a sharded folder, and the shared samples where they are. */
export function samples(root: string): [Sample, ...Sample[]] {
  const shared = process.env.SSM_SHARED ?? join(root, '..', 'shared');
  const folders = [join(root, 'test/fixtures/formats'), join(shared, 'checkpoints')];
  const files = folders.filter((folder) => existsSync(folder)).flatMap(checkpointsIn);
  return [shardedFolder(), ...files.map(sampleOf)];
}

function checkpointsIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && CHECKPOINT.test(entry.name))
    .filter((entry) => !entry.name.endsWith('.golden.npz'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function sampleOf(path: string): Sample {
  const bytes = readFileSync(path);
  const kept = bytes.length > LARGEST ? new Uint8Array(0) : new Uint8Array(bytes);
  return { name: basename(path), files: new Map([[basename(path), kept]]) };
}

function shardedFolder(): Sample {
  const tensors = s4dTensors([exampleLayer(2, 3, 1), exampleLayer(2, 3, 2)]);
  const shards = ['a-00001-of-00002.safetensors', 'a-00002-of-00002.safetensors'];
  const map = Object.fromEntries(tensors.map(({ name }, i) => [name, shards[i < 5 ? 0 : 1]]));
  const text = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
  return {
    name: 'sharded folder',
    files: new Map([
      ['a.safetensors.index.json', text({ metadata: { total_size: 400 }, weight_map: map })],
      ['config.json', text({ d_state: 6, model: { layers: [1, 2], name: 'x' } })],
      [shards[0], new Uint8Array(safetensorsBytes(tensors.slice(0, 5)))],
      [shards[1], new Uint8Array(safetensorsBytes(tensors.slice(5)))],
    ]),
  };
}
