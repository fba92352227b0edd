import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CheckpointEdits } from '../../src/formats/checkpoint';
import { memorySink, memorySource } from '../../src/formats/memory';
import { openCheckpoint } from '../../src/formats/open';
import { safetensorsCheckpoints } from '../support/checkpoints';
import { shrinkingEdits } from '../support/edits';
import { hashOf } from '../support/torchDump';
import { sharedAvailable, sharedPath } from '../support/shared';

function file(header: string, data: number[] | Uint8Array, length = header.length): Uint8Array {
  const bytes = new Uint8Array(8 + header.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(new TextEncoder().encode(header), 8);
  bytes.set(data, 8 + header.length);
  return bytes;
}

const tensor = (begin: number, end: number, shape = [end - begin], dtype = 'U8'): string =>
  JSON.stringify({ dtype, shape, data_offsets: [begin, end] });

async function refusal(bytes: Uint8Array): Promise<unknown> {
  return openCheckpoint(memorySource('x', bytes)).then(
    () => 'accepted',
    (error: unknown) => error,
  );
}

async function rewrite(bytes: Uint8Array, edits: Partial<CheckpointEdits>): Promise<Uint8Array> {
  const checkpoint = await openCheckpoint(memorySource('x', bytes));
  const sink = memorySink();
  const wanted = { tensors: [], settings: [], dropOptimizerState: true, ...edits };
  expect(await checkpoint.rewrite(wanted, sink)).toEqual({ droppedOptimizerStates: [] });
  return sink.bytes();
}

/** The header, parsed by JSON.parse, and the data. */
function parts(bytes: Uint8Array): { header: unknown; data: Uint8Array } {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const text = new TextDecoder().decode(bytes.subarray(8, 8 + length));
  return { header: JSON.parse(text), data: bytes.slice(8 + length) };
}

describe('a safetensors file', () => {
  const good = `{"b":${tensor(0, 2)},"a":${tensor(2, 5)}}`;

  it('is read', async () => {
    const checkpoint = await openCheckpoint(memorySource('x', file(good, [1, 2, 3, 4, 5])));
    expect(checkpoint.tensors.map(({ name, shape, role }) => [name, shape, role])).toEqual([
      ['b', [2], 'model'],
      ['a', [3], 'model'],
    ]);
    expect([...(await checkpoint.readTensor('a')).values]).toEqual([3, 4, 5]);
    await expect(checkpoint.readTensor('c')).rejects.toMatchObject({ reason: 'bad-request' });
  });

  it.each<[string, string, number]>([
    ['overlapping tensors', `{"a":${tensor(0, 3)},"b":${tensor(2, 5)}}`, 5],
    ['a hole', `{"a":${tensor(0, 2)},"b":${tensor(3, 5)}}`, 5],
    ['a hole at the start', `{"a":${tensor(1, 5)}}`, 5],
    ['bytes after the last tensor', `{"a":${tensor(0, 4)}}`, 5],
    ['a tensor outside the file', `{"a":${tensor(0, 6)}}`, 5],
    ['a shape that contradicts the offsets', `{"a":${tensor(0, 5, [4])}}`, 5],
    ['an absurd shape', `{"a":${tensor(0, 5, [2 ** 50, 2 ** 50])}}`, 5],
    ['a negative size', `{"a":${tensor(0, 5, [-5])}}`, 5],
    ['a broken size', `{"a":${tensor(0, 5, [1.5])}}`, 5],
    ['offsets in reverse', `{"a":${tensor(5, 0, [5])}}`, 5],
    [
      'an unsafe offset',
      '{"a":{"dtype":"U8","shape":[0],"data_offsets":[9007199254740993,9007199254740993]}}',
      0,
    ],
    ['a repeated name', `{"a":${tensor(0, 5)},"a":${tensor(0, 5)}}`, 5],
    ['a repeated field', '{"a":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}}', 0],
    ['a missing field', '{"a":{"dtype":"U8","shape":[0]}}', 0],
    ['a further field', '{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"x":1}}', 0],
    ['metadata that is no text', '{"__metadata__":{"a":1}}', 0],
    ['metadata that is no object', '{"__metadata__":"a"}', 0],
    ['JSON that ends', '{"a":', 0],
    ['JSON that goes on', '{}x', 0],
    ['deep JSON', `{"a":${'['.repeat(1e5)}`, 0],
    ['a control character', '{"a\n":1}', 0],
  ])('is refused with %s', async (_, header, data) => {
    expect(await refusal(file(header, new Uint8Array(data)))).toMatchObject({
      reason: 'bad-file',
      place: expect.stringMatching(/header|end of the file/) as string,
    });
  });

  it('is refused with a header longer than the file or than the format allows', async () => {
    expect(await refusal(file(good, [1, 2, 3, 4, 5], 10_000))).toMatchObject({
      reason: 'bad-file',
      message: /truncated/,
    });
    expect(await refusal(file(good, [1, 2, 3, 4, 5], 100_000_001))).toMatchObject({
      reason: 'bad-file',
    });
  });

  it('is refused with an unknown element type', async () => {
    const error = await refusal(file(`{"a":${tensor(0, 5, [10], 'F4')}}`, [0, 0, 0, 0, 0]));
    expect(error).toMatchObject({ reason: 'unsupported-file', place: 'header, tensor "a"' });
  });

  it('is refused wherever it is cut', async () => {
    const bytes = file(good, [1, 2, 3, 4, 5]);
    for (let length = 0; length < bytes.length; length++)
      expect(await refusal(bytes.slice(0, length))).toMatchObject({
        reason: expect.stringMatching(/^(bad|unsupported)-file$/) as string,
      });
  });

  it('is rewritten with names in their order and data in its order', async () => {
    const header = `{"__metadata__":{"format":"pt"},"b":${tensor(3, 5)},"1":${tensor(0, 3)}}`;
    const edit = { name: '1', shape: [1, 4], values: Float64Array.of(9, 8, 7, 6) };
    const bytes = await rewrite(file(header, [1, 2, 3, 4, 5]), { tensors: [edit] });
    const text = new TextDecoder().decode(bytes);
    expect(text.indexOf('"b":')).toBeLessThan(text.indexOf('"1":'));
    expect(parts(bytes)).toEqual({
      header: {
        __metadata__: { format: 'pt' },
        b: { dtype: 'U8', shape: [2], data_offsets: [4, 6] },
        1: { dtype: 'U8', shape: [1, 4], data_offsets: [0, 4] },
      },
      data: Uint8Array.of(9, 8, 7, 6, 4, 5),
    });
    expect(parts(bytes).data.byteLength % 8).toBe(6);
    expect((bytes.length - 6) % 8).toBe(0);
  });

  it('records settings in its metadata, whose whole numbers are edited in place', async () => {
    const metadata = {
      d_state: ' 64 ',
      name: 'run 64',
      version: '1.0',
      config: '{"model": {"d_state": 64, "lr": 1e-3, "layers": [4, 5]}, "d_state" :64}',
      broken: '{"d_state": 64',
    };
    const bytes = file(JSON.stringify({ __metadata__: metadata }), []);
    const { settings } = await openCheckpoint(memorySource('x', bytes));
    expect(settings).toEqual([
      { path: ['d_state'], value: 64 },
      { path: ['name'], value: 'run 64' },
      { path: ['version'], value: '1.0' },
      { path: ['config', 'model', 'd_state'], value: 64 },
      { path: ['config', 'model', 'lr'], value: 1e-3 },
      { path: ['config', 'model', 'layers', '0'], value: 4 },
      { path: ['config', 'model', 'layers', '1'], value: 5 },
      { path: ['config', 'd_state'], value: 64 },
      { path: ['broken'], value: '{"d_state": 64' },
    ]);
    const edited = await rewrite(bytes, {
      settings: [
        { path: ['d_state'], value: 8 },
        { path: ['config', 'model', 'd_state'], value: 100 },
        { path: ['config', 'd_state'], value: 1 },
      ],
    });
    expect(parts(edited).header).toEqual({
      __metadata__: {
        ...metadata,
        d_state: ' 8 ',
        config: '{"model": {"d_state": 100, "lr": 1e-3, "layers": [4, 5]}, "d_state" :1}',
      },
    });
  });

  it('takes hostile names as names', async () => {
    const header = `{"__proto__":${tensor(0, 1)},"constructor":${tensor(1, 2)}}`;
    const bytes = await rewrite(file(header, [1, 2]), {});
    const checkpoint = await openCheckpoint(memorySource('x', bytes));
    expect([...(await checkpoint.readTensor('__proto__')).values]).toEqual([1]);
  });
});

describe.skipIf(!sharedAvailable)('safetensors files of the shared material', () => {
  const files = sharedAvailable ? safetensorsCheckpoints() : [];

  it.each(files.map((path) => [relative(sharedPath(), path), path]))('%s', async (_, path) => {
    const bytes = new Uint8Array(readFileSync(path));
    const { header, data } = parts(bytes);
    const checkpoint = await openCheckpoint(memorySource(path, bytes));
    const edits = shrinkingEdits(checkpoint);
    const again = await openCheckpoint(memorySource(path, await rewrite(bytes, edits)));
    const edited = new Map(edits.tensors.map((edit) => [edit.name, edit]));
    for (const { name } of checkpoint.tensors) {
      const { info, values } = await again.readTensor(name);
      const described = (header as Record<string, Described>)[name];
      const old = rawValues(described, data);
      const edit = edited.get(name);
      expect(hashOf((await checkpoint.readTensor(name)).values)).toBe(hashOf(old));
      expect(info.shape).toEqual(edit?.shape ?? described.shape);
      expect(hashOf(values)).toBe(hashOf(edit?.values ?? old));
    }
  });
});

/** The elements by JavaScript's own typed arrays. */
function rawValues({ dtype, data_offsets }: Described, data: Uint8Array): Float64Array {
  const { buffer } = data.slice(...data_offsets);
  return dtype === 'I64'
    ? Float64Array.from(new BigInt64Array(buffer), Number)
    : Float64Array.from(new Float32Array(buffer));
}

interface Described {
  readonly dtype: string;
  readonly shape: number[];
  readonly data_offsets: [number, number];
}
