import { SsmError } from '../../core/errors';
import type { ByteSource } from '../byteSource';
import { contentsOffset, requireStored } from '../zip/directory';
import type { ZipEntry } from '../zip/records';

/** A torch zip archive: its entries in order, and the parts that matter. */
export interface TorchArchive {
  readonly source: ByteSource;
  readonly entries: readonly ZipEntry[];
  /** The folder of all entries, e.g. "archive". */
  readonly root: string;
  readonly pickle: ZipEntry;
  /** The contents of data.pkl. */
  readonly pickleBytes: Uint8Array;
  readonly littleEndian: boolean;
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
  if (
    byName.has(`${root}/constants.pkl`) ||
    entries.some(({ name }) => name.startsWith(`${root}/code/`))
  )
    throw unsupported(
      'This is a TorchScript program (torch.jit.save). Save the state dict instead.',
    );
  if (pickle === undefined)
    throw unsupported(
      'This is a zip archive, but not one that torch.save wrote: it has no data.pkl.',
    );
  requireStored(entries);
  if (pickle.size > MAX_PICKLE_BYTES)
    throw new SsmError('bad-file', `A header of ${pickle.size} bytes is absurd.`, {
      place: 'data.pkl',
    });
  const storagePrefix = `${root}/data/`;
  return {
    source,
    entries,
    root,
    pickle,
    pickleBytes: await contents(source, pickle, signal),
    littleEndian: await isLittleEndian(source, byName.get(`${root}/byteorder`), signal),
    storages: new Map(
      entries
        .filter(({ name }) => name.startsWith(storagePrefix))
        .map((entry) => [entry.name.slice(storagePrefix.length), entry]),
    ),
  };
}

/** Reads `length` bytes of an entry from `offset` on. */
export async function readEntry(
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
