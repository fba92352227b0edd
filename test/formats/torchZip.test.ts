import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ByteSource } from '../../src/formats/byteSource';
import { memorySink, memorySource } from '../../src/formats/memory';
import { openCheckpoint } from '../../src/formats/open';
import type { Checkpoint } from '../../src/formats/checkpoint';
import { sharedAvailable, sharedPath } from '../support/shared';
import { latin1, tensorPickle, text, torchZipOf } from '../support/torchZip';

const six = new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer);

async function open(
  pickle: Uint8Array,
  storages: Readonly<Record<string, Uint8Array>> = { 0: six },
  extra?: Readonly<Record<string, Uint8Array>>,
): Promise<Checkpoint> {
  return openCheckpoint(memorySource('x', await torchZipOf(pickle, storages, extra)));
}

async function refusal(...parts: Parameters<typeof open>): Promise<unknown> {
  return open(...parts).then(
    () => 'accepted',
    (error: unknown) => error,
  );
}

async function valuesOf(checkpoint: Checkpoint, name = 'w'): Promise<number[]> {
  return [...(await checkpoint.readTensor(name)).values];
}

describe('tensors in a torch archive', () => {
  it('are views: transposed, shifted, repeated', async () => {
    expect(await valuesOf(await open(tensorPickle({})))).toEqual([1, 2, 3, 4, 5, 6]);
    const transposed = tensorPickle({ size: 'K\x03K\x02\x86', stride: 'K\x01K\x03\x86' });
    expect(await valuesOf(await open(transposed))).toEqual([1, 4, 2, 5, 3, 6]);
    const shifted = tensorPickle({ offset: 'K\x04', size: 'K\x02\x85', stride: 'K\x01\x85' });
    expect(await valuesOf(await open(shifted))).toEqual([5, 6]);
    const repeated = tensorPickle({ offset: 'K\x02', stride: 'K\x00K\x00\x86' });
    expect(await valuesOf(await open(repeated))).toEqual([3, 3, 3, 3, 3, 3]);
    const scalar = tensorPickle({ offset: 'K\x05', size: ')', stride: ')' });
    expect(await valuesOf(await open(scalar))).toEqual([6]);
    const none = tensorPickle({ size: 'K\x00K\x03\x86' });
    expect(await valuesOf(await open(none))).toEqual([]);
  });

  it('are read from the bytes that they cover and no others', async () => {
    const bytes = await torchZipOf(
      tensorPickle({
        numel: 'J\0\0\x10\0',
        offset: 'K\x04',
        size: 'K\x02\x85',
        stride: 'K\x01\x85',
      }),
      { 0: new Uint8Array(4 * 2 ** 20) },
    );
    let read = 0;
    const inner = memorySource('x', bytes);
    const source: ByteSource = {
      ...inner,
      read(offset, length, signal) {
        read += length;
        return inner.read(offset, length, signal);
      },
    };
    const checkpoint = await openCheckpoint(source);
    read = 0;
    await checkpoint.readTensor('w');
    expect(read).toBeLessThan(100);
  });

  it('are swapped where the archive says big-endian, and written back so', async () => {
    const order = { 'archive/byteorder': latin1('big') };
    const swapped = six.slice();
    const view = new DataView(swapped.buffer);
    for (let i = 0; i < 6; i++) view.setFloat32(4 * i, i + 1, false);
    const checkpoint = await open(tensorPickle({}), { 0: swapped }, order);
    expect(await valuesOf(checkpoint)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(checkpoint.notes.join()).toMatch(/big-endian/);
    const sink = memorySink();
    const edit = { name: 'w', shape: [2], values: Float64Array.of(0.5, -8) };
    await checkpoint.rewrite({ tensors: [edit], settings: [], dropOptimizerState: false }, sink);
    const again = await openCheckpoint(memorySource('y', sink.bytes()));
    expect(await valuesOf(again)).toEqual([0.5, -8]);
    expect(again.notes.join()).toMatch(/big-endian/);
  });

  it.each<[string, Parameters<typeof tensorPickle>[0], RegExp]>([
    ['reach past their storage', { offset: 'K\x01' }, /reaches to byte 28 of a storage of 24/],
    ['have strides past their storage', { stride: 'K\x04K\x01\x86' }, /reaches to byte/],
    [
      'declare a larger storage than there is',
      { numel: 'K\x07' },
      /should hold 28 bytes and holds 24/,
    ],
    ['name a storage that is not there', { key: '1' }, /not in the file/],
    ['have a negative size', { size: 'J\xff\xff\xff\xffK\x03\x86' }, /no size/],
    ['have a negative stride', { stride: 'J\xff\xff\xff\xffK\x03\x86' }, /no size/],
    ['have an absurd size', { size: '\x8a\x07\0\0\0\0\0\0\x10K\x03\x86' }, /./],
    ['have too few strides', { stride: 'K\x01\x85' }, /not as many strides/],
    ['have a shape that is none', { size: 'K\x06' }, /no tuple/],
    ['have an unknown storage type', { type: 'MysteryStorage' }, /not known/],
  ])('are refused where they %s', async (_, change, message) => {
    const error = await refusal(tensorPickle(change));
    expect(error).toMatchObject({
      reason: expect.stringMatching(/bad-file|unsupported-file/) as string,
      place: 'tensor "w"',
    });
    expect((error as Error).message).toMatch(message);
  });

  it('of element types without a storage class lie in untyped storages', async () => {
    const pickle = latin1(
      `\x80\x02}${text('w')}ctorch._utils\n_rebuild_tensor_v3\n((${text('storage')}ctorch.storage\nUntypedStorage\n` +
        `${text('0')}${text('cpu')}K\x06tQK\x01K\x02\x85K\x01\x85\x89ccollections\nOrderedDict\n)Rctorch\nuint16\ntRs.`,
    );
    const bytes = Uint8Array.of(1, 0, 2, 0, 3, 1);
    const checkpoint = await open(pickle, { 0: bytes });
    expect(checkpoint.tensors).toMatchObject([{ dtype: 'uint16', shape: [2] }]);
    expect(await valuesOf(checkpoint)).toEqual([2, 259]);
    const sink = memorySink();
    const edit = { name: 'w', shape: [3], values: Float64Array.of(7, 8, 65535) };
    await checkpoint.rewrite({ tensors: [edit], settings: [], dropOptimizerState: false }, sink);
    const again = await openCheckpoint(memorySource('y', sink.bytes()));
    expect(await valuesOf(again)).toEqual([7, 8, 65535]);
  });

  it('that blow up by stride 0 are not read', async () => {
    const size = 'J\0\0\x10\0J\0\x01\0\0\x86';
    const checkpoint = await open(tensorPickle({ size, stride: 'K\x00K\x00\x86' }));
    await expect(checkpoint.readTensor('w')).rejects.toMatchObject({ reason: 'unsupported-file' });
  });

  it('have names that may be anything', async () => {
    const checkpoint = await open(tensorPickle({ name: '__proto__' }));
    expect(await valuesOf(checkpoint, '__proto__')).toEqual([1, 2, 3, 4, 5, 6]);
    await expect(checkpoint.readTensor('w')).rejects.toMatchObject({ reason: 'bad-request' });
  });
});

describe('a torch archive', () => {
  /** The pickle of one tensor, its value memoised as 0, with `code` around and behind it. */
  const around = (before: string, after: string): Uint8Array => {
    const tensor = Buffer.from(tensorPickle({})).toString('latin1');
    const value = tensor.slice(tensor.indexOf('ctorch._utils'), -2);
    return latin1(`\x80\x02${before}${value}q\x00${after}.`);
  };

  it('gives every tensor a name of its own, also where a hundred thousand want the same', async () => {
    const many = 100_000;
    const { tensors } = await open(around(`}(N`, `${'Nh\x00'.repeat(many)}u`));
    expect(new Set(tensors.map(({ name }) => name)).size).toBe(many + 1);
    expect(tensors[1].name).toBe('<none>#2');
  });

  it('keeps names short where a file nests long keys deeply', async () => {
    const key = `X\x90\x01\0\0${'k'.repeat(400)}`;
    const depth = 900;
    const { tensors } = await open(
      around(`}${`${key}}`.repeat(depth)}(N`, `${'Nh\x00'.repeat(1000)}u${'s'.repeat(depth)}`),
    );
    expect(tensors).toHaveLength(1001);
    for (const { name } of tensors) expect(name.length).toBeLessThan(1020);
  });

  it('is refused with a key that occurs twice', async () => {
    const pickle = latin1(`\x80\x02}(${text('a')}K\x01${text('a')}K\x02u.`);
    expect(await refusal(pickle)).toMatchObject({ reason: 'bad-file', message: /twice/ });
  });

  it('is refused when nested deeper than Python can pickle', async () => {
    const pickle = latin1(`\x80\x02${']'.repeat(5000)}${'a'.repeat(4999)}.`);
    expect(await refusal(pickle)).toMatchObject({ reason: 'bad-file', message: /nested deeper/ });
  });

  it('is refused with a byte order that is none', async () => {
    const order = { 'archive/byteorder': latin1('middle') };
    expect(await refusal(tensorPickle({}), { 0: six }, order)).toMatchObject({
      place: 'byteorder',
    });
  });

  it('gives settings by the path that a person would take', async () => {
    const config =
      `comegaconf.dictconfig\nDictConfig\n)\x81}(${text('_metadata')}}${text('x')}K\x05s` +
      `${text('_content')}}${text('d_state')}comegaconf.nodes\nAnyNode\n)\x81}(${text('_val')}K\x40` +
      `${text('_parent')}Nubsub`;
    const pickle = latin1(
      `\x80\x02}(${text('hyper_parameters')}${config}${text('flag')}\x88${text('args')}` +
        `cargparse\nNamespace\n)\x81}${text('N')}M\x00\x01sb${text('optimizer')}}(${text('state')}}` +
        `${text('param_groups')}](K\x01K\x02eu` +
        'u.',
    );
    const { settings } = await open(pickle);
    expect(settings).toEqual([
      { path: ['hyper_parameters', 'd_state'], value: 64 },
      { path: ['flag'], value: true },
      { path: ['args', 'N'], value: 256 },
    ]);
  });

  it('gives texts, switches, decimals and nothing as settings, long ones cut, records left out', async () => {
    const long = `X\xd0\x07\0\0${'y'.repeat(2000)}`;
    const pickle = latin1(
      `\x80\x02}(${text('disc')}${text('zoh')}${text('bidirectional')}\x89${text('l_max')}N` +
        `${text('dt_min')}G?PbM\xd2\xf1\xa9\xfc${text('limit')}G\x7f\xf0\0\0\0\0\0\0` +
        `${text('note')}${long}${text('losses')}](${'G?\xf0\0\0\0\0\0\0'.repeat(300)}eu.`,
    );
    const { settings } = await open(pickle);
    expect(settings.map(({ path, value }) => [path.join('.'), value])).toEqual([
      ['disc', 'zoh'],
      ['bidirectional', false],
      ['l_max', null],
      ['dt_min', 0.001],
      ['limit', 'inf'],
      ['note', `${'y'.repeat(1000)}…`],
    ]);
  });

  it.each([
    ['an unknown tensor', { tensors: [{ name: 'v', shape: [1], values: Float64Array.of(1) }] }],
    [
      'the wrong number of values',
      { tensors: [{ name: 'w', shape: [2], values: Float64Array.of(1) }] },
    ],
    ['a shape that is none', { tensors: [{ name: 'w', shape: [-1], values: Float64Array.of() }] }],
    ['an unknown setting', { settings: [{ path: ['x'], value: 1 }] }],
    ['a setting that is no whole number', { settings: [{ path: ['d'], value: 1.5 }] }],
    [
      'a setting twice',
      {
        settings: [
          { path: ['d'], value: 1 },
          { path: ['d'], value: 2 },
        ],
      },
    ],
  ])('refuses an edit with %s before it writes a byte', async (_, edits) => {
    const tensor = Buffer.from(tensorPickle({})).toString('latin1');
    const checkpoint = await open(latin1(`${tensor.slice(0, -1)}${text('d')}K\x07s.`));
    const sink = memorySink();
    const wanted = { tensors: [], settings: [], dropOptimizerState: false, ...edits };
    await expect(checkpoint.rewrite(wanted, sink)).rejects.toMatchObject({ reason: 'bad-request' });
    expect(sink.bytes()).toHaveLength(0);
  });
});

describe.skipIf(!sharedAvailable)('the pitfalls collection', () => {
  interface Expected {
    readonly shape: number[];
    readonly dtype: string;
    readonly values: number[];
  }
  const folder = sharedAvailable ? sharedPath('checkpoints', 'generated', 'pitfalls') : '';
  const expected = sharedAvailable
    ? (JSON.parse(readFileSync(`${folder}/expected.json`, 'utf8')) as Record<string, Expected>)
    : {};

  it.each(['zip_all.pt', 'zip_proto4.pt', 'zip_objects.pt', 'legacy_all.pth'])(
    '%s: every tensor',
    async (file) => {
      const checkpoint = await openCheckpoint(
        memorySource(file, readFileSync(`${folder}/${file}`)),
      );
      const prefix = file === 'zip_objects.pt' ? 'state_dict.' : '';
      for (const [name, { shape, dtype, values }] of Object.entries(expected)) {
        // torch 1.13 forgets lazy conjugation when it saves: the file holds the values unconjugated.
        if (name === 'conj_lazy') continue;
        const tensor = await checkpoint.readTensor(prefix + name);
        expect([tensor.info.shape, tensor.info.dtype, [...tensor.values]]).toEqual([
          shape,
          dtype,
          values,
        ]);
      }
    },
  );

  it.each([
    ['whole_module.pt', 'kernel.log_dt', /whole pickled model/],
    ['torchscript.pt', 'weight', /TorchScript/],
  ])('%s is listed and refused', async (file, name, reason) => {
    const checkpoint = await openCheckpoint(memorySource(file, readFileSync(`${folder}/${file}`)));
    expect(checkpoint.refusal?.reason).toMatch(reason);
    expect(checkpoint.refusal?.advice).toMatch(/state_dict/);
    const weights = checkpoint.tensors.filter(({ role }) => role === 'model');
    expect(weights.map((info) => info.name)).toContain(name);
    expect((await checkpoint.readTensor(name)).values).not.toHaveLength(0);
    const sink = memorySink();
    const nothing = { tensors: [], settings: [], dropOptimizerState: false };
    await expect(checkpoint.rewrite(nothing, sink)).rejects.toMatchObject({
      reason: 'unsupported-file',
    });
    expect(sink.bytes()).toHaveLength(0);
  });
});

describe('a torch archive that holds something else', () => {
  const tensor = Buffer.from(tensorPickle({})).toString('latin1').slice(3, -1);

  it('is refused when it is the state of an optimizer alone', async () => {
    const state = `}K\x00}${text('exp_avg')}${/ctorch._utils[^]*R(?=s$)/.exec(tensor)![0]}ss`;
    const pickle = `\x80\x02}(${text('state')}${state}${text('param_groups')}]u.`;
    const checkpoint = await open(latin1(pickle));
    expect(checkpoint.refusal?.reason).toMatch(/optimizer/);
    expect(checkpoint.tensors).toMatchObject([{ name: 'state.0.exp_avg', role: 'optimizer' }]);
  });

  it('is not refused for a pickled loss function beside the weights', async () => {
    const empty = 'ccollections\nOrderedDict\n)R';
    const loss =
      `ctorch.nn.modules.loss\nMSELoss\n)\x81}(${text('_parameters')}${empty}` +
      `${text('_buffers')}${empty}${text('_modules')}${empty}ub`;
    const pickle = `\x80\x02}(${text('state_dict')}}${tensor}${text('loss')}${loss}u.`;
    expect((await open(latin1(pickle))).refusal).toBeUndefined();
  });
});
