import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Checkpoint, OpenOptions } from '../formats/checkpoint';
import { openFolder } from '../formats/folder';
import { isIndex } from '../formats/folder/choose';
import { openCheckpoint } from '../formats/open';
import { cannotRead } from './fileErrors';
import { FileSource } from './fileSource';
import { FolderFiles } from './folderFiles';

/**
 * What a person chose to look at or to compress: a file, a folder, or the index of a sharded checkpoint, which stands for
 * its folder. Close it when done.
 */
export interface CheckpointInput {
  readonly path: string;
  /** A folder's result is a folder. */
  readonly folder: FolderFiles | undefined;
  /** Permission bits for what is made from it. */
  readonly mode: number;
  /** Bytes of the file, or of all files that the opened checkpoint consists of. */
  readonly size: number;
  /** Opens the checkpoint. Rejects as `openCheckpoint` and `openFolder` do. */
  checkpoint(signal?: AbortSignal, options?: OpenOptions): Promise<Checkpoint>;
  /** Of the file, or of the list of files with their checksums ({@link FolderFiles.sha256}). */
  sha256(signal?: AbortSignal): Promise<string>;
  /** Throws `bad-file` if somebody wrote to it since it was opened. */
  assertUnchanged(): Promise<void>;
  /** Whether a path leads to (one of) its files or to the folder. */
  isSameFile(other: { readonly dev: bigint; readonly ino: bigint }): boolean;
  close(): Promise<void>;
}

/** @throws SsmError `cannot-read` */
export async function openInput(path: string, shownAs = path): Promise<CheckpointInput> {
  const stats = await stat(path, { bigint: true }).catch((error: unknown) => {
    throw cannotRead(error, shownAs);
  });
  if (stats.isDirectory()) return folderInput(path, shownAs, undefined);
  return isIndex(path)
    ? folderInput(dirname(path), shownAs, basename(path))
    : fileInput(path, shownAs);
}

async function fileInput(path: string, shownAs: string): Promise<CheckpointInput> {
  const source = await FileSource.open(path, shownAs);
  return {
    path: shownAs,
    folder: undefined,
    mode: source.mode,
    size: source.size,
    checkpoint: async (signal, options) =>
      withShardNote(await openCheckpoint(source, signal, options), path),
    sha256: (signal) => source.sha256(signal),
    assertUnchanged: () => source.assertUnchanged(),
    isSameFile: (other) => source.isSameFile(other),
    close: () => source.close(),
  };
}

async function folderInput(
  path: string,
  shownAs: string,
  file: string | undefined,
): Promise<CheckpointInput> {
  const folder = await FolderFiles.open(path, shownAs);
  const stats = await stat(path, { bigint: true });
  return {
    path: shownAs,
    folder,
    mode: Number(stats.mode & 0o777n),
    get size() {
      return folder.sources.reduce((sum, { size }) => sum + size, 0);
    },
    checkpoint: (signal, options) => openFolder(folder, file, signal, options),
    sha256: (signal) => folder.sha256(signal),
    assertUnchanged: async () => {
      for (const source of folder.sources) await source.assertUnchanged();
    },
    isSameFile: (other) =>
      (other.dev === stats.dev && other.ino === stats.ino) ||
      folder.sources.some((source) => source.isSameFile(other)),
    close: () => folder.close(),
  };
}

const SHARD = /^(.+)-\d{5}-of-(\d{5})\.(\w+)$/;

/** One shard of several can be compressed alone, but that is hardly what a person wants. */
async function withShardNote(checkpoint: Checkpoint, path: string): Promise<Checkpoint> {
  const [, stem = '', count = '', extension = ''] = SHARD.exec(basename(path)) ?? [];
  if (stem === '') return checkpoint;
  const index = `${stem}.${extension}.index.json`;
  const { files } = await FolderFiles.open(dirname(path));
  const whole = files.includes(index)
    ? `Open ${index} for the whole.`
    : 'Its index is not beside it.';
  const note = `This is one of ${Number(count)} files of a sharded checkpoint. ${whole}`;
  return { ...checkpoint, notes: [note, ...checkpoint.notes] };
}
