import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { SsmError, throwIfCancelled } from '../core/errors';
import type { ByteSource } from '../formats/byteSource';
import { cannotRead } from './fileErrors';

/** One system call reads at most this much: Linux stops at 2 GiB, and cancelling must not wait for gigabytes. */
const largestRead = 64 * 2 ** 20;
const hashChunk = 4 * 2 ** 20;

/** What identifies the contents of a file without reading them. */
interface Stamp {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly mode: bigint;
}

/** A file opened for reading by range. Close it when done. */
export class FileSource implements ByteSource {
  private constructor(
    readonly name: string,
    private readonly handle: FileHandle,
    private readonly stamp: Stamp,
  ) {}

  /**
   * Opens a regular file.
   *
   * @param path where it is
   * @param shownAs the name in messages, where it is not the path
   * @throws SsmError `cannot-read`
   */
  static async open(path: string, shownAs = path): Promise<FileSource> {
    const handle = await open(path, 'r').catch((error: unknown) => {
      throw cannotRead(error, shownAs);
    });
    try {
      const stats = await handle.stat({ bigint: true });
      if (stats.isDirectory()) {
        throw new SsmError('cannot-read', 'This is a directory, not a checkpoint file.', {
          file: shownAs,
        });
      }
      if (!stats.isFile()) {
        throw new SsmError('cannot-read', 'This is not a regular file.', { file: shownAs });
      }
      return new FileSource(shownAs, handle, stats);
    } catch (error) {
      await handle.close();
      throw cannotRead(error, shownAs);
    }
  }

  get size(): number {
    return Number(this.stamp.size);
  }

  /** Permission bits, without set-user-id and the like. */
  get mode(): number {
    return Number(this.stamp.mode & 0o777n);
  }

  /** Whether the path leads to this very file, also by a symbolic or a hard link. */
  isSameFile(other: { readonly dev: bigint; readonly ino: bigint }): boolean {
    return other.dev === this.stamp.dev && other.ino === this.stamp.ino;
  }

  async read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array> {
    if (offset < 0 || length < 0 || offset + length > this.size) {
      throw new SsmError(
        'bad-file',
        `The file ends at byte ${this.size}, before byte ${offset + length} that it refers to.`,
        { file: this.name },
      );
    }
    const bytes = new Uint8Array(length);
    await this.fill(bytes, offset, signal);
    return bytes;
  }

  private async fill(bytes: Uint8Array, offset: number, signal?: AbortSignal): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      throwIfCancelled(signal);
      const wanted = Math.min(bytes.length - done, largestRead);
      const { bytesRead } = await this.handle
        .read(bytes, done, wanted, offset + done)
        .catch((error: unknown) => {
          throw cannotRead(error, this.name);
        });
      if (bytesRead === 0) throw this.changed();
      done += bytesRead;
    }
  }

  /** SHA-256 of the whole file in hexadecimal, streamed. */
  async sha256(signal?: AbortSignal): Promise<string> {
    const hash = createHash('sha256');
    const buffer = new Uint8Array(Math.min(hashChunk, this.size));
    for (let offset = 0; offset < this.size; offset += buffer.length) {
      const part = buffer.subarray(0, Math.min(buffer.length, this.size - offset));
      await this.fill(part, offset, signal);
      hash.update(part);
    }
    return hash.digest('hex');
  }

  /** Throws `bad-file` if somebody wrote to the file since it was opened: what was read may belong to two versions. */
  async assertUnchanged(): Promise<void> {
    const now = await this.handle.stat({ bigint: true });
    if (now.size !== this.stamp.size || now.mtimeNs !== this.stamp.mtimeNs) throw this.changed();
  }

  private changed(): SsmError {
    return new SsmError('bad-file', 'The file changed while it was being read.', {
      file: this.name,
    });
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}
