import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SsmError } from '../../src/core/errors';
import { memorySource } from '../../src/formats/memory';
import { encodeNpy, readNpy } from '../../src/formats/npy';
import { parseLiteral } from '../../src/formats/npy/literal';
import { openNpz } from '../../src/formats/npz';
import { latin1, zipOf } from '../support/torchZip';

/** A .npy file of version 1 with this header text. */
function npy(header: string, data = '', length = header.length): Uint8Array {
  const sizes = String.fromCharCode(length & 0xff, length >> 8);
  return latin1(`\x93NUMPY\x01\0${sizes}${header}${data}`);
}

const header = (descr: string, shape: string, order = 'False'): string =>
  `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }\n`;

function refusal(bytes: Uint8Array): unknown {
  try {
    return readNpy(bytes);
  } catch (error) {
    return error;
  }
}

describe('a .npy file', () => {
  it('is read in row-major order whatever the order it is stored in', () => {
    const data = '\x01\x02\x03\x04\x05\x06';
    const rows = readNpy(npy(header("'|u1'", '(2, 3)'), data));
    expect(rows).toEqual({
      dtype: 'uint8',
      shape: [2, 3],
      values: Float64Array.of(1, 2, 3, 4, 5, 6),
    });
    const columns = readNpy(npy(header("'|u1'", '(2, 3)', 'True'), data));
    expect([...columns.values]).toEqual([1, 3, 5, 2, 4, 6]);
  });

  it('is written as it is read', () => {
    const tensor = { dtype: 'complex64', shape: [2], values: Float64Array.of(1, 2, 3, 4) } as const;
    const bytes = encodeNpy(tensor);
    expect(readNpy(bytes)).toEqual(tensor);
    expect(readNpy(encodeNpy(tensor, false))).toEqual(tensor);
    expect((bytes.length - 16) % 64).toBe(0);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['code in its header', npy("__import__('os').system('x')\n"), /expected/],
    ['a call as its shape', npy(header("'<f4'", 'range(9)')), /expected/],
    ['an expression as a size', npy(header("'<f4'", '(2*3,)')), /expected/],
    ['a header longer than the file', npy(header("'<f4'", '(1,)'), '', 5000), /ends inside/],
    ['a header longer than NumPy writes', npy('{'.repeat(60_000)), /absurd/],
    ['a shape of 2 to the 60', npy(header("'<f8'", `(${2 ** 30}, ${2 ** 30})`)), /absurd/],
    ['a negative size', npy(header("'<f4'", '(-1,)')), /no size/],
    ['a broken size', npy(header("'<f4'", "('a',)")), /no size/],
    ['a size beyond all numbers', npy(header("'<f4'", `(${'9'.repeat(300)},)`)), /./],
    ['fewer elements than declared', npy(header("'<f4'", '(2,)'), '1234'), /should hold 8/],
    ['more elements than declared', npy(header("'<f4'", '(2,)'), '123456789'), /should hold 8/],
    ['a hundred axes', npy(header("'<f4'", `(${'1,'.repeat(100)})`)), /no tuple/],
    ['deep brackets', npy('('.repeat(5000)), /too deeply/],
    ['a key twice', npy("{'descr': 1, 'descr': 1}"), /twice/],
    ['escapes in its texts', npy(header("'\\x3cf4'", '(1,)')), /expected/],
    ['no magic', latin1('\x93NUMPX\x01\0\0\0'), /begin/],
    ['nothing behind the magic', latin1('\x93NUMPY\x02\0\0\0'), /ends inside/],
  ])('is refused with %s', (_, bytes, message) => {
    const error = refusal(bytes);
    expect(error).toMatchObject({ reason: 'bad-file' });
    expect((error as Error).message).toMatch(message);
  });

  it.each([
    ['pickled objects', "'|O'", '(0,)'],
    ['records', "[('a', '<f4')]", '(0,)'],
    ['dates', "'<M8[D]'", '(0,)'],
    ['long doubles', "'<f16'", '(0,)'],
  ])('is recognised but not read with %s', (_, descr, shape) => {
    expect(refusal(npy(header(descr, shape)))).toMatchObject({ reason: 'unsupported-file' });
  });
});

describe('Python literals', () => {
  it('of any form are read or refused, never anything else', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from(`{}()[]'",:0aTrueNone L-\n`)) }),
        (text) => {
          try {
            parseLiteral(text, 'x');
          } catch (error) {
            expect(SsmError.is(error) && error.reason).toBe('bad-file');
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

/** An archive of one deflated entry, with the declared sizes and checksum replaced. */
async function deflated(
  contents: Uint8Array,
  change: { readonly size?: number; readonly crc?: number; readonly cut?: number } = {},
): Promise<Uint8Array> {
  const packed = new Uint8Array(
    await new Response(
      new Blob([Uint8Array.from(contents)])
        .stream()
        .pipeThrough(new CompressionStream('deflate-raw')),
    ).arrayBuffer(),
  );
  const bytes = await zipOf({ 'a.npy': packed.subarray(0, packed.length - (change.cut ?? 0)) });
  const { crc32 } = await import('../../src/formats/zip/crc32');
  const view = new DataView(bytes.buffer);
  const central = bytes.length - 22 - 51;
  for (const [local, at] of [
    [0, 8],
    [central, 10],
  ]) {
    view.setUint16(local + at, 8, true);
    view.setUint32(local + at + 6, change.crc ?? crc32(contents), true);
    view.setUint32(local + at + 14, change.size ?? contents.length, true);
  }
  return bytes;
}

describe('a .npz archive', () => {
  const million = encodeNpy({
    dtype: 'uint8',
    shape: [1_000_000],
    values: new Float64Array(1_000_000),
  });
  const read = async (bytes: Uint8Array): Promise<unknown> => {
    try {
      const entry = (await openNpz(memorySource('x', bytes))).get('a')!;
      await entry.header();
      return (await entry.read()).shape;
    } catch (error) {
      return error;
    }
  };

  it('may be deflated', async () => {
    expect(await read(await deflated(million))).toEqual([1_000_000]);
  });

  it.each<[string, Parameters<typeof deflated>[1], RegExp]>([
    ['a declared size beyond what its bytes can hold', { size: 2 ** 31 }, /cannot hold/],
    ['more bytes than declared', { size: 900_000 }, /should have|more bytes/],
    ['fewer bytes than declared', { size: 1_000_500 }, /should have|before its declared end/],
    ['a wrong checksum', { crc: 1 }, /checksum/],
    ['data that is cut off', { cut: 20 }, /damaged|before its declared end/],
  ])('is refused with %s', async (_, change, message) => {
    const error = await read(await deflated(million, change));
    expect(error).toMatchObject({ reason: 'bad-file' });
    expect((error as Error).message).toMatch(message);
  });

  it('is unpacked no further than its header when only that is asked for', async () => {
    const bytes = await deflated(million);
    const entry = (await openNpz(memorySource('x', bytes))).get('a')!;
    expect(await entry.header()).toMatchObject({ dtype: 'uint8', shape: [1_000_000] });
  });

  it('with other files is none', async () => {
    const bytes = await zipOf({ 'a.npy': million, 'b.txt': latin1('b') });
    await expect(openNpz(memorySource('x', bytes))).rejects.toMatchObject({
      reason: 'unsupported-file',
    });
  });
});
