import { lstat, stat, unlink } from 'node:fs/promises';
import { dirname, join, parse } from 'node:path';
import { SsmError } from '../core/errors';
import { reportSuffix } from '../protocol/report';
import { AtomicFile, outputExists } from './atomicFile';
import { cannotWrite } from './fileErrors';
import type { FileSource } from './fileSource';

/** Where the result goes when nobody says: `net.pt` at order 16 becomes `net.order16.pt` beside it. */
export function defaultOutput(file: string, order: number): string {
  const { dir, name, ext } = parse(file);
  return join(dir, `${name}.order${order}${ext}`);
}

export function reportPathOf(output: string): string {
  return output + reportSuffix;
}

/**
 * The two files of a run. They are prepared before the work begins, written in full, and published together: first the
 * checkpoint, then its report, so that there never is a report of a checkpoint that does not exist, and a process
 * killed at any moment leaves a complete checkpoint or none.
 */
export class ResultFiles {
  private constructor(
    readonly checkpoint: AtomicFile,
    readonly report: AtomicFile,
    private readonly overwrite: boolean,
  ) {}

  /**
   * Checks that both files can be written and opens them under temporary names.
   *
   * @throws SsmError `output-exists`, `cannot-write`, or `bad-request` where the output is the source itself
   */
  static async prepare(
    source: FileSource,
    output: string,
    overwrite: boolean,
  ): Promise<ResultFiles> {
    const reportPath = reportPathOf(output);
    for (const path of [output, reportPath]) await assertWritable(source, path, overwrite);
    // What one may read others may read too, but the owner shall be able to change what is new.
    const options = { mode: source.mode | 0o600, overwrite };
    const checkpoint = await AtomicFile.create(output, options);
    try {
      return new ResultFiles(checkpoint, await AtomicFile.create(reportPath, options), overwrite);
    } catch (error) {
      await checkpoint.discard();
      throw error;
    }
  }

  /** Gives both sealed files their names. */
  async publish(): Promise<void> {
    // An older report would describe a checkpoint that is about to be replaced.
    if (this.overwrite) await unlink(this.report.target).catch(() => undefined);
    await this.checkpoint.publish();
    try {
      await this.report.publish();
    } catch (error) {
      if (this.overwrite) throw error;
      await unlink(this.checkpoint.target);
      throw error;
    }
  }

  async discard(): Promise<void> {
    await this.checkpoint.discard();
    await this.report.discard();
  }
}

async function assertWritable(source: FileSource, path: string, overwrite: boolean): Promise<void> {
  const directory = await stat(dirname(path)).catch((error: unknown) => {
    throw cannotWrite(error, path);
  });
  if (!directory.isDirectory()) {
    throw new SsmError('cannot-write', 'Its directory does not exist.', { file: path });
  }
  const existing = await stat(path, { bigint: true }).catch(() => undefined);
  if (existing !== undefined && source.isSameFile(existing)) {
    throw new SsmError('bad-request', 'The result would replace the source. Choose another name.', {
      file: path,
    });
  }
  if (existing?.isDirectory() === true) {
    throw new SsmError('cannot-write', 'A directory of that name exists.', { file: path });
  }
  // A link that leads nowhere is a file too.
  if (!overwrite && (await lstat(path).catch(() => undefined)) !== undefined) {
    throw outputExists(path);
  }
}
