import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ByteSource, FolderSource } from '../formats/byteSource';
import { SsmError } from '../core/errors';
import { cannotRead } from './fileErrors';
import { FileSource } from './fileSource';

/** The plain files of a directory, opened when asked for. Links that lead to files count as files. */
export class FolderFiles implements FolderSource {
  private readonly opened = new Map<string, FileSource>();

  private constructor(
    readonly name: string,
    private readonly path: string,
    readonly files: readonly string[],
    readonly folders: readonly string[],
  ) {}

  /** @throws SsmError `cannot-read` */
  static async open(path: string, shownAs = path): Promise<FolderFiles> {
    const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown) => {
      throw cannotRead(error, shownAs);
    });
    const names = (folders: boolean): string[] =>
      entries
        .filter((entry) => entry.isDirectory() === folders)
        .map(({ name }) => name)
        .sort();
    return new FolderFiles(shownAs, path, names(false), names(true));
  }

  /** The path of one of `files`. */
  pathOf(file: string): string {
    if (!this.files.includes(file))
      throw new SsmError('bad-request', `There is no file ${JSON.stringify(file)} in it.`, {
        file: this.name,
      });
    return join(this.path, file);
  }

  async open(file: string): Promise<ByteSource> {
    const known = this.opened.get(file);
    if (known !== undefined) return known;
    const source = await FileSource.open(this.pathOf(file));
    this.opened.set(file, source);
    return source;
  }

  /** The files that were opened: those that the checkpoint consists of. */
  get sources(): readonly FileSource[] {
    return [...this.opened.values()];
  }

  /** SHA-256 of the list `<SHA-256>  <name>` of the opened files by name, one a line, as `sha256sum` prints it. */
  async sha256(signal?: AbortSignal): Promise<string> {
    const hash = createHash('sha256');
    const byName = [...this.opened].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [name, source] of byName) hash.update(`${await source.sha256(signal)}  ${name}\n`);
    return hash.digest('hex');
  }

  async close(): Promise<void> {
    for (const source of this.opened.values()) await source.close();
    this.opened.clear();
  }
}
