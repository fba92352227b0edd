import { SsmError } from '../core/errors';
import type { ByteSink, ByteSource } from './byteSource';
import type { Checkpoint, CheckpointEdits, RewriteSummary } from './checkpoint';
import { checkTensorEdits, type NewTensor } from './edits';
import { encodeNpy } from './npy';
import type { NpyHeader } from './npy/header';
import { npzEntries, type NpzEntry } from './npz';
import type { TensorInfo } from './tensor';
import { uniqueNames } from './uniqueNames';
import type { ZipEntry } from './zip/records';
import { writeZip } from './zip/writer';

/** An array of plain numbers under the name that it has here. */
interface Leaf {
  readonly info: TensorInfo;
  readonly array: NpzEntry;
  readonly header: NpyHeader;
}

/**
 * Opens a .npz archive as a checkpoint: every array of plain numbers is a tensor. Slashes in names, with which flattened
 * JAX trees are saved, are shown as dots. Arrays of other things (texts, objects) are kept as they are.
 */
export async function openNpzCheckpoint(
  source: ByteSource,
  entries: readonly ZipEntry[],
  signal?: AbortSignal,
): Promise<Checkpoint> {
  const unique = uniqueNames();
  const leaves = new Map<string, Leaf>();
  const others: string[] = [];
  for (const array of npzEntries(source, entries).values()) {
    const header = await array.header(signal);
    const { dtype, shape } = header;
    if (dtype === undefined) others.push(`${array.name} (${header.descr})`);
    else {
      const name = unique(array.name.replaceAll('/', '.'));
      leaves.set(name, { info: { name, dtype, shape, role: 'model' }, array, header });
    }
  }
  const tensors = [...leaves.values()].map(({ info }) => info);
  return {
    format: 'npz',
    tensors,
    settings: [],
    notes: others.length === 0 ? [] : [keptAsTheyAre(others)],
    async readTensor(name, signal) {
      const leaf = leaves.get(name);
      if (leaf === undefined)
        throw new SsmError('bad-request', `The file has no tensor ${JSON.stringify(name)}.`);
      return { info: leaf.info, values: (await leaf.array.read(signal)).values };
    },
    rewrite: (edits, sink, signal) => rewrite(source, entries, leaves, edits, sink, signal),
  };
}

function keptAsTheyAre(others: readonly string[]): string {
  const listed = others.slice(0, 20).join(', ');
  return `Arrays that are no plain numbers are kept as they are: ${listed}${others.length > 20 ? ', …' : ''}.`;
}

/** The archive with the edited arrays written anew and stored; all other entries are copied as they are. */
async function rewrite(
  source: ByteSource,
  entries: readonly ZipEntry[],
  leaves: ReadonlyMap<string, Leaf>,
  edits: CheckpointEdits,
  sink: ByteSink,
  signal: AbortSignal | undefined,
): Promise<RewriteSummary> {
  if (edits.settings.length > 0)
    throw new SsmError('bad-request', 'A .npz archive records no settings.');
  const infos = [...leaves.values()].map(({ info }) => info);
  const edited = checkTensorEdits(infos, edits.tensors);
  const fresh = new Map<ZipEntry, Uint8Array>();
  for (const [name, tensor] of edited) {
    const { array, header } = leaves.get(name)!;
    fresh.set(array.entry, encodeArray(name, tensor, header.littleEndian));
  }
  const members = entries.map((entry) => ({ ...entry, contents: fresh.get(entry) ?? entry }));
  await writeZip(members, source, sink, signal);
  return { droppedOptimizerStates: [] };
}

function encodeArray(name: string, tensor: NewTensor, littleEndian: boolean): Uint8Array {
  try {
    return encodeNpy(tensor, littleEndian);
  } catch (error) {
    if (!SsmError.is(error)) throw error;
    throw new SsmError(error.reason, error.message, { place: `tensor ${JSON.stringify(name)}` });
  }
}
