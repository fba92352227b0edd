import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changeNotes, notesPathOf, parseNotes } from '../../../src/extension/experiments/notes';
import { readNotes, writeNotes } from '../../../src/extension/experiments/notesFile';

let folder: string;
let report: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ssm-notes-'));
  report = path.join(folder, 'net.order16.pt.ssmreport.json');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('notes on a run', () => {
  it('lie beside the report', async () => {
    await writeNotes(report, { name: 'Best', starred: true });
    expect(readdirSync(folder)).toEqual(['net.order16.pt.ssmnotes.json']);
    expect(await readNotes(report)).toEqual({ name: 'Best', starred: true });
  });

  it('leave no file when nothing is noted any more', async () => {
    await writeNotes(report, { note: 'see the log', starred: true });
    await writeNotes(report, { note: '' });
    expect(await readNotes(report)).toEqual({ starred: true });
    await writeNotes(report, { starred: false });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('written at the same time are all kept', async () => {
    await Promise.all([
      writeNotes(report, { name: 'Best' }),
      writeNotes(report, { note: 'first' }),
      writeNotes(report, { starred: true }),
      writeNotes(report, { note: 'second' }),
    ]);
    expect(await readNotes(report)).toEqual({ name: 'Best', note: 'second', starred: true });
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('keep what another window or git wrote meanwhile, and what this version does not know', async () => {
    await writeNotes(report, { name: 'Best' });
    const file = notesPathOf(report);
    const theirs = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...theirs, note: 'theirs', tags: ['a'] }));
    await writeNotes(report, { starred: true });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      name: 'Best',
      note: 'theirs',
      tags: ['a'],
      starred: true,
    });
  });

  it.each(['<<<<<<< HEAD\n{}', '{"kind":"ssm-compress-notes","version":2}', '[]', ''])(
    'are not touched where they cannot be understood: %j',
    async (text) => {
      writeFileSync(notesPathOf(report), text);
      await expect(writeNotes(report, { name: 'mine' })).rejects.toMatchObject({
        reason: 'bad-file',
      });
      expect(readFileSync(notesPathOf(report), 'utf8')).toBe(text);
      expect(await readNotes(report)).toEqual({});
      expect(readdirSync(folder)).toHaveLength(1);
    },
  );

  it('ignore values of the wrong type', () => {
    const text = changeNotes(undefined, { name: 'x' })?.replace('"x"', '{"a":1}') ?? '';
    expect(parseNotes(text)).toEqual({});
  });
});
