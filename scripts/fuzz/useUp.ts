import { SsmError } from '../../src/core/errors';
import type { ByteSink, FolderSink, FolderSource } from '../../src/formats/byteSource';
import type { Checkpoint } from '../../src/formats/checkpoint';
import { openFolder } from '../../src/formats/folder';
import { memorySink, memorySource } from '../../src/formats/memory';
import { openCheckpoint } from '../../src/formats/open';
import { shrinkingEdits } from '../../test/support/edits';

/** Reasons with which a file may be refused; any other error is a fault of the program. */
const REFUSALS = new Set(['bad-file', 'unsupported-file', 'bad-request']);

/**
 * Does with files all that the program does: opens, reads every tensor, rewrites, opens the result. Returns what became
 * of it; throws if anything but a typed refusal comes out.
 */
export async function useUp(files: ReadonlyMap<string, Uint8Array>): Promise<'used' | 'refused'> {
  try {
    const checkpoint = await open(files);
    for (const { name } of checkpoint.tensors) await checkpoint.readTensor(name).catch(refused);
    await rewrite(checkpoint);
    return 'used';
  } catch (error) {
    refused(error);
    return 'refused';
  }
}

async function open(files: ReadonlyMap<string, Uint8Array>): Promise<Checkpoint> {
  if (files.size > 1) return openFolder(folderOf(files), undefined);
  const [[name, bytes]] = files;
  const checkpoint = await openCheckpoint(memorySource(name, bytes));
  const { fieldQuestion } = checkpoint;
  if (fieldQuestion === undefined) return checkpoint;
  return openCheckpoint(memorySource(name, bytes), undefined, { fields: fieldQuestion.proposed });
}

/** What a rewrite writes must open again: a damaged file may be refused, but not turned into an unreadable one. */
async function rewrite(checkpoint: Checkpoint): Promise<void> {
  const edits = shrinkingEdits(checkpoint);
  const written = new Map<string, Uint8Array>();
  const create = async (file: string, fill: (sink: ByteSink) => Promise<void>): Promise<void> => {
    const sink = memorySink();
    await fill(sink);
    written.set(file, sink.bytes());
  };
  const folder: FolderSink = { create, copy: () => Promise.resolve() };
  try {
    if (checkpoint.rewriteFolder !== undefined) await checkpoint.rewriteFolder(edits, folder);
    else
      await create('result', async (sink) => {
        await checkpoint.rewrite(edits, sink);
      });
  } catch (error) {
    refused(error);
    return;
  }
  const result = written.get('result');
  if (result === undefined) return;
  const names = checkpoint.tensors.map(({ name }) => name);
  await openCheckpoint(memorySource('result', result), undefined, {
    ...(checkpoint.format === 'equinox' ? { fields: names } : {}),
  });
}

function folderOf(files: ReadonlyMap<string, Uint8Array>): FolderSource {
  return {
    name: 'folder',
    files: [...files.keys()],
    folders: [],
    open: (file) => {
      const bytes = files.get(file);
      if (bytes === undefined) throw new Error(`${file} is not in the folder`);
      return Promise.resolve(memorySource(file, bytes));
    },
  };
}

function refused(error: unknown): void {
  if (!SsmError.is(error) || !REFUSALS.has(error.reason)) throw error;
}
