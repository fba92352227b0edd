import { statSync } from 'node:fs';
import { lstat, rm, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join, parse } from 'node:path';
import { SsmError } from '../core/errors';
import { reportSuffix } from '../protocol/report';
import { isIndex } from '../formats/folder/choose';
import { AtomicFile, outputExists } from './atomicFile';
import { AtomicFolder } from './atomicFolder';
import type { CheckpointInput } from './checkpointInput';
import { cannotWrite } from './fileErrors';

/**
 * Where the result goes when nobody says: `net.pt` at order 16 becomes `net.order16.pt` beside it, the folder `net` (also
 * where its index was chosen) the folder `net.order16`.
 */
export function defaultOutput(file: string, label: number | string): string {
  const suffix = typeof label === 'number' ? `order${label}` : label;
  const isFolder = statSync(file, { throwIfNoEntry: false })?.isDirectory() === true;
  const folder = isFolder ? file : isIndex(file) ? dirname(file) : undefined;
  if (folder !== undefined) return join(dirname(folder), `${basename(folder)}.${suffix}`);
  const { dir, name, ext } = parse(file);
  return join(dir, `${name}.${suffix}${ext}`);
}

export function reportPathOf(output: string): string {
  return output + reportSuffix;
}

/**
 * The checkpoint, a file or a folder, and the report of a run. They are prepared before the work begins, written in full, and published together: first the
 * checkpoint, then its report, so that there never is a report of a checkpoint that does not exist, and a process
 * killed at any moment leaves a complete checkpoint or none.
 */
export class ResultFiles {
  private constructor(
    readonly checkpoint: AtomicFile | AtomicFolder,
    readonly report: AtomicFile,
    private readonly overwrite: boolean,
  ) {}

  /**
   * Checks that both files can be written and opens them under temporary names.
   *
   * @throws SsmError `output-exists`, `cannot-write`, or `bad-request` where the output is the source itself
   */
  static async prepare(
    source: CheckpointInput,
    output: string,
    overwrite: boolean,
  ): Promise<ResultFiles> {
    const reportPath = reportPathOf(output);
    await assertWritable(source, output, overwrite);
    await assertWritable(source, reportPath, overwrite);
    // What one may read others may read too, but the owner shall be able to change what is new.
    const options = { mode: source.mode | 0o600, overwrite };
    const checkpoint = await (source.folder === undefined
      ? AtomicFile.create(output, options)
      : AtomicFolder.create(output, source.folder, options));
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
      await rm(this.checkpoint.target, { recursive: true, force: true });
      throw error;
    }
  }

  async discard(): Promise<void> {
    await this.checkpoint.discard();
    await this.report.discard();
  }
}

async function assertWritable(
  source: CheckpointInput,
  path: string,
  overwrite: boolean,
): Promise<void> {
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
  if (existing?.isDirectory() === true && !(await isFormerResult(source, path))) {
    throw new SsmError('cannot-write', 'A directory of that name exists.', { file: path });
  }
  // A link that leads nowhere is a file too.
  if (!overwrite && (await lstat(path).catch(() => undefined)) !== undefined) {
    throw outputExists(path);
  }
}

/** A folder is replaced only where it is a result itself: where its report lies beside it. */
async function isFormerResult({ folder }: CheckpointInput, path: string): Promise<boolean> {
  return (
    folder !== undefined && (await stat(reportPathOf(path)).catch(() => undefined)) !== undefined
  );
}
