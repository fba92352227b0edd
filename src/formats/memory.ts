import { SsmError, throwIfCancelled } from '../core/errors';
import type { ByteSink, ByteSource } from './byteSource';

/** A byte source over bytes in memory. A read outside them rejects with `cannot-read`. */
export function memorySource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.length,
    async read(offset, length, signal) {
      throwIfCancelled(signal);
      if (offset < 0 || length < 0 || offset + length > bytes.length)
        throw new SsmError('cannot-read', 'The read lies outside the file.', {
          place: `byte ${offset}`,
        });
      return Promise.resolve(bytes.subarray(offset, offset + length));
    },
  };
}

/** A byte sink that keeps what it is given; `bytes()` joins it. */
export function memorySink(): ByteSink & { bytes(): Uint8Array } {
  const parts: Uint8Array[] = [];
  return {
    async write(bytes, signal) {
      throwIfCancelled(signal);
      parts.push(bytes.slice());
      return Promise.resolve();
    },
    bytes: () => concatenate(parts),
  };
}

/** The parts one after another in one array. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
