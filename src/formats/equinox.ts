import { SsmError } from '../core/errors';
import type { ByteSink, ByteSource } from './byteSource';
import type {
  Checkpoint,
  CheckpointEdits,
  FieldQuestion,
  OpenOptions,
  RewriteSummary,
} from './checkpoint';
import { copyRange } from './copy';
import { checkTensorEdits } from './edits';
import { fieldNames, LRU_FIELDS } from './equinox/fields';
import { decodeNpyData, encodeNpy } from './npy';
import { MAX_NPY_HEADER, parseNpyHeader, type NpyHeader } from './npy/header';
import type { TensorInfo } from './tensor';

/** An array of the file and where its bytes, header included, begin. */
interface Leaf {
  readonly header: NpyHeader;
  readonly offset: number;
  readonly length: number;
  /** Undefined for what is no plain number, and is kept as it is. */
  readonly info: TensorInfo | undefined;
}

const MAX_ARRAYS = 100_000;

/** Whether the first bytes are those of a .npy array, and so perhaps of an equinox file. */
export function isNpy(head: Uint8Array): boolean {
  return new TextDecoder('latin1').decode(head.subarray(1, 6)) === 'NUMPY' && head[0] === 0x93;
}

/**
 * Opens what `equinox.tree_serialise_leaves` writes: arrays in NumPy's format one after another, without names. Names are
 * proposed by the order of the shapes and have to be confirmed (`fieldQuestion`) before the file can be rewritten.
 */
export async function openEquinox(
  source: ByteSource,
  signal?: AbortSignal,
  { fields }: OpenOptions = {},
): Promise<Checkpoint> {
  const arrays = await readArrays(source, signal);
  if (arrays.length < 2)
    throw new SsmError(
      'unsupported-file',
      'This is a single NumPy array (.npy), not a checkpoint. Save all arrays with numpy.savez.',
    );
  const names = fieldNames(
    arrays.map(({ header }) => header.shape),
    fields,
  );
  const leaves = arrays.map((array, i): Leaf => {
    const { dtype, shape } = array.header;
    return {
      ...array,
      info: dtype === undefined ? undefined : { name: names[i], dtype, shape, role: 'model' },
    };
  });
  const byName = new Map(leaves.map((leaf) => [leaf.info?.name, leaf]));
  const fieldQuestion = fields === undefined ? questionOf(names) : undefined;
  return {
    format: 'equinox',
    tensors: leaves.flatMap(({ info }) => info ?? []),
    settings: [],
    notes: fieldQuestion === undefined ? [] : [fieldQuestion.question],
    ...(fieldQuestion === undefined ? {} : { fieldQuestion }),
    async readTensor(name, innerSignal) {
      const leaf = byName.get(name);
      if (leaf?.info === undefined)
        throw new SsmError('bad-request', `The file has no tensor ${JSON.stringify(name)}.`);
      const { header, offset, length, info } = leaf;
      const begin = offset + header.headerBytes;
      const bytes = await source.read(begin, length - header.headerBytes, innerSignal);
      return { info, values: decodeNpyData(header, bytes, `tensor ${JSON.stringify(name)}`) };
    },
    rewrite: async (edits, sink, innerSignal) => {
      if (fieldQuestion !== undefined)
        throw new SsmError('bad-request', 'The order of the fields has to be confirmed first.');
      return rewrite(source, leaves, edits, sink, innerSignal);
    },
  };
}

function questionOf(proposed: readonly string[]): FieldQuestion {
  const layers = proposed.filter((name) => /^lru\.\d+\.nu_log$/.test(name)).length;
  const found =
    layers === 0
      ? 'no known layer fits their shapes'
      : `by their shapes ${layers} LRU layer${layers === 1 ? '' : 's'} with the fields ${LRU_FIELDS.join(', ')} in this order`;
  return {
    question: `An equinox file stores arrays without names: ${found}. Is this the order in which the class declares them?`,
    proposed,
  };
}

async function readArrays(
  source: ByteSource,
  signal: AbortSignal | undefined,
): Promise<Omit<Leaf, 'info'>[]> {
  const arrays: Omit<Leaf, 'info'>[] = [];
  for (let offset = 0; offset < source.size;) {
    const place = `array ${arrays.length}, byte ${offset}`;
    const window = Math.min(MAX_NPY_HEADER, source.size - offset);
    const header = parseNpyHeader(await source.read(offset, window, signal), place);
    if (header.dataBytes === undefined)
      throw new SsmError(
        'unsupported-file',
        `Its elements (${header.descr}) are no plain numbers.`,
        {
          place,
        },
      );
    const length = header.headerBytes + header.dataBytes;
    if (offset + length > source.size)
      throw new SsmError('bad-file', `It needs ${length} bytes; the file is truncated.`, { place });
    if (arrays.length >= MAX_ARRAYS)
      throw new SsmError('bad-file', `More than ${MAX_ARRAYS} arrays are absurd.`, { place });
    arrays.push({ header, offset, length });
    offset += length;
  }
  return arrays;
}

async function rewrite(
  source: ByteSource,
  leaves: readonly Leaf[],
  edits: CheckpointEdits,
  sink: ByteSink,
  signal: AbortSignal | undefined,
): Promise<RewriteSummary> {
  if (edits.settings.length > 0)
    throw new SsmError('bad-request', 'An equinox file records no settings.');
  const infos = leaves.flatMap(({ info }) => info ?? []);
  const edited = checkTensorEdits(infos, edits.tensors);
  for (const { header, offset, length, info } of leaves) {
    const tensor = info === undefined ? undefined : edited.get(info.name);
    if (tensor === undefined) await copyRange(source, offset, length, sink, signal);
    else await sink.write(encodeNpy(tensor, header.littleEndian), signal);
  }
  return { droppedOptimizerStates: [] };
}
