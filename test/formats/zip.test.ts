import { crc32 as zlibCrc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ByteSink, ByteSource } from '../../src/formats/byteSource';
import { memorySink, memorySource } from '../../src/formats/memory';
import { crc32 } from '../../src/formats/zip/crc32';
import { contentsOffset, readZipDirectory } from '../../src/formats/zip/directory';
import { writeZip, type ZipMember } from '../../src/formats/zip/writer';
import { latin1, zeros, zipOf } from '../support/torchZip';

const twoFiles = (): Promise<Uint8Array> =>
  zipOf({ 'a/first': latin1('first contents'), 'a/second': latin1('second') });

/** Offset of the n-th central directory entry. */
function centralEntry(zip: Uint8Array, n: number): number {
  let at = -1;
  for (let i = 0; i <= n; i++) at = indexOf(zip, 'PK\x01\x02', at + 1);
  return at;
}

function indexOf(bytes: Uint8Array, wanted: string, from = 0): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(wanted, from, 'latin1');
}

async function refusal(bytes: Uint8Array): Promise<unknown> {
  return readZipDirectory(memorySource('x', bytes)).then(
    () => 'accepted',
    (error: unknown) => error,
  );
}

describe('crc32', () => {
  it('agrees with zlib, in one piece and in several', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, cut) => {
        expect(crc32(bytes)).toBe(zlibCrc32(bytes));
        expect(crc32(bytes.subarray(cut), crc32(bytes.subarray(0, cut)))).toBe(zlibCrc32(bytes));
      }),
    );
  });
});

describe('a zip archive', () => {
  it('is read back as it was written, contents aligned to 64 bytes', async () => {
    const source = memorySource('x', await twoFiles());
    const entries = await readZipDirectory(source);
    expect(entries.map(({ name, size }) => [name, size])).toEqual([
      ['a/first', 14],
      ['a/second', 6],
    ]);
    for (const entry of entries) {
      const begin = await contentsOffset(source, entry);
      expect(begin % 64).toBe(0);
      expect(crc32(await source.read(begin, entry.size))).toBe(entry.crc);
    }
  });

  it('is refused where a prefix of it is all there is', async () => {
    const bytes = await twoFiles();
    for (let length = 0; length < bytes.length; length++)
      expect(await refusal(bytes.slice(0, length))).toMatchObject({ reason: 'bad-file' });
  });

  /** Field offsets in a central directory entry. */
  it.each<[string, number, (view: DataView, at: number) => void, string]>([
    [
      'encrypted entries',
      0,
      (view, at) => {
        view.setUint16(at + 8, 1, true);
      },
      'unsupported-file',
    ],
    [
      'masked headers',
      0,
      (view, at) => {
        view.setUint16(at + 8, 0x2000, true);
      },
      'unsupported-file',
    ],
    [
      'two sizes',
      1,
      (view, at) => {
        view.setUint32(at + 20, 5, true);
      },
      'bad-file',
    ],
    [
      'entries that overlap',
      0,
      (view, at) => {
        view.setUint32(at + 20, 60, true);
        view.setUint32(at + 24, 60, true);
      },
      'bad-file',
    ],
    [
      'entries at one place',
      1,
      (view, at) => {
        view.setUint32(at + 42, 0, true);
      },
      'bad-file',
    ],
    [
      'offsets outside the file',
      1,
      (view, at) => {
        view.setUint32(at + 42, 0xfffffffe, true);
      },
      'bad-file',
    ],
    [
      'zip64 marks without a zip64 field',
      1,
      (view, at) => {
        view.setUint32(at + 42, 0xffffffff, true);
      },
      'bad-file',
    ],
    [
      'entries on other disks',
      1,
      (view, at) => {
        view.setUint16(at + 34, 1, true);
      },
      'bad-file',
    ],
    [
      'a wrong signature',
      1,
      (view, at) => {
        view.setUint32(at, 7, true);
      },
      'bad-file',
    ],
    [
      'a name beyond the directory',
      1,
      (view, at) => {
        view.setUint16(at + 28, 900, true);
      },
      'bad-file',
    ],
  ])('is refused with %s', async (_, n, damage, reason) => {
    const bytes = await twoFiles();
    damage(new DataView(bytes.buffer), centralEntry(bytes, n));
    expect(await refusal(bytes)).toMatchObject({ reason });
  });

  it.each(['../up', 'a/../../up', '/root', 'a\\b', 'C:x', 'a/\x07b'])(
    'is refused with the name %j',
    async (name) => {
      expect(await refusal(await zipOf({ [name]: latin1('x') }))).toMatchObject({
        reason: 'bad-file',
        place: expect.stringContaining('central directory entry 1') as string,
      });
    },
  );

  it('is refused with a name that occurs twice', async () => {
    const bytes = await zipOf({ 'a/x1': latin1('x'), 'a/x2': latin1('y') });
    for (let at = indexOf(bytes, 'a/x2'); at >= 0; at = indexOf(bytes, 'a/x2', at + 1))
      bytes[at + 3] = 0x31;
    expect(await refusal(bytes)).toMatchObject({ reason: 'bad-file', message: /twice/ });
  });

  it('is refused if it declares more entries than its directory holds', async () => {
    const bytes = await twoFiles();
    const end = indexOf(bytes, 'PK\x05\x06');
    new DataView(bytes.buffer).setUint16(end + 10, 3, true);
    expect(await refusal(bytes)).toMatchObject({ reason: 'bad-file' });
  });

  it('is refused on access if the local header contradicts the directory', async () => {
    for (const [field, value] of [
      [0, 1],
      [8, 8],
      [28, 0xffff],
      [30, 0x41],
    ]) {
      const bytes = await twoFiles();
      bytes[field] = value;
      if (field === 28) bytes[29] = 0xff;
      const source = memorySource('x', bytes);
      const [first] = await readZipDirectory(source);
      await expect(contentsOffset(source, first)).rejects.toMatchObject({ reason: 'bad-file' });
    }
  });

  it('larger than 4 GiB gets zip64 records that the reader follows', async () => {
    const giant = 5 * 2 ** 30;
    const { source, entry } = zeros(giant);
    const big: ZipMember = { ...entry, nameBytes: latin1('a/big'), contents: entry };
    const after: ZipMember = { ...big, nameBytes: latin1('a/after'), contents: latin1('tail') };
    const sink = recordingSink();
    await writeZip([big, after], source, sink);
    const entries = await readZipDirectory(sink.source());
    expect(entries.map(({ size, crc }) => [size, crc])).toEqual([
      [giant, entry.crc],
      [4, crc32(latin1('tail'))],
    ]);
    const begin = await contentsOffset(sink.source(), entries[1]);
    expect(begin % 64).toBe(0);
    expect(await sink.source().read(begin, 4)).toEqual(latin1('tail'));
  }, 120_000);
});

/** Keeps small writes with their place and forgets the zeros between them. */
function recordingSink(): ByteSink & { source(): ByteSource } {
  const kept: { at: number; bytes: Uint8Array }[] = [];
  let size = 0;
  return {
    write(bytes) {
      if (bytes.length < 2 ** 20) kept.push({ at: size, bytes: bytes.slice() });
      size += bytes.length;
      return Promise.resolve();
    },
    source: () => ({
      name: 'recorded',
      size,
      read(offset, length) {
        const out = new Uint8Array(length);
        for (const { at, bytes } of kept)
          for (let i = Math.max(offset, at); i < Math.min(offset + length, at + bytes.length); i++)
            out[i - offset] = bytes[i - at];
        return Promise.resolve(out);
      },
    }),
  };
}

it('a copy stops when it is cancelled', async () => {
  const zip = await twoFiles();
  const source = memorySource('x', zip);
  const entries = await readZipDirectory(source);
  const members = entries.map((entry) => ({ ...entry, contents: entry }));
  const signal = AbortSignal.abort();
  await expect(writeZip(members, source, memorySink(), signal)).rejects.toMatchObject({
    reason: 'cancelled',
  });
});
