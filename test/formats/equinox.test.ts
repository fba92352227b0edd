import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { concatenate, memorySink, memorySource } from '../../src/formats/memory';
import { encodeNpy } from '../../src/formats/npy';
import { openCheckpoint } from '../../src/formats/open';
import type { Checkpoint, OpenOptions } from '../../src/formats/checkpoint';
import { elementCount } from '../../src/formats/strided';
import { sharedAvailable, sharedPath } from '../support/shared';

const [N, H] = [4, 3];
const LRU = [[N], [N], [N, H], [N, H], [H, N], [H, N], [H], [N]];

function array(shape: readonly number[], seed: number): Uint8Array {
  const values = Float64Array.from({ length: elementCount(shape) }, (_, i) => seed + i / 4);
  return encodeNpy({ dtype: 'float32', shape, values });
}

const file = (shapes: readonly (readonly number[])[]): Uint8Array =>
  concatenate(shapes.map((shape, i) => array(shape, 10 * i)));

const open = (bytes: Uint8Array, options: OpenOptions = {}): Promise<Checkpoint> =>
  openCheckpoint(memorySource('net.eqx', bytes), undefined, options);

const nothing = { tensors: [], settings: [], dropOptimizerState: true };

describe('an equinox file', () => {
  const bytes = file([[2, 2], ...LRU, [5], ...LRU]);
  const proposed = [
    'array.0',
    ...'nu_log theta_log B_re B_im C_re C_im D gamma_log'.split(' ').map((f) => `lru.0.${f}`),
    'array.9',
    ...'nu_log theta_log B_re B_im C_re C_im D gamma_log'.split(' ').map((f) => `lru.1.${f}`),
  ];

  it('gets names by the order of its shapes, to be confirmed before it is rewritten', async () => {
    const checkpoint = await open(bytes);
    expect(checkpoint.tensors.map(({ name }) => name)).toEqual(proposed);
    expect(checkpoint.fieldQuestion?.proposed).toEqual(proposed);
    expect([...(await checkpoint.readTensor('lru.1.D')).values]).toEqual([160, 160.25, 160.5]);
    const sink = memorySink();
    await expect(checkpoint.rewrite(nothing, sink)).rejects.toMatchObject({
      reason: 'bad-request',
    });
    expect(sink.bytes()).toHaveLength(0);
  });

  it('is rewritten with the names confirmed, what is not edited byte for byte', async () => {
    const checkpoint = await open(bytes, { fields: proposed });
    expect(checkpoint.fieldQuestion).toBeUndefined();
    const sink = memorySink();
    const edit = { name: 'lru.0.nu_log', shape: [2], values: Float64Array.of(-1, 0.5) };
    await checkpoint.rewrite({ ...nothing, tensors: [edit] }, sink);
    const whole = [array([2, 2], 0), encodeNpy({ ...edit, dtype: 'float32' })];
    const rest = bytes.subarray(array([2, 2], 0).length + array([N], 0).length);
    expect(sink.bytes()).toEqual(concatenate([...whole, rest]));
  });

  it('takes another order of the fields, or names of the person', async () => {
    const order = 'D B_re B_im C_re C_im nu_log theta_log gamma_log'.split(' ');
    const shapes = [[H], [N, H], [N, H], [H, N], [H, N], [N], [N], [N]];
    const other = await open(file(shapes), { fields: order });
    expect(other.tensors.map(({ name }) => name)).toEqual(order.map((field) => `lru.0.${field}`));
    const own = await open(file([[1], [2]]), { fields: ['a', 'b'] });
    expect(own.tensors.map(({ name }) => name)).toEqual(['a', 'b']);
    for (const fields of [['a'], ['a', 'a'], ['', 'b']])
      await expect(open(file([[1], [2]]), { fields })).rejects.toMatchObject({
        reason: 'bad-request',
      });
  });

  it.each([
    ['cut off', bytes.subarray(0, bytes.length - 1), /truncated/],
    ['followed by something', concatenate([bytes, Uint8Array.of(1, 2, 3)]), /begin/],
  ])('is refused when %s', async (_, broken, message) => {
    const error: unknown = await open(broken).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ reason: 'bad-file' });
    expect((error as Error).message).toMatch(message);
  });

  it.skipIf(!sharedAvailable)('of an LRU layer is recognised', async () => {
    const path = sharedPath('checkpoints', 'generated', 'lru_compressm_layer_synthetic.eqx');
    const { tensors } = await open(readFileSync(path));
    expect(tensors.map(({ name }) => name)).toEqual(proposed.slice(1, 9));
  });
});
