import { createHash, randomBytes } from 'node:crypto';
import {
  appendFileSync,
  linkSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileSource } from '../../src/worker/fileSource';
import { tempDir } from '../support/tempDir';

const directory = tempDir();

function file(name: string, contents: Uint8Array | string): string {
  const path = join(directory, name);
  writeFileSync(path, contents);
  return path;
}

describe('reading a file by range', () => {
  const contents = randomBytes(100_000);
  const path = file('data', contents);

  it('gives exactly the bytes asked for', async () => {
    const source = await FileSource.open(path);
    expect(source.size).toBe(100_000);
    expect(Buffer.from(await source.read(5, 1000))).toEqual(contents.subarray(5, 1005));
    expect(await source.read(100_000, 0)).toHaveLength(0);
    await source.close();
  });

  it('refuses to read beyond the end', async () => {
    const source = await FileSource.open(path);
    for (const [offset, length] of [
      [99_999, 2],
      [100_001, 0],
      [-1, 1],
    ] as const) {
      await expect(source.read(offset, length)).rejects.toMatchObject({
        reason: 'bad-file',
        file: path,
      });
    }
    await source.close();
  });

  it('hashes the whole file', async () => {
    const source = await FileSource.open(path);
    expect(await source.sha256()).toBe(createHash('sha256').update(contents).digest('hex'));
    await source.close();
    const empty = await FileSource.open(file('empty', ''));
    expect(await empty.sha256()).toBe(createHash('sha256').digest('hex'));
    await empty.close();
  });

  it('can be cancelled', async () => {
    const source = await FileSource.open(path);
    const signal = AbortSignal.abort();
    await expect(source.read(0, 10, signal)).rejects.toMatchObject({ reason: 'cancelled' });
    await expect(source.sha256(signal)).rejects.toMatchObject({ reason: 'cancelled' });
    await source.close();
  });
});

describe('a file that is no steady file', () => {
  it.each([
    ['missing', 'There is no such file.'],
    ['.', 'This is a directory, not a checkpoint file.'],
  ])('is refused: %s', async (name, message) => {
    const path = join(directory, name);
    await expect(FileSource.open(path)).rejects.toMatchObject({
      reason: 'cannot-read',
      message,
      file: path,
    });
  });

  it('is refused: a device', async () => {
    await expect(FileSource.open('/dev/zero')).rejects.toMatchObject({ reason: 'cannot-read' });
  });

  it('is noticed when it shrinks while it is read', async () => {
    const path = file('shrinking', 'x'.repeat(1000));
    const source = await FileSource.open(path);
    truncateSync(path, 10);
    await expect(source.read(0, 1000)).rejects.toMatchObject({ reason: 'bad-file' });
    await expect(source.assertUnchanged()).rejects.toMatchObject({ reason: 'bad-file' });
    await source.close();
  });

  it('is noticed when it was written to', async () => {
    const path = file('growing', 'x');
    const source = await FileSource.open(path);
    await source.assertUnchanged();
    appendFileSync(path, 'y');
    await expect(source.assertUnchanged()).rejects.toMatchObject({ reason: 'bad-file' });
    await source.close();
  });
});

it('knows itself behind symbolic and hard links', async () => {
  const path = file('original', 'x');
  const [soft, hard, other] = ['soft', 'hard']
    .map((name) => join(directory, name))
    .concat([file('other', 'x')]);
  symlinkSync(path, soft);
  linkSync(path, hard);
  const source = await FileSource.open(path);
  const same = [path, soft, hard, other].map((name) =>
    source.isSameFile(statSync(name, { bigint: true })),
  );
  expect(same).toEqual([true, true, true, false]);
  await source.close();
});
