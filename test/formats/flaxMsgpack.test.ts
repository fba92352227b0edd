import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Checkpoint, CheckpointEdits } from '../../src/formats/checkpoint';
import { memorySink, memorySource } from '../../src/formats/memory';
import { openCheckpoint } from '../../src/formats/open';
import { Extension, flaxArray, pack, tree, type Packed } from '../support/msgpack';
import { sharedAvailable, sharedPath } from '../support/shared';
import { latin1 } from '../support/torchZip';

const open = (bytes: Uint8Array): Promise<Checkpoint> =>
  openCheckpoint(memorySource('x.msgpack', bytes));

async function rewrite(bytes: Uint8Array, edits: Partial<CheckpointEdits>): Promise<Uint8Array> {
  const sink = memorySink();
  const wanted = { tensors: [], settings: [], dropOptimizerState: true, ...edits };
  await (await open(bytes)).rewrite(wanted, sink);
  return sink.bytes();
}

const floats = (...values: number[]): Float32Array => Float32Array.from(values);

/** A train state with moments of `w`, in the layout of optax. */
function state(w: Packed, moment: Packed, step: number): Packed {
  return tree({
    step,
    params: tree({ layers_0: tree({ seq: tree({ w, b: flaxArray([1], 'float32', floats(7)) }) }) }),
    opt_state: tree({
      0: tree({ count: 3, mu: tree({ layers_0: tree({ seq: tree({ w: moment }) }) }) }),
    }),
    name: 'run',
    z: new Extension(2, pack([1.5, 2])),
  });
}

const w = flaxArray([2, 2], 'complex64', floats(1, 2, 3, 4, 5, 6, 7, 8));
const bytes = pack(state(w, flaxArray([2, 2], 'float32', floats(1, 2, 3, 4)), 12));

describe('a Flax msgpack file', () => {
  it('is read: arrays by the path of their keys, values as settings', async () => {
    const checkpoint = await open(bytes);
    expect(checkpoint.format).toBe('flax-msgpack');
    expect(checkpoint.tensors).toEqual([
      { name: 'params.layers_0.seq.w', dtype: 'complex64', shape: [2, 2], role: 'model' },
      { name: 'params.layers_0.seq.b', dtype: 'float32', shape: [1], role: 'model' },
      { name: 'opt_state.0.mu.layers_0.seq.w', dtype: 'float32', shape: [2, 2], role: 'optimizer' },
    ]);
    const { values } = await checkpoint.readTensor('params.layers_0.seq.w');
    expect([...values]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(checkpoint.settings).toEqual([
      { path: ['step'], value: 12 },
      { path: ['name'], value: 'run' },
    ]);
  });

  it('is rewritten: edited arrays anew, their moments as zeros, all else as it was', async () => {
    const values = Float64Array.of(0.5, -1, 2, 4);
    const edited = await rewrite(bytes, {
      tensors: [{ name: 'params.layers_0.seq.w', shape: [1, 2], values }],
      settings: [{ path: ['step'], value: 1300 }],
    });
    const smaller = flaxArray([1, 2], 'complex64', Float32Array.from(values));
    expect(Buffer.from(edited)).toEqual(
      pack(state(smaller, flaxArray([1, 2], 'float32', floats(0, 0)), 1300)),
    );
  });

  it('is copied bit for bit without edits', async () => {
    expect(await rewrite(bytes, {})).toEqual(Uint8Array.from(bytes));
  });

  it('may hold arrays in chunks, which become whole', async () => {
    const chunked = (shape: Packed, ...chunks: Packed[]): Uint8Array =>
      pack(
        tree({
          a: tree({
            __msgpack_chunked_array__: true,
            shape,
            chunks: tree(Object.fromEntries(chunks.map((chunk, i) => [String(i), chunk]))),
          }),
          b: 1,
        }),
      );
    const [first, second] = [
      flaxArray([4], 'float32', floats(1, 2, 3, 4)),
      flaxArray([2], 'float32', floats(5, 6)),
    ];
    const good = chunked(tree({ 0: 2, 1: 3 }), first, second);
    const checkpoint = await open(good);
    expect(checkpoint.tensors).toMatchObject([{ name: 'a', shape: [2, 3] }]);
    expect([...(await checkpoint.readTensor('a')).values]).toEqual([1, 2, 3, 4, 5, 6]);
    const edit = { name: 'a', shape: [1], values: Float64Array.of(9) };
    expect(Buffer.from(await rewrite(good, { tensors: [edit] }))).toEqual(
      pack(tree({ a: flaxArray([1], 'float32', floats(9)), b: 1 })),
    );
    for (const bad of [
      chunked(tree({ 0: 2, 1: 4 }), first, second),
      chunked(tree({ 1: 6 }), first, second),
      chunked(tree({ 0: 6 })),
      chunked(tree({ 0: 6 }), first, 'text'),
      chunked(tree({ 0: 6 }), first, flaxArray([2], 'int32', floats(5, 6))),
    ])
      await expect(open(bad)).rejects.toMatchObject({ reason: 'bad-file' });
  });

  it.each<[string, string, RegExp]>([
    ['a map of four billion entries', '\x81\xa1a\xdf\xff\xff\xff\xff', /more than there are/],
    ['a list of four billion items', '\x81\xa1a\xdd\xff\xff\xff\xff', /more than there are/],
    ['a text of four gigabytes', '\x81\xdb\xff\xff\xff\xff', /absurd/],
    ['bytes of four gigabytes', '\x81\xa1a\xc6\xff\xff\xff\xff', /are left/],
    ['an extension of four gigabytes', '\x81\xa1a\xc9\xff\xff\xff\xff\x01', /past the end/],
    ['ten thousand nested lists', `\x81\xa1a${'\x91'.repeat(10_000)}`, /nested deeper/],
    ['ten thousand nested maps', `\x81${'\xa1a\x81'.repeat(10_000)}`, /nested deeper/],
    ['a key twice', '\x82\xa1a\x01\xa1a\x01', /twice/],
    ['a map as a key', '\x81\x80\x01', /no text/],
    ['the unused byte', '\x81\xa1a\xc1', /0xc1/],
    ['something behind it', '\x81\xa1a\x01x', /follows/],
    ['an end in the middle', '\x82\xa1a\x01', /declare|are left/],
    ['an array without parts', '\x81\xa1a\xc7\x01\x01\x90', /three parts/],
    [
      'an array larger than its bytes',
      '\x81\xa1a\xc7\x0d\x01\x93\x91\x02\xa4int8\xc4\x01x.. ',
      /shape/,
    ],
    [
      'an array that spills over',
      '\x81\xa1a\xc7\x04\x01\x93\x91\x01\xa4int8\xc4\x01x',
      /does not fill/,
    ],
    ['a shape of texts', '\x81\xa1a\xc7\x0b\x01\x93\x91\xa1x\xa4int8\xc4\x01x', /shape/],
  ])('is refused with %s', async (_, code, message) => {
    const error: unknown = await open(latin1(code)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ reason: 'bad-file' });
    expect((error as Error).message).toMatch(message);
  });

  it.skipIf(!sharedAvailable)('of S5 is read', async () => {
    const path = sharedPath('checkpoints', 'generated', 's5_flax_H6_P4.msgpack');
    const { tensors } = await open(readFileSync(path));
    const shapes = new Map(tensors.map(({ name, shape }) => [name.split('.').at(-1), shape]));
    expect(shapes.get('Lambda_re')).toEqual([4]);
    expect(shapes.get('B')).toEqual([4, 6, 2]);
  });
});
