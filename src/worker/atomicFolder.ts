import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ByteSink, FolderSink } from '../formats/byteSource';
import { AtomicFile, outputExists, syncDirectory, type AtomicFileOptions } from './atomicFile';
import { cannotWrite, systemCode } from './fileErrors';
import type { FolderFiles } from './folderFiles';
import { forgetTemporary, removeStaleTemporaries, temporaryName } from './temporaryFiles';

/**
 * A folder that appears under its name complete or not at all: it is filled under a temporary name beside the target, and
 * only `publish` gives it its name. `discard` is safe at any moment and after any failure.
 */
export class AtomicFolder implements FolderSink {
  private published = false;

  private constructor(
    readonly target: string,
    readonly temporary: string,
    private readonly source: FolderFiles,
    private readonly options: AtomicFileOptions,
  ) {}

  static async create(
    target: string,
    source: FolderFiles,
    options: AtomicFileOptions,
  ): Promise<AtomicFolder> {
    await removeStaleTemporaries(target);
    const temporary = temporaryName(target);
    try {
      await mkdir(temporary, { mode: options.mode | 0o700 });
    } catch (error) {
      forgetTemporary(temporary);
      throw cannotWrite(error, target);
    }
    return new AtomicFolder(target, temporary, source, options);
  }

  async create(file: string, fill: (sink: ByteSink) => Promise<void>): Promise<void> {
    const mode = this.options.mode & 0o666;
    const output = await AtomicFile.create(join(this.temporary, file), { mode, overwrite: false });
    try {
      await fill(output);
      await output.seal();
      await output.publish();
    } finally {
      await output.discard(); // nothing is left to discard after a success
    }
  }

  /** Copies without moving bytes where the file system can share them. Not a hard link: both may be written to later. */
  async copy(file: string): Promise<void> {
    const to = join(this.temporary, file);
    try {
      await copyFile(
        this.source.pathOf(file),
        to,
        constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL,
      );
    } catch (error) {
      throw cannotWrite(error, this.target);
    }
  }

  /**
   * Gives the folder its name.
   *
   * @throws SsmError `output-exists` if the name is taken and may not be replaced, else `cannot-write`
   */
  async publish(): Promise<void> {
    const old = this.options.overwrite ? await setAside(this.target) : undefined;
    try {
      // `rename` would replace an empty folder.
      if (await exists(this.target)) throw outputExists(this.target);
      await rename(this.temporary, this.target);
    } catch (error) {
      if (old !== undefined) await rename(old, this.target).catch(() => undefined);
      throw ['EEXIST', 'ENOTEMPTY'].includes(systemCode(error) ?? '')
        ? outputExists(this.target)
        : cannotWrite(error, this.target);
    }
    this.published = true;
    await syncDirectory(dirname(this.target));
    forgetTemporary(this.temporary);
    if (old !== undefined) {
      await rm(old, { recursive: true, force: true });
      forgetTemporary(old);
    }
  }

  /** Removes what is not published. */
  async discard(): Promise<void> {
    if (this.published) return;
    await rm(this.temporary, { recursive: true, force: true }).catch(() => undefined);
    forgetTemporary(this.temporary);
  }
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}

/** Moves an existing folder out of the way; returns where it is now. */
async function setAside(target: string): Promise<string | undefined> {
  if (!(await exists(target))) return undefined;
  const aside = temporaryName(target);
  try {
    await rename(target, aside);
  } catch (error) {
    forgetTemporary(aside);
    throw cannotWrite(error, target);
  }
  return aside;
}
