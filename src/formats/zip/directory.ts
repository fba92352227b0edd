import { SsmError } from '../../core/errors';
import type { ByteSource } from '../byteSource';
import { findDirectory } from './end';
import {
  CENTRAL_ENTRY,
  FLAG_ENCRYPTED,
  FLAG_MASKED_HEADERS,
  LOCAL_HEADER,
  MAX_UINT16,
  MAX_UINT32,
  METHOD_STORED,
  viewOf,
  ZIP64_EXTRA_ID,
  type ZipEntry,
} from './records';

/**
 * Reads the central directory of a zip file and checks it against the file's size before believing it: counts, sizes,
 * names, overlaps. Faults are `bad-file` with the entry named; encryption is `unsupported-file`.
 */
export async function readZipDirectory(
  source: ByteSource,
  signal?: AbortSignal,
): Promise<readonly ZipEntry[]> {
  const { offset, size, count } = await findDirectory(source, signal);
  const bytes = await source.read(offset, size, signal);
  const entries: Entry[] = [];
  let at = 0;
  for (let index = 0; index < count; index++) {
    const { entry, next } = readEntry(bytes, at, index);
    entries.push(entry);
    at = next;
  }
  if (at !== size) throw bad('central directory', 'It is longer than its entries.');
  refuseRepeatedNames(entries);
  return withLimits(entries, offset);
}

/** Refuses (`unsupported-file`) an archive with compressed entries: torch writes none, and ranges need none. */
export function requireStored(entries: readonly ZipEntry[]): void {
  for (const { name, method } of entries)
    if (method !== METHOD_STORED)
      throw new SsmError(
        'unsupported-file',
        `The archive is compressed (method ${method}); torch stores its entries uncompressed.`,
        { place: `entry ${quoted(name)}` },
      );
}

/** Where the contents of an entry begin: reads its local header and checks it against the directory. */
export async function contentsOffset(
  source: ByteSource,
  entry: ZipEntry,
  signal?: AbortSignal,
): Promise<number> {
  const place = `entry ${quoted(entry.name)}`;
  const fixed = await source.read(entry.headerOffset, LOCAL_HEADER.length, signal);
  const view = viewOf(fixed);
  if (view.getUint32(0, true) !== LOCAL_HEADER.signature)
    throw bad(place, 'There is no local header where the directory says.');
  const nameLength = view.getUint16(26, true);
  const begin = entry.headerOffset + LOCAL_HEADER.length + nameLength + view.getUint16(28, true);
  if (begin + entry.storedSize > entry.limit) throw bad(place, 'It runs into what follows it.');
  const name = await source.read(entry.headerOffset + LOCAL_HEADER.length, nameLength, signal);
  if (!sameBytes(name, entry.nameBytes))
    throw bad(place, 'The local header carries another name than the directory.');
  if (view.getUint16(8, true) !== entry.method)
    throw bad(place, 'The local header and the directory disagree about its compression.');
  return begin;
}

type Entry = Omit<ZipEntry, 'limit'>;

function readEntry(bytes: Uint8Array, at: number, index: number): { entry: Entry; next: number } {
  const place = `central directory entry ${index + 1}`;
  const view = viewOf(bytes);
  if (at + CENTRAL_ENTRY.length > bytes.length) throw bad(place, 'The directory ends inside it.');
  if (view.getUint32(at, true) !== CENTRAL_ENTRY.signature)
    throw bad(place, 'It has no signature.');
  const nameEnd = at + CENTRAL_ENTRY.length + view.getUint16(at + 28, true);
  const extraEnd = nameEnd + view.getUint16(at + 30, true);
  const next = extraEnd + view.getUint16(at + 32, true);
  if (next > bytes.length) throw bad(place, 'The directory ends inside it.');

  const nameBytes = bytes.slice(at + CENTRAL_ENTRY.length, nameEnd);
  const name = checkedName(nameBytes, place);
  const named = `${place} (${quoted(name)})`;
  refuseEncrypted(view.getUint16(at + 8, true), named);
  const method = view.getUint16(at + 10, true);
  if (view.getUint16(at + 34, true) !== 0) throw bad(named, 'It lies on another disk.');
  const large = readZip64(bytes.subarray(nameEnd, extraEnd), named, {
    size: view.getUint32(at + 24, true),
    stored: view.getUint32(at + 20, true),
    headerOffset: view.getUint32(at + 42, true),
  });
  if (method === METHOD_STORED && large.size !== large.stored)
    throw bad(named, 'Its two sizes differ though it is stored.');
  return {
    entry: {
      name,
      nameBytes,
      size: large.size,
      storedSize: large.stored,
      method,
      headerOffset: large.headerOffset,
      crc: view.getUint32(at + 16, true),
      modified: view.getUint32(at + 12, true),
      externalAttributes: view.getUint32(at + 38, true),
    },
    next,
  };
}

interface Extents {
  readonly size: number;
  readonly stored: number;
  readonly headerOffset: number;
}

/** Replaces the fields that are all ones by the 64-bit values of the zip64 extra field, in the order of the format. */
function readZip64(extra: Uint8Array, place: string, small: Extents): Extents {
  if (Math.max(small.size, small.stored, small.headerOffset) < MAX_UINT32) return small;
  const field = extraField(extra, place);
  const view = viewOf(field);
  let at = 0;
  const widen = (value: number): number => {
    if (value !== MAX_UINT32) return value;
    if (at + 8 > field.length) throw bad(place, 'Its zip64 field is missing or too short.');
    const wide = Number(view.getBigUint64(at, true));
    at += 8;
    if (!Number.isSafeInteger(wide)) throw bad(place, 'Its zip64 size or offset is absurd.');
    return wide;
  };
  const size = widen(small.size);
  const stored = widen(small.stored);
  return { size, stored, headerOffset: widen(small.headerOffset) };
}

function extraField(extra: Uint8Array, place: string): Uint8Array {
  const view = viewOf(extra);
  for (let at = 0; at + 4 <= extra.length;) {
    const end = at + 4 + view.getUint16(at + 2, true);
    if (end > extra.length) throw bad(place, 'Its extra fields are longer than declared.');
    if (view.getUint16(at, true) === ZIP64_EXTRA_ID) return extra.subarray(at + 4, end);
    at = end;
  }
  return new Uint8Array(0);
}

function refuseEncrypted(flags: number, place: string): void {
  if ((flags & (FLAG_ENCRYPTED | FLAG_MASKED_HEADERS)) !== 0)
    throw new SsmError('unsupported-file', 'The archive is encrypted.', { place });
}

function checkedName(bytes: Uint8Array, place: string): string {
  if (bytes.length === 0 || bytes.length === MAX_UINT16) throw bad(place, 'Its name is unusable.');
  const name = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const control = bytes.some((byte) => byte < 0x20);
  const climbs = name.split('/').some((part) => part === '..' || part === '.');
  if (control || climbs || name.startsWith('/') || name.includes('\\') || /^[a-z]:/i.test(name))
    throw bad(place, `The name ${quoted(name)} is not a plain relative path.`);
  return name;
}

function refuseRepeatedNames(entries: readonly Entry[]): void {
  const seen = new Set<string>();
  for (const { name } of entries) {
    if (seen.has(name)) throw bad('central directory', `It lists ${quoted(name)} twice.`);
    seen.add(name);
  }
}

/** Gives every entry its end, which is the start of the next one in the file, and refuses entries that overlap. */
function withLimits(entries: readonly Entry[], directory: number): ZipEntry[] {
  const order = entries.map((_, index) => index);
  order.sort((a, b) => entries[a].headerOffset - entries[b].headerOffset);
  const limits = new Map<number, number>();
  order.forEach((index, rank) => {
    const following = order.at(rank + 1);
    const limit = following === undefined ? directory : entries[following].headerOffset;
    const { name, nameBytes, headerOffset, storedSize } = entries[index];
    if (headerOffset + LOCAL_HEADER.length + nameBytes.length + storedSize > limit)
      throw bad(
        `central directory entry ${index + 1} (${quoted(name)})`,
        `Its ${storedSize} bytes run into what follows it: the sizes are wrong or entries overlap.`,
      );
    limits.set(index, limit);
  });
  return entries.map((entry, index) => ({ ...entry, limit: limits.get(index)! }));
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function quoted(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}

function bad(place: string, message: string): SsmError {
  return new SsmError('bad-file', message, { place });
}
