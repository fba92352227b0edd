import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { SsmError } from '../../core/errors';
import { changeNotes, notesPathOf, parseNotes } from './notes';
import type { RunNotes } from './notes';

const attempts = 20;
const queues = new Map<string, Promise<unknown>>();

/** The notes of a run; none where there is no such file or it cannot be understood. */
export async function readNotes(report: string): Promise<RunNotes> {
  const text = await textOf(notesPathOf(report));
  return text === undefined ? {} : (parseNotes(text) ?? {});
}

/**
 * Changes some of the notes of a run and leaves the others as they are on disk now, whoever wrote them.
 *
 * @throws SsmError `bad-file` where the file cannot be understood (unsolved merge, newer version): it is not touched
 */
export function writeNotes(report: string, change: RunNotes): Promise<void> {
  const file = notesPathOf(report);
  const task = (queues.get(file) ?? Promise.resolve()).then(() => update(file, change));
  const settled = task
    .catch(() => undefined)
    .finally(() => {
      if (queues.get(file) === settled) queues.delete(file);
    });
  queues.set(file, settled);
  return task;
}

/** Writes what follows from the present contents, and begins anew if these change meanwhile. */
async function update(file: string, change: RunNotes): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const before = await textOf(file);
    const after = changeNotes(before, change);
    if (after === undefined) {
      throw new SsmError(
        'bad-file',
        'The notes of this run cannot be understood; nothing was changed.',
        {
          file,
        },
      );
    }
    if (await replace(file, before, after)) return;
  }
  throw new SsmError('cannot-write', 'Another program keeps changing the notes of this run.', {
    file,
  });
}

/** Puts the text in the place of the one before, at once and whole; false if that is no longer what is there. */
async function replace(file: string, before: string | undefined, after: string): Promise<boolean> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    if (after !== '') await writeFile(temporary, after, { flag: 'wx' });
    if ((await textOf(file)) !== before) return false;
    await (after === '' ? rm(file, { force: true }) : rename(temporary, file));
    return true;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SsmError('cannot-write', `The notes cannot be written: ${why}`, { file });
  } finally {
    await rm(temporary, { force: true });
  }
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    const why = error instanceof Error ? error.message : String(error);
    throw new SsmError('cannot-read', `The notes cannot be read: ${why}`, { file });
  }
}
