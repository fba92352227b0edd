import { throwIfCancelled } from '../core/errors';
import type { ByteSink, ByteSource } from './byteSource';

/** Large enough for the disk, small enough for the memory. */
const CHUNK_BYTES = 4 * 2 ** 20;

/** Copies `length` bytes from `offset` on to the sink, a chunk at a time. */
export async function copyRange(
  source: ByteSource,
  offset: number,
  length: number,
  sink: ByteSink,
  signal?: AbortSignal,
): Promise<void> {
  for (let done = 0; done < length; done += CHUNK_BYTES) {
    throwIfCancelled(signal);
    const chunk = Math.min(CHUNK_BYTES, length - done);
    await sink.write(await source.read(offset + done, chunk, signal), signal);
  }
}
