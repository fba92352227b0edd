import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { AtomicFile } from '../../src/worker/atomicFile';
import { tempDir } from '../support/tempDir';

const root = tempDir();
let directory = '';
let target = '';
let cases = 0;

beforeEach(() => {
  directory = join(root, `case${cases++}`);
  mkdirSync(directory);
  target = join(directory, 'net.pt');
});

const options = { mode: 0o600, overwrite: false };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function written(text: string, overwrite = false): Promise<AtomicFile> {
  const file = await AtomicFile.create(target, { ...options, overwrite });
  for (const character of text) await file.write(bytes(character));
  return file;
}

describe('a file that appears complete or not at all', () => {
  it('does not exist under its name before it is published', async () => {
    const file = await written('abc');
    await file.seal();
    expect(existsSync(target)).toBe(false);
    await file.publish();
    expect(readFileSync(target, 'utf8')).toBe('abc');
    expect(readdirSync(directory)).toEqual(['net.pt']);
  });

  it('has the permissions asked for', async () => {
    const file = await written('abc');
    await file.seal();
    await file.publish();
    expect(statSync(target).mode & 0o777).toBe(0o600);
  });

  it('tells the size and the hash of what was written', async () => {
    const file = await written('hello');
    const expected = createHash('sha256').update('hello').digest('hex');
    expect(await file.seal()).toEqual({ bytes: 5, sha256: expected });
    await file.discard();
  });

  it('leaves nothing when discarded, before and after the seal', async () => {
    await (await written('abc')).discard();
    const sealed = await written('abc');
    await sealed.seal();
    await sealed.discard();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('does not take a name that was taken meanwhile', async () => {
    const file = await written('ours');
    await file.seal();
    writeFileSync(target, 'theirs');
    await expect(file.publish()).rejects.toMatchObject({ reason: 'output-exists', file: target });
    await file.discard();
    expect(readFileSync(target, 'utf8')).toBe('theirs');
    expect(readdirSync(directory)).toEqual(['net.pt']);
  });

  it('replaces an existing file when told to', async () => {
    writeFileSync(target, 'old');
    const file = await written('new', true);
    await file.seal();
    expect(readFileSync(target, 'utf8')).toBe('old');
    await file.publish();
    expect(readFileSync(target, 'utf8')).toBe('new');
  });

  it('refuses a directory that does not exist', async () => {
    target = join(directory, 'missing', 'net.pt');
    await expect(AtomicFile.create(target, options)).rejects.toMatchObject({
      reason: 'cannot-write',
      file: target,
      message: 'Its directory does not exist.',
    });
  });

  it('refuses a directory without permission', async () => {
    chmodSync(directory, 0o500);
    const nobody = 65534;
    const isRoot = process.getuid?.() === 0; // root may write everywhere, so it has to be somebody else
    if (isRoot) process.seteuid?.(nobody);
    try {
      await expect(AtomicFile.create(target, options)).rejects.toMatchObject({
        reason: 'cannot-write',
        message: 'You have no permission to write there.',
      });
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });

  it('stops writing when cancelled', async () => {
    const file = await written('abc');
    await expect(file.write(bytes('d'), AbortSignal.abort())).rejects.toMatchObject({
      reason: 'cancelled',
    });
    await file.discard();
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe('temporary files of processes that were killed', () => {
  const machine = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
  const temporary = (name: string, pid: number | undefined, host = machine): string =>
    `.${name}.${host}-${pid ?? 0}-0123456789ab.tmp`;
  const deadPid = spawnSync(process.execPath, ['-e', '']).pid;

  it('are removed by the next run into the same target', async () => {
    writeFileSync(join(directory, temporary('net.pt', deadPid)), 'half');
    await (await written('abc')).discard();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('stay when the process lives, is on another machine, or wrote another file', async () => {
    const kept = [
      temporary('net.pt', process.ppid),
      temporary('net.pt', deadPid, 'ffffffff'),
      temporary('other.pt', deadPid),
      `.net.pt.${machine}-${deadPid}-notes.txt`,
    ];
    for (const name of kept) writeFileSync(join(directory, name), 'x');
    await (await written('abc')).discard();
    expect(readdirSync(directory).sort()).toEqual(kept.sort());
  });

  it('stay when they belong to another run of this process', async () => {
    const first = await written('first');
    const second = await written('second');
    await second.discard();
    expect(readFileSync(first.temporary, 'utf8')).toBe('first');
    await first.discard();
  });
});
