import { SsmError } from '../core/errors';
import type { FolderSink, FolderSource } from './byteSource';
import type { Checkpoint, CheckpointEdits, OpenOptions, RewriteSummary } from './checkpoint';
import { bytesPerElement } from './dtypes';
import { chooseFile, holdsWeights, isIndex } from './folder/choose';
import { patchConfig, readConfig, type ConfigFile } from './folder/config';
import { patchIndex, readIndex, type ShardIndex } from './folder/shardIndex';
import { openCheckpoint } from './open';
import { elementCount } from './strided';
import type { TensorInfo } from './tensor';

const CONFIG = 'config.json';

/** What a folder's checkpoint consists of. */
interface Parts {
  readonly folder: FolderSource;
  readonly shards: ReadonlyMap<string, Checkpoint>;
  /** File of each tensor. */
  readonly files: ReadonlyMap<string, string>;
  readonly index: ShardIndex | undefined;
  readonly config: ConfigFile | undefined;
}

/**
 * Opens a checkpoint of several files: a sharded one by its index (`*.index.json`, PyTorch or safetensors), or a Hugging
 * Face folder with its `config.json`. `file` names the index or the weights; without it the folder's is chosen. The
 * result of a rewrite is a folder: touched shards, the index and `config.json` anew, other files copied, but no other
 * weights, which would be stale.
 */
export async function openFolder(
  folder: FolderSource,
  file: string | undefined,
  signal?: AbortSignal,
  options: OpenOptions = {},
): Promise<Checkpoint> {
  const chosen = file ?? chooseFile(folder);
  const index = isIndex(chosen) ? await readIndex(folder, chosen, signal) : undefined;
  const shards = new Map<string, Checkpoint>();
  for (const name of new Set(index?.files.values() ?? [chosen]))
    shards.set(name, await openCheckpoint(await folder.open(name), signal, options));
  const config = folder.files.includes(CONFIG)
    ? await readConfig(await folder.open(CONFIG), signal)
    : undefined;
  const located = index === undefined ? allTensors(shards) : indexedTensors(shards, index);
  const files = new Map(located.map(({ info, file: at }) => [info.name, at]));
  return checkpointOf(
    { folder, shards, files, index, config },
    located.map(({ info }) => info),
  );
}

interface Located {
  readonly info: TensorInfo;
  readonly file: string;
}

function allTensors(shards: ReadonlyMap<string, Checkpoint>): Located[] {
  return [...shards].flatMap(([file, { tensors }]) => tensors.map((info) => ({ info, file })));
}

function indexedTensors(shards: ReadonlyMap<string, Checkpoint>, index: ShardIndex): Located[] {
  const infos = new Map(
    [...shards].map(([file, { tensors }]) => [file, new Map(tensors.map((t) => [t.name, t]))]),
  );
  return [...index.files].map(([name, file]) => {
    const info = infos.get(file)?.get(name);
    if (info !== undefined) return { info, file };
    const shown = JSON.stringify(name.slice(0, 200));
    throw new SsmError('bad-file', `The index promises ${shown} in it, which is not there.`, {
      place: file,
    });
  });
}

function checkpointOf(parts: Parts, tensors: readonly TensorInfo[]): Checkpoint {
  const { shards, files, config, folder } = parts;
  const first = [...shards.values()].at(0);
  if (first === undefined) throw new SsmError('bad-file', 'The index names no tensors.');
  const single = shards.size === 1 ? first : undefined;
  const found = [...shards.values()].find(({ refusal }) => refusal !== undefined)?.refusal;
  return {
    format: first.format,
    tensors,
    settings: [
      ...(config?.settings ?? []).map(({ path, value }) => ({ path, value })),
      ...(single?.settings ?? []),
    ],
    notes: [...new Set([...shards.values()].flatMap(({ notes }) => notes)), ...leftOut(parts)],
    ...(found === undefined ? {} : { refusal: found }),
    ...(single?.fieldQuestion === undefined ? {} : { fieldQuestion: single.fieldQuestion }),
    ...(first.writtenAs === undefined ? {} : { writtenAs: first.writtenAs }),
    async readTensor(name, signal) {
      const shard = shards.get(files.get(name) ?? '');
      if (shard === undefined)
        throw new SsmError('bad-request', `The file has no tensor ${JSON.stringify(name)}.`);
      return shard.readTensor(name, signal);
    },
    readElements: async (name, range, signal) =>
      shards.get(files.get(name) ?? '')?.readElements?.(name, range, signal),
    rewrite: () =>
      Promise.reject(
        new SsmError('bad-request', `The result of ${folder.name} is a folder, not a file.`),
      ),
    rewriteFolder: (edits, sink, signal) => rewrite(parts, edits, sink, signal),
  };
}

/** What of the folder is no part of a result. */
function leftOut(parts: Parts): string[] {
  const { folder } = parts;
  const names = [...folder.files.filter((file) => !isKept(parts, file)), ...folder.folders];
  if (names.length === 0) return [];
  const listed = names.slice(0, 20).join(', ');
  return [
    `A result leaves out what this does not concern: ${listed}${names.length > 20 ? ', …' : ''}.`,
  ];
}

function isKept({ shards, index }: Parts, file: string): boolean {
  if (shards.has(file) || file === index?.file) return true;
  return !holdsWeights(file) && !file.startsWith('.');
}

async function rewrite(
  parts: Parts,
  edits: CheckpointEdits,
  sink: FolderSink,
  signal: AbortSignal | undefined,
): Promise<RewriteSummary> {
  const { folder, shards, index, config } = parts;
  const ofConfig = new Set(config?.settings.map(({ path }) => JSON.stringify(path)));
  const configEdits = edits.settings.filter(({ path }) => ofConfig.has(JSON.stringify(path)));
  const shardEdits = edits.settings.filter((edit) => !configEdits.includes(edit));
  const unknown = edits.tensors.find(({ name }) => !parts.files.has(name));
  if (unknown !== undefined || (shardEdits.length > 0 && shards.size > 1))
    throw new SsmError('bad-request', 'An edit concerns what the checkpoint does not have.');
  const dropped: string[] = [];
  const texts = new Map<string, string>();
  if (config !== undefined && configEdits.length > 0)
    texts.set(CONFIG, patchConfig(config, configEdits));
  if (index !== undefined) texts.set(index.file, patchIndex(index, changeOf(parts, edits)));
  for (const file of folder.files.filter((name) => isKept(parts, name))) {
    const shard = shards.get(file);
    const text = texts.get(file);
    const own = shard === undefined ? undefined : editsOf(parts, edits, shardEdits, file);
    if (shard !== undefined && own !== undefined)
      await sink.create(file, async (out) => {
        dropped.push(...(await shard.rewrite(own, out, signal)).droppedOptimizerStates);
      });
    else if (text === undefined) await sink.copy(file);
    else await sink.create(file, (out) => out.write(new TextEncoder().encode(text), signal));
  }
  return { droppedOptimizerStates: dropped };
}

/** The edits of one shard; undefined where it is not touched. */
function editsOf(
  { files, shards }: Parts,
  edits: CheckpointEdits,
  settings: CheckpointEdits['settings'],
  file: string,
): CheckpointEdits | undefined {
  const tensors = edits.tensors.filter(({ name }) => files.get(name) === file);
  const moments = shards.get(file)!.tensors.some(({ role }) => role === 'optimizer');
  const touched = tensors.length > 0 || settings.length > 0;
  return touched || (edits.dropOptimizerState && moments)
    ? { tensors, settings, dropOptimizerState: edits.dropOptimizerState }
    : undefined;
}

/** By how much the edits change the totals of the index. */
function changeOf(
  { shards, files }: Parts,
  edits: CheckpointEdits,
): { bytes: number; parameters: number } {
  const change = { bytes: 0, parameters: 0 };
  for (const { name, shape, dtype } of edits.tensors) {
    const info = shards.get(files.get(name)!)!.tensors.find((tensor) => tensor.name === name)!;
    const [before, after] = [elementCount(info.shape), elementCount(shape)];
    change.parameters += after - before;
    change.bytes +=
      after * bytesPerElement(dtype ?? info.dtype) - before * bytesPerElement(info.dtype);
  }
  return change;
}
