import { createHash } from 'node:crypto';
import { link, open, rename, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { SsmError, throwIfCancelled } from '../core/errors';
import type { ByteSink } from '../formats/byteSource';
import { cannotWrite, systemCode } from './fileErrors';
import { forgetTemporary, removeStaleTemporaries, temporaryName } from './temporaryFiles';

export interface AtomicFileOptions {
  /** Permission bits of the new file. */
  readonly mode: number;
  /** Whether an existing file may be replaced. */
  readonly overwrite: boolean;
}

/** What was written. */
export interface Sealed {
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * A file that appears under its name complete or not at all. It is written under a temporary name beside the target
 * (`write`), brought to the disk (`seal`), may then be checked under `temporary`, and only `publish` gives it its name.
 * `discard` is safe at any moment and after any failure.
 */
export class AtomicFile implements ByteSink {
  private readonly hash = createHash('sha256');
  private bytes = 0;
  private handle: FileHandle | undefined;

  private constructor(
    readonly target: string,
    readonly temporary: string,
    private readonly overwrite: boolean,
    handle: FileHandle,
  ) {
    this.handle = handle;
  }

  /** Creates the temporary file, so that a directory that cannot be written is known before any work is done. */
  static async create(target: string, { mode, overwrite }: AtomicFileOptions): Promise<AtomicFile> {
    await removeStaleTemporaries(target);
    const temporary = temporaryName(target);
    try {
      const handle = await open(temporary, 'wx', mode);
      return new AtomicFile(target, temporary, overwrite, handle);
    } catch (error) {
      forgetTemporary(temporary);
      throw cannotWrite(error, target);
    }
  }

  async write(bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    throwIfCancelled(signal);
    const handle = this.handle;
    if (handle === undefined) throw new SsmError('internal', 'Written to after its end.');
    try {
      // One call may write less than asked (2 GiB on Linux); writeFile goes on until all is written.
      await handle.writeFile(bytes, signal === undefined ? {} : { signal });
    } catch (error) {
      throwIfCancelled(signal);
      throw cannotWrite(error, this.target);
    }
    this.hash.update(bytes);
    this.bytes += bytes.length;
  }

  /** Ends the writing and waits until the device has the bytes. */
  async seal(): Promise<Sealed> {
    const handle = this.handle;
    if (handle === undefined) throw new SsmError('internal', 'Sealed twice.');
    this.handle = undefined;
    try {
      await handle.sync().finally(() => handle.close());
    } catch (error) {
      throw cannotWrite(error, this.target);
    }
    return { bytes: this.bytes, sha256: this.hash.digest('hex') };
  }

  /**
   * Gives the sealed file its name.
   *
   * @throws SsmError `output-exists` if the name is taken and may not be replaced, else `cannot-write`
   */
  async publish(): Promise<void> {
    try {
      if (this.overwrite) await rename(this.temporary, this.target);
      else await renameToFreeName(this.temporary, this.target);
    } catch (error) {
      throw systemCode(error) === 'EEXIST'
        ? outputExists(this.target)
        : cannotWrite(error, this.target);
    }
    forgetTemporary(this.temporary);
    await syncDirectory(dirname(this.target));
  }

  /** Removes what is not published. */
  async discard(): Promise<void> {
    const handle = this.handle;
    this.handle = undefined;
    await handle?.close().catch(() => undefined);
    await unlink(this.temporary).catch(() => undefined);
    forgetTemporary(this.temporary);
  }
}

export function outputExists(target: string): SsmError {
  return new SsmError('output-exists', `A file named ${basename(target)} exists already.`, {
    file: target,
  });
}

/** File systems without hard links (FAT, some network shares) answer with one of these. */
const noHardLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** A rename that fails with EEXIST where `rename` would replace, without a moment in which somebody else could slip in. */
async function renameToFreeName(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!noHardLinks.has(systemCode(error) ?? '')) throw error;
    await claimAndRename(from, to);
    return;
  }
  await unlink(from).catch(() => undefined);
}

async function claimAndRename(from: string, to: string): Promise<void> {
  const placeholder = await open(to, 'wx');
  await placeholder.close();
  try {
    await rename(from, to);
  } catch (error) {
    await unlink(to);
    throw error;
  }
}

/** Makes a rename survive a power cut. Windows has no such call and needs none. */
export async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  try {
    const handle = await open(directory, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {
    // Some network file systems refuse; the rename itself has succeeded.
  }
}
