import { SsmError } from '../../core/errors';
import type { ByteSource } from '../byteSource';

/** Reads a source front to back in small windows; what is skipped is not read. */
export interface Cursor {
  /** Where the next byte is read. */
  position(): number;
  /** The next `count` bytes. `bad-file` where fewer are left. */
  take(count: number): Promise<DataView>;
  skip(count: number): void;
  left(): number;
}

const WINDOW_BYTES = 64 * 1024;

export function cursorOver(source: ByteSource, signal?: AbortSignal): Cursor {
  let window = new Uint8Array(0);
  let windowAt = 0;
  let position = 0;
  const left = (): number => source.size - position;
  const check = (count: number): void => {
    if (count > left())
      throw new SsmError('bad-file', `It declares ${count} bytes; ${left()} are left.`, {
        place: `byte ${position}`,
      });
  };
  return {
    position: () => position,
    left,
    skip(count) {
      check(count);
      position += count;
    },
    async take(count) {
      check(count);
      if (position < windowAt || position + count > windowAt + window.length) {
        const wanted = Math.max(count, WINDOW_BYTES);
        window = (await source.read(position, Math.min(wanted, left()), signal)).slice();
        windowAt = position;
      }
      const at = window.byteOffset + position - windowAt;
      position += count;
      return new DataView(window.buffer, at, count);
    },
  };
}
