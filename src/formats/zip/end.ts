import { SsmError } from '../../core/errors';
import type { ByteSource } from '../byteSource';
import {
  CENTRAL_ENTRY,
  END,
  MAX_UINT16,
  MAX_UINT32,
  viewOf,
  ZIP64_END,
  ZIP64_LOCATOR,
} from './records';

/** Where the central directory lies and how many entries it declares, checked against the file's size. */
export interface DirectoryExtent {
  readonly offset: number;
  readonly size: number;
  readonly count: number;
}

/** A directory larger than this belongs to no checkpoint: a million entries need about 100 MB. */
const MAX_DIRECTORY_BYTES = 2 ** 27;

/** Finds the central directory from the records at the end of the file, zip64 or not. */
export async function findDirectory(
  source: ByteSource,
  signal?: AbortSignal,
): Promise<DirectoryExtent> {
  const tailLength = Math.min(source.size, END.length + MAX_UINT16 + ZIP64_LOCATOR.length);
  const tailOffset = source.size - tailLength;
  const tail = await source.read(tailOffset, tailLength, signal);
  const at = endRecord(tail);
  const view = viewOf(tail);
  if (view.getUint16(at + 4, true) !== 0 && view.getUint16(at + 4, true) !== MAX_UINT16)
    throw bad('The archive is split over several disks.');
  const small = {
    count: view.getUint16(at + 10, true),
    size: view.getUint32(at + 12, true),
    offset: view.getUint32(at + 16, true),
  };
  const locator = at - ZIP64_LOCATOR.length;
  if (locator < 0 || view.getUint32(locator, true) !== ZIP64_LOCATOR.signature) {
    if (small.count === MAX_UINT16 || small.size === MAX_UINT32 || small.offset === MAX_UINT32)
      throw bad('The zip64 record that the end of the archive calls for is missing.');
    return checked(small, tailOffset + at);
  }
  const wideAt = Number(view.getBigUint64(locator + 8, true));
  return checked(await zip64Extent(source, wideAt, tailOffset + locator, signal), wideAt);
}

/** Offset of the end record in the tail; its comment must reach exactly to the end of the file. */
function endRecord(tail: Uint8Array): number {
  const view = viewOf(tail);
  for (let at = tail.length - END.length; at >= 0; at--)
    if (
      view.getUint32(at, true) === END.signature &&
      at + END.length + view.getUint16(at + 20, true) === tail.length
    )
      return at;
  throw bad('The file begins like a zip archive but has no directory at its end: it is truncated.');
}

async function zip64Extent(
  source: ByteSource,
  at: number,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<DirectoryExtent> {
  if (!Number.isSafeInteger(at) || at + ZIP64_END.length > limit)
    throw bad('The zip64 locator points outside the file.');
  const view = viewOf(await source.read(at, ZIP64_END.length, signal));
  if (view.getUint32(0, true) !== ZIP64_END.signature)
    throw bad('The zip64 locator points to something else.');
  return {
    count: Number(view.getBigUint64(32, true)),
    size: Number(view.getBigUint64(40, true)),
    offset: Number(view.getBigUint64(48, true)),
  };
}

function checked(extent: DirectoryExtent, limit: number): DirectoryExtent {
  const { offset, size, count } = extent;
  if (offset + size !== limit)
    throw bad(
      `The directory (${size} bytes at ${offset}) does not end where its end record begins.`,
    );
  if (count * CENTRAL_ENTRY.length > size)
    throw bad(`It declares ${count} entries, more than its ${size} bytes can hold.`);
  if (size > MAX_DIRECTORY_BYTES) throw bad(`A directory of ${size} bytes is absurd.`);
  return extent;
}

function bad(message: string): SsmError {
  return new SsmError('bad-file', message, { place: 'end of the archive' });
}
