import { throwIfCancelled } from '../../core/errors';
import type { ByteSink, ByteSource } from '../byteSource';
import { copyRange } from '../copy';
import { concatenate } from '../memory';
import { crc32 } from './crc32';
import { contentsOffset } from './directory';
import {
  CENTRAL_ENTRY,
  END,
  FLAG_UTF8,
  LOCAL_HEADER,
  MAX_UINT16,
  MAX_UINT32,
  METHOD_STORED,
  ZIP64_END,
  ZIP64_EXTRA_ID,
  ZIP64_LOCATOR,
  type ZipEntry,
} from './records';

/** Bytes of the source that lie in no archive. */
export interface SourceRange {
  readonly offset: number;
  readonly size: number;
}

/** An entry to write: new contents, or those of an entry or a range of the source, copied without being held. */
export interface ZipMember {
  readonly nameBytes: Uint8Array;
  readonly modified: number;
  readonly externalAttributes: number;
  readonly contents: Uint8Array | ZipEntry | SourceRange;
}

/** torch maps storages into memory and wants them aligned like this. */
const ALIGNMENT = 64;
const VERSION_PLAIN = 20;
const VERSION_ZIP64 = 45;

/**
 * Writes a zip archive front to back: new entries stored, their contents aligned to 64 bytes as torch does it,
 * sizes and checksums in the local headers, zip64 records where numbers outgrow 32 bits. Copied entries keep their
 * compression and checksum.
 */
export async function writeZip(
  members: readonly ZipMember[],
  source: ByteSource,
  sink: ByteSink,
  signal?: AbortSignal,
): Promise<void> {
  const directory: Uint8Array[] = [];
  let position = 0;
  for (const member of members) {
    throwIfCancelled(signal);
    const { contents } = member;
    const placed: Placed = {
      ...member,
      ...(await extentOf(contents, source, signal)),
      offset: position,
    };
    const header = localHeader(placed);
    await sink.write(header, signal);
    if (contents instanceof Uint8Array) await sink.write(contents, signal);
    else {
      const begin = isRange(contents)
        ? contents.offset
        : await contentsOffset(source, contents, signal);
      await copyRange(source, begin, placed.stored, sink, signal);
    }
    directory.push(centralEntry(placed));
    position += header.length + placed.stored;
  }
  const central = concatenate(directory);
  await sink.write(central, signal);
  await sink.write(endRecords(members.length, central.length, position), signal);
}

interface Extent {
  /** Bytes of the contents; `stored` of them in the archive. */
  readonly size: number;
  readonly stored: number;
  readonly method: number;
  readonly crc: number;
}

interface Placed extends ZipMember, Extent {
  readonly offset: number;
}

async function extentOf(
  contents: ZipMember['contents'],
  source: ByteSource,
  signal: AbortSignal | undefined,
): Promise<Extent> {
  if (contents instanceof Uint8Array) return storedExtent(contents.length, crc32(contents));
  if (!isRange(contents)) {
    const { size, storedSize, method, crc } = contents; // its name is the member's, which may be another
    return { size, stored: storedSize, method, crc };
  }
  let crc = 0;
  const hash = {
    write: (bytes: Uint8Array): Promise<void> => {
      crc = crc32(bytes, crc);
      return Promise.resolve();
    },
  };
  await copyRange(source, contents.offset, contents.size, hash, signal);
  return storedExtent(contents.size, crc);
}

function storedExtent(size: number, crc: number): Extent {
  return { size, stored: size, method: METHOD_STORED, crc };
}

function isRange(contents: ZipEntry | SourceRange): contents is SourceRange {
  return !('storedSize' in contents);
}

function localHeader(placed: Placed): Uint8Array {
  const { nameBytes, modified, size, stored, method, crc, offset } = placed;
  const large = Math.max(size, stored) >= MAX_UINT32;
  const wide = large ? zip64Extra([size, stored]) : new Uint8Array(0);
  const unpadded = offset + LOCAL_HEADER.length + nameBytes.length + wide.length;
  const padding = alignmentExtra(unpadded);
  const { bytes, view } = record(LOCAL_HEADER.length);
  view.setUint32(0, LOCAL_HEADER.signature, true);
  view.setUint16(4, large ? VERSION_ZIP64 : VERSION_PLAIN, true);
  view.setUint16(6, FLAG_UTF8, true);
  view.setUint16(8, method, true);
  view.setUint32(10, modified, true);
  view.setUint32(14, crc, true);
  view.setUint32(18, large ? MAX_UINT32 : stored, true);
  view.setUint32(22, large ? MAX_UINT32 : size, true);
  view.setUint16(26, nameBytes.length, true);
  view.setUint16(28, wide.length + padding.length, true);
  return concatenate([bytes, nameBytes, wide, padding]);
}

function centralEntry(placed: Placed): Uint8Array {
  const { nameBytes, modified, size, stored, method, crc, offset, externalAttributes } = placed;
  const large = Math.max(size, stored) >= MAX_UINT32;
  const numbers = [...(large ? [size, stored] : []), ...(offset >= MAX_UINT32 ? [offset] : [])];
  const wide = numbers.length > 0 ? zip64Extra(numbers) : new Uint8Array(0);
  const version = numbers.length > 0 ? VERSION_ZIP64 : VERSION_PLAIN;
  const { bytes, view } = record(CENTRAL_ENTRY.length);
  view.setUint32(0, CENTRAL_ENTRY.signature, true);
  view.setUint16(4, version, true);
  view.setUint16(6, version, true);
  view.setUint16(8, FLAG_UTF8, true);
  view.setUint16(10, method, true);
  view.setUint32(12, modified, true);
  view.setUint32(16, crc, true);
  view.setUint32(20, large ? MAX_UINT32 : stored, true);
  view.setUint32(24, large ? MAX_UINT32 : size, true);
  view.setUint16(28, nameBytes.length, true);
  view.setUint16(30, wide.length, true);
  view.setUint32(38, externalAttributes, true);
  view.setUint32(42, Math.min(offset, MAX_UINT32), true);
  return concatenate([bytes, nameBytes, wide]);
}

/** The zip64 extra field: the numbers that did not fit, in the format's order. */
function zip64Extra(numbers: readonly number[]): Uint8Array {
  const { bytes, view } = record(4 + 8 * numbers.length);
  view.setUint16(0, ZIP64_EXTRA_ID, true);
  view.setUint16(2, 8 * numbers.length, true);
  numbers.forEach((number, i) => {
    view.setBigUint64(4 + 8 * i, BigInt(number), true);
  });
  return bytes;
}

/** torch's extra field 'FB' filled with 'Z', so long that what follows it is aligned. */
function alignmentExtra(position: number): Uint8Array {
  const fill = (ALIGNMENT - ((position + 4) % ALIGNMENT)) % ALIGNMENT;
  const { bytes, view } = record(4 + fill);
  bytes.fill(0x5a, 4);
  view.setUint16(0, 0x4246, true);
  view.setUint16(2, fill, true);
  return bytes;
}

function endRecords(count: number, size: number, offset: number): Uint8Array {
  const large = count >= MAX_UINT16 || size >= MAX_UINT32 || offset >= MAX_UINT32;
  const { bytes, view } = record(END.length);
  view.setUint32(0, END.signature, true);
  view.setUint16(8, Math.min(count, MAX_UINT16), true);
  view.setUint16(10, Math.min(count, MAX_UINT16), true);
  view.setUint32(12, Math.min(size, MAX_UINT32), true);
  view.setUint32(16, Math.min(offset, MAX_UINT32), true);
  return large ? concatenate([...zip64End(count, size, offset), bytes]) : bytes;
}

function zip64End(count: number, size: number, offset: number): Uint8Array[] {
  const end = record(ZIP64_END.length);
  end.view.setUint32(0, ZIP64_END.signature, true);
  end.view.setBigUint64(4, BigInt(ZIP64_END.length - 12), true);
  end.view.setUint16(12, VERSION_ZIP64, true);
  end.view.setUint16(14, VERSION_ZIP64, true);
  [count, count, size, offset].forEach((number, i) => {
    end.view.setBigUint64(24 + 8 * i, BigInt(number), true);
  });
  const locator = record(ZIP64_LOCATOR.length);
  locator.view.setUint32(0, ZIP64_LOCATOR.signature, true);
  locator.view.setBigUint64(8, BigInt(offset + size), true);
  locator.view.setUint32(16, 1, true);
  return [end.bytes, locator.bytes];
}

function record(length: number): { bytes: Uint8Array; view: DataView } {
  const bytes = new Uint8Array(length);
  return { bytes, view: new DataView(bytes.buffer) };
}
