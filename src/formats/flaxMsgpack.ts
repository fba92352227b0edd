import { SsmError } from '../core/errors';
import type { ByteSink, ByteSource } from './byteSource';
import type { Checkpoint, CheckpointEdits, RewriteSummary, SettingEdit } from './checkpoint';
import { copyRange } from './copy';
import { componentsPerElement, decodeElements } from './dtypes';
import { checkTensorEdits, type NewTensor } from './edits';
import { readTree, type FlaxLeaf, type FlaxTree } from './flax/tree';
import { concatenate } from './memory';
import { encodeInteger, encodeNdArray } from './msgpack/encode';
import { readMsgpack } from './msgpack/read';
import { elementCount } from './strided';
import type { TensorValues } from './tensor';

/** More elements than this do not fit into one array of numbers on common machines. */
const MAX_ELEMENTS = 2 ** 28;

/** Whether a file may be msgpack of a map, as Flax writes it. */
export function isMsgpackMap(head: Uint8Array): boolean {
  return head[0] === 0xde || head[0] === 0xdf || (head[0] > 0x80 && head[0] < 0x90);
}

/**
 * Opens what `flax.serialization.to_bytes` or `msgpack_serialize` writes: nested maps with arrays as leaves, arrays beyond
 * 2³⁰ bytes in chunks. Names are the keys joined by dots: `params.layers_0.seq.Lambda_re`.
 */
export async function openFlaxMsgpack(
  source: ByteSource,
  signal?: AbortSignal,
): Promise<Checkpoint> {
  const tree = readTree(await readMsgpack(source, signal));
  if (tree.leaves.length === 0)
    throw new SsmError(
      'unsupported-file',
      'This is msgpack, but it holds no arrays as Flax stores them.',
    );
  const byName = new Map(tree.leaves.map((leaf) => [leaf.info.name, leaf]));
  const { others } = tree;
  return {
    format: 'flax-msgpack',
    tensors: tree.leaves.map(({ info }) => info),
    settings: tree.settings.map(({ path, value }) => ({ path, value })),
    notes:
      others.length === 0
        ? []
        : [
            `Arrays of unknown element types are kept as they are: ${others.slice(0, 20).join(', ')}.`,
          ],
    async readTensor(name, innerSignal) {
      const leaf = byName.get(name);
      if (leaf === undefined)
        throw new SsmError('bad-request', `The file has no tensor ${JSON.stringify(name)}.`);
      return readLeaf(source, leaf, innerSignal);
    },
    rewrite: (edits, sink, innerSignal) => rewrite(source, tree, edits, sink, innerSignal),
  };
}

async function readLeaf(
  source: ByteSource,
  { info, parts }: FlaxLeaf,
  signal: AbortSignal | undefined,
): Promise<TensorValues> {
  if (elementCount(info.shape) > MAX_ELEMENTS)
    throw new SsmError('unsupported-file', 'Its elements are too many to read at once.', {
      place: `tensor ${JSON.stringify(info.name)}`,
    });
  const bytes: Uint8Array[] = [];
  for (const { from, to } of parts) bytes.push(await source.read(from, to - from, signal));
  return { info, values: decodeElements(concatenate(bytes), info.dtype) };
}

interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/** The file with the edited values replaced; msgpack counts values, not bytes, so that nothing else changes. */
async function rewrite(
  source: ByteSource,
  tree: FlaxTree,
  edits: CheckpointEdits,
  sink: ByteSink,
  signal: AbortSignal | undefined,
): Promise<RewriteSummary> {
  const infos = tree.leaves.map(({ info }) => info);
  const edited = checkTensorEdits(infos, edits.tensors);
  const moments = edits.dropOptimizerState
    ? freshMoments(tree, edited)
    : new Map<string, NewTensor>();
  const replacements = [
    ...tree.leaves.flatMap((leaf): Replacement[] => {
      const { name } = leaf.info;
      const tensor = edited.get(name) ?? moments.get(name);
      if (tensor === undefined) return [];
      const { start, end } = leaf.node;
      return [{ start, end, bytes: encodeNdArray(name, tensor, leaf.parts[0].extension) }];
    }),
    ...edits.settings.map((edit) => settingReplacement(tree, edit)),
  ].sort((a, b) => a.start - b.start);
  let at = 0;
  for (const { start, end, bytes } of replacements) {
    await copyRange(source, at, start - at, sink, signal);
    await sink.write(bytes, signal);
    at = end;
  }
  await copyRange(source, at, source.size - at, sink, signal);
  return { droppedOptimizerStates: [...moments.keys()] };
}

function settingReplacement({ settings }: FlaxTree, { path, value }: SettingEdit): Replacement {
  const wanted = JSON.stringify(path);
  const found = settings.find((setting) => JSON.stringify(setting.path) === wanted);
  if (found === undefined || !Number.isSafeInteger(found.value) || !Number.isSafeInteger(value))
    throw new SsmError('bad-request', 'The file records no such whole number.', {
      place: `setting ${JSON.stringify(path.join('.'))}`,
    });
  return { start: found.node.start, end: found.node.end, bytes: encodeInteger(value) };
}

/**
 * Zeros in the new shape for the optimizer's moments of every tensor whose shape changes. Flax restores by structure, so
 * that a state cannot be taken out of the tree; optax keeps moments under the path of their parameter.
 */
function freshMoments(
  { leaves }: FlaxTree,
  edited: ReadonlyMap<string, NewTensor>,
): Map<string, NewTensor> {
  const fresh = new Map<string, NewTensor>();
  for (const { info, path } of leaves) {
    const tensor = edited.get(info.name);
    if (tensor === undefined || info.role !== 'model' || sameShape(info.shape, tensor.shape))
      continue;
    const below = path.slice(path.lastIndexOf('params') + 1);
    for (const moment of leaves) {
      const { name, dtype, shape, role } = moment.info;
      const matches =
        role === 'optimizer' && sameShape(shape, info.shape) && endsWith(moment.path, below);
      if (!matches) continue;
      const length = elementCount(tensor.shape) * componentsPerElement(dtype);
      fresh.set(name, { dtype, shape: tensor.shape, values: new Float64Array(length) });
    }
  }
  return fresh;
}

function endsWith(path: readonly string[], end: readonly string[]): boolean {
  return end.every((key, i) => path[path.length - end.length + i] === key);
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}
