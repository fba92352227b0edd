import { SsmError } from '../../core/errors';
import type { ByteSource } from '../byteSource';
import { contentsOffset, requireStored } from '../zip/directory';
import type { ZipEntry } from '../zip/records';
import type { Storages } from './storages';

/** A torch zip archive: its entries in order, and the parts that matter. */
export interface TorchArchive extends Storages {
  readonly source: ByteSource;
  readonly entries: readonly ZipEntry[];
  /** The folder of all entries, e.g. "archive". */
  readonly root: string;
  readonly pickle: ZipEntry;
  /** The contents of data.pkl. */
  readonly pickleBytes: Uint8Array;
  /** Whether it holds a program (`torch.jit.save`), whose classes are written down in the archive itself. */
  readonly isScript: boolean;
  /** Storages by their key. */
  readonly storages: ReadonlyMap<string, ZipEntry>;
}

/** Larger than the header of any checkpoint; what is in it must fit into memory. */
const MAX_PICKLE_BYTES = 2 ** 28;

/** Opens the archive and reads data.pkl; says what the file is if it is a zip of another kind (`unsupported-file`). */
export async function openTorchArchive(
  source: ByteSource,
  entries: readonly ZipEntry[],
  signal?: AbortSignal,
): Promise<TorchArchive> {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const root = entries.at(0)?.name.split('/')[0] ?? '';
  const pickle = byName.get(`${root}/data.pkl`);
  if (pickle === undefined)
    throw unsupported(
      'This is a zip archive, but not one that torch.save wrote: it has no data.pkl.',
    );
  const isScript =
    byName.has(`${root}/constants.pkl`) ||
    entries.some(({ name }) => name.startsWith(`${root}/code/`));
  const storagePrefix = `${root}/data/`;
  const isData = ({ name }: ZipEntry): boolean => name.startsWith(storagePrefix);
  // The code of a program may be compressed; nobody reads it here.
  requireStored(isScript ? [pickle, ...entries.filter(isData)] : entries);
  if (pickle.size > MAX_PICKLE_BYTES)
    throw new SsmError('bad-file', `A header of ${pickle.size} bytes is absurd.`, {
      place: 'data.pkl',
    });
  const storages = new Map(
    entries.filter(isData).map((entry) => [entry.name.slice(storagePrefix.length), entry]),
  );
  return {
    source,
    entries,
    root,
    pickle,
    pickleBytes: await contents(source, pickle, signal),
    littleEndian: await isLittleEndian(source, byName.get(`${root}/byteorder`), signal),
    isScript,
    storages,
    sizeOf: (key) => storages.get(key)?.size,
    read: (key, offset, length, signal) =>
      readEntry(source, storages.get(key)!, offset, length, signal),
  };
}

/** Reads `length` bytes of an entry from `offset` on. */
async function readEntry(
  source: ByteSource,
  entry: ZipEntry,
  offset: number,
  length: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const begin = await contentsOffset(source, entry, signal);
  return source.read(begin + offset, length, signal);
}

async function contents(
  source: ByteSource,
  entry: ZipEntry,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  return readEntry(source, entry, 0, entry.size, signal);
}

async function isLittleEndian(
  source: ByteSource,
  entry: ZipEntry | undefined,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (entry === undefined) return true;
  const order =
    entry.size > 16 ? '' : new TextDecoder().decode(await contents(source, entry, signal));
  if (order !== 'little' && order !== 'big')
    throw new SsmError('bad-file', 'It is neither "little" nor "big".', { place: 'byteorder' });
  return order === 'little';
}

function unsupported(message: string): SsmError {
  return new SsmError('unsupported-file', message);
}
