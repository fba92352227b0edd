import { SsmError } from '../core/errors';
import type { ByteSource } from './byteSource';
import { readNpy, type NpyArray } from './npy';
import { MAX_NPY_HEADER, parseNpyHeader, type NpyHeader } from './npy/header';
import { readEntryStart, readWholeEntry } from './zip/contents';
import { readZipDirectory } from './zip/directory';
import type { ZipEntry } from './zip/records';

/** An array of a .npz archive, not read yet. */
export interface NpzEntry {
  /** The name under which `np.load` gives it: the entry's without `.npy`. */
  readonly name: string;
  readonly entry: ZipEntry;
  /** Reads the header alone: element type and shape. */
  header(signal?: AbortSignal): Promise<NpyHeader>;
  /** Reads the array, checksum included. Rejects with `unsupported-file` what is no plain number. */
  read(signal?: AbortSignal): Promise<NpyArray>;
}

/**
 * Opens a .npz archive (a zip of .npy files, stored or deflated): its directory is read, its arrays are not. Rejects with
 * `bad-file` or `unsupported-file`.
 */
export async function openNpz(
  source: ByteSource,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, NpzEntry>> {
  const entries = await readZipDirectory(source, signal);
  if (!isNpz(entries))
    throw new SsmError('unsupported-file', 'This zip archive holds other files than .npy arrays.');
  return npzEntries(source, entries);
}

/** Whether a zip archive holds nothing but .npy files. */
export function isNpz(entries: readonly ZipEntry[]): boolean {
  return entries.length > 0 && entries.every(({ name }) => name.endsWith('.npy'));
}

/** The arrays of an archive whose directory is read. */
export function npzEntries(
  source: ByteSource,
  entries: readonly ZipEntry[],
): ReadonlyMap<string, NpzEntry> {
  return new Map(
    entries.map((entry) => {
      const name = entry.name.slice(0, -'.npy'.length);
      const place = `array ${JSON.stringify(name.slice(0, 80))}`;
      return [name, { name, entry, ...readers(source, entry, place) }];
    }),
  );
}

function readers(
  source: ByteSource,
  entry: ZipEntry,
  place: string,
): Pick<NpzEntry, 'header' | 'read'> {
  return {
    async header(signal) {
      const start = await readEntryStart(source, entry, MAX_NPY_HEADER, signal);
      const header = parseNpyHeader(start, place);
      const size = header.headerBytes + (header.dataBytes ?? 0);
      if (header.dataBytes === undefined ? entry.size < size : entry.size !== size)
        throw new SsmError('bad-file', `It should have ${size} bytes and has ${entry.size}.`, {
          place,
        });
      return header;
    },
    async read(signal) {
      return readNpy(await readWholeEntry(source, entry, signal), place);
    },
  };
}
