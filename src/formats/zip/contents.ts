import { SsmError, throwIfCancelled } from '../../core/errors';
import type { ByteSource } from '../byteSource';
import { concatenate } from '../memory';
import { crc32 } from './crc32';
import { contentsOffset } from './directory';
import { METHOD_DEFLATED, METHOD_STORED, type ZipEntry } from './records';

/** Small enough that its inflation (at most 1032-fold) is no burden. */
const CHUNK_BYTES = 64 * 1024;
/** No deflated byte stands for more than this many (RFC 1951: 258 bytes for two bits). */
const MOST_EXPANSION = 1032;
/** More does not fit into one array on common machines. */
const MAX_BYTES = 2 ** 31;

/** The first `length` bytes of an entry's contents, or all if there are fewer. Compressed ones are unpacked no further. */
export async function readEntryStart(
  source: ByteSource,
  entry: ZipEntry,
  length: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let missing = Math.min(length, entry.size);
  if (missing > 0)
    for await (const chunk of entryChunks(source, entry, signal)) {
      parts.push(chunk.subarray(0, missing));
      missing -= chunk.length;
      if (missing <= 0) break;
    }
  return concatenate(parts);
}

/** Compressed contents beyond this may take no more than {@link USUAL_EXPANSION} times the space of the compressed. */
const ALWAYS_BYTES = 2 ** 25;
const USUAL_EXPANSION = 50;

/** All contents of an entry; checked against the size and the checksum that the directory declares. */
export async function readWholeEntry(
  source: ByteSource,
  entry: ZipEntry,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  if (
    entry.size > MAX_BYTES ||
    (entry.size > ALWAYS_BYTES && entry.size > USUAL_EXPANSION * entry.storedSize)
  )
    throw new SsmError(
      'unsupported-file',
      `Its ${entry.size} bytes are too many to read at once.`,
      {
        place: placeOf(entry),
      },
    );
  const parts: Uint8Array[] = [];
  let crc = 0;
  for await (const chunk of entryChunks(source, entry, signal)) {
    crc = crc32(chunk, crc);
    parts.push(chunk);
  }
  if (crc !== entry.crc) throw bad(entry, 'Its checksum is wrong: the file is damaged.');
  return concatenate(parts);
}

/** The contents of an entry, piece by piece; never more than the directory declares, and `bad-file` if fewer. */
async function* entryChunks(
  source: ByteSource,
  entry: ZipEntry,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  if (entry.size > MOST_EXPANSION * entry.storedSize)
    throw bad(entry, `It declares ${entry.size} bytes; ${entry.storedSize} cannot hold so many.`);
  const begin = await contentsOffset(source, entry, signal);
  const stored = rawChunks(source, begin, entry.storedSize, signal);
  let left = entry.size;
  for await (const chunk of decoded(entry, stored)) {
    left -= chunk.length;
    if (left < 0) throw bad(entry, 'It unpacks to more bytes than it declares.');
    yield chunk;
  }
  if (left > 0) throw bad(entry, `It ends ${left} bytes before its declared end.`);
}

async function* rawChunks(
  source: ByteSource,
  begin: number,
  length: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < length; done += CHUNK_BYTES) {
    throwIfCancelled(signal);
    yield await source.read(begin + done, Math.min(CHUNK_BYTES, length - done), signal);
  }
}

function decoded(entry: ZipEntry, stored: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (entry.method === METHOD_STORED) return stored;
  if (entry.method === METHOD_DEFLATED) return inflated(entry, stored);
  throw new SsmError('unsupported-file', `Its compression (method ${entry.method}) is not known.`, {
    place: placeOf(entry),
  });
}

async function* inflated(
  entry: ZipEntry,
  stored: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const inflater = new DecompressionStream('deflate-raw');
  const reader = (inflater.readable as ReadableStream<Uint8Array>).getReader();
  let fault: unknown;
  const feeding = feed(inflater.writable.getWriter(), stored).catch((error: unknown) => {
    fault = error;
  });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield value;
    }
  } catch (error) {
    await feeding;
    if (SsmError.is(fault)) throw fault;
    throw new SsmError(
      'bad-file',
      'Its compressed data is damaged.',
      { place: placeOf(entry) },
      {
        cause: error,
      },
    );
  } finally {
    await reader.cancel().catch(() => undefined);
    await feeding;
  }
}

async function feed(
  writer: WritableStreamDefaultWriter<Uint8Array>,
  stored: AsyncGenerator<Uint8Array>,
): Promise<void> {
  // A rejection of `closed` is also one of `write`, where it is dealt with.
  writer.closed.catch(() => undefined);
  try {
    for await (const chunk of stored) await writer.write(chunk);
    await writer.close();
  } catch (error) {
    await writer.abort(error).catch(() => undefined);
    throw error;
  }
}

function placeOf({ name }: ZipEntry): string {
  return `entry ${JSON.stringify(name.slice(0, 80))}`;
}

function bad(entry: ZipEntry, message: string): SsmError {
  return new SsmError('bad-file', message, { place: placeOf(entry) });
}
