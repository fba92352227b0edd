import { encodeNpy } from '../../src/formats/npy';
import { concatenate } from '../../src/formats/memory';
import { latin1, tensorPickle, text, torchZipOf, zipOf } from './torchZip';

/** Files that were made to harm: each has to be refused, at once and in little memory, or to be harmless. */
export async function maliciousFiles(): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const [name, pickle] of Object.entries(pickles()))
    files.set(name, await torchZipOf(latin1(pickle), { 0: new Uint8Array(24) }));
  files.set('a deflated gigabyte', await deflatedGigabyte());
  files.set('overlapping entries', await overlapping());
  for (const [name, bytes] of Object.entries(values())) files.set(name, bytes);
  return files;
}

const bytes8 = (value: bigint): string =>
  String.fromCharCode(...new Uint8Array(BigUint64Array.of(value).buffer));

/** Pickles as text; characters up to U+00FF stand for their byte. */
function pickles(): Record<string, string> {
  const tensor = Buffer.from(tensorPickle({})).toString('latin1');
  const call = (name: string, argument: string): string =>
    `\x80\x02c${name}\n${text(argument)}\x85R.`;
  const storage = (id: string): string =>
    `\x80\x02}${text('w')}ctorch._utils\n_rebuild_tensor_v2\n(${id}QK\x00K\x02\x85K\x01\x85\x89}tRs.`;
  const doubled = Array.from({ length: 60 }, (_, i) => `h${String.fromCharCode(i)}`.repeat(2));
  return {
    'os.system': call('os\nsystem', 'touch /tmp/harmed'),
    'posix.system': call('posix\nsystem', 'touch /tmp/harmed'),
    'builtins.eval': call('builtins\neval', '1'),
    'eval through a dotted name': call('torch\nserialization.os.system', 'x'),
    'os.system by INST': `(${text('x')}ios\nsystem\n.`,
    'os.system by OBJ': `(cos\nsystem\n${text('x')}o.`,
    'os.system as a storage type': storage(`(${text('storage')}cos\nsystem\n${text('0')}NK\x02t`),
    'os.system as a state': `\x80\x02cmine\nModel\n)\x81cos\nsystem\nb.`,
    'os.system in the memo, dropped': `\x80\x02cos\nsystem\nq\x000}.`,
    'os.system through copyreg extensions': '\x80\x02\x82\x01.',
    'a hundred thousand nested calls': `\x80\x02cmine\nf\n${')R'.repeat(100_000)}.`,
    'a hundred thousand nested arguments': `\x80\x02${'cmine\nf\n'.repeat(100_000)})${'R\x85'.repeat(99_999)}R.`,
    'lists that double sixty times': `\x80\x02]q\x00${doubled.map((two, i) => `0](${two}eq${String.fromCharCode(i + 1)}`).join('')}.`,
    'a million nested lists': `${']'.repeat(1_000_000)}${'a'.repeat(999_999)}.`,
    'a million nested tuples': `)${'\x85'.repeat(1_000_000)}.`,
    'four million values': `${'N'.repeat(4_000_000)}.`,
    'four million marks': `${'('.repeat(4_000_000)}.`,
    'two million memo entries of one value': `N${'\x94'.repeat(2_000_000)}.`,
    'a hundred thousand memo entries': `${'N\x940'.repeat(100_000)}N.`,
    'two million memo entries': `${'N\x940'.repeat(2_000_000)}N.`,
    'a long number of two gigabytes': '\x80\x02\x8b\xff\xff\xff\x7f\x01.',
    'a long number of a million digits': `L${'9'.repeat(1_000_000)}L\n.`,
    'a long number of a million bytes': `\x8b\x40\x42\x0f\x00${'\x7f'.repeat(1_000_000)}.`,
    'a text of four gigabytes in ten bytes': '\x80\x02X\xff\xff\xff\xff.',
    'a text of 2^63 bytes in ten': `\x80\x04\x8d${bytes8(2n ** 63n)}x.`,
    'a byte array of 2^40 bytes in ten': `\x80\x05\x96${bytes8(2n ** 40n)}x.`,
    'a frame of 2^60 bytes': `\x80\x04\x95${bytes8(2n ** 60n)}`,
    'a persistent id that is a number': storage('K\x01'),
    'a persistent id within itself': storage(`(${text('storage')}(K\x01tQtQ`),
    'a persistent id that is a tensor': storage(tensor.slice(3, -2)),
    'a persistent id that names a class': storage(
      `(${text('module')}cmine\nM\n${text('f')}${text('s')}t`,
    ),
    'a storage of minus one elements': storage(
      `(${text('storage')}ctorch\nFloatStorage\n${text('0')}${text('cpu')}J\xff\xff\xff\xfft`,
    ),
    'a storage of 2^55 elements': storage(
      `(${text('storage')}ctorch\nFloatStorage\n${text('0')}${text('cpu')}\x8a\x07\0\0\0\0\0\0\x80t`,
    ),
    'a storage key that climbs': storage(
      `(${text('storage')}ctorch\nFloatStorage\n${text('../../0')}${text('cpu')}K\x02t`,
    ),
    'a tensor repeated to a terabyte': Buffer.from(
      tensorPickle({ size: 'J\0\0\x10\0J\0\0\x10\0\x86', stride: 'K\x00K\x00\x86' }),
    ).toString('latin1'),
    'a key of a megabyte': `\x80\x02}X\x40\x42\x0f\x00${'k'.repeat(1_000_000)}${tensor.slice(tensor.indexOf('ctorch'), -2)}s.`,
  };
}

/** An array of 2^30 zeros in a .npz archive of one megabyte, all sizes right. */
async function deflatedGigabyte(): Promise<Uint8Array> {
  const header = encodeNpy({ dtype: 'uint8', shape: [0], values: new Float64Array(0) });
  const shown = new TextDecoder('latin1').decode(header).replace('(0,)', `(${2 ** 30},)`);
  const start = latin1(shown.slice(0, -12) + '\n');
  const packer = new CompressionStream('deflate-raw');
  const packed = new Response(packer.readable).arrayBuffer();
  const writer = packer.writable.getWriter();
  const zeros = new Uint8Array(2 ** 24);
  // The length field has to follow the shortened padding.
  new DataView(start.buffer).setUint16(8, start.length - 10, true);
  await writer.write(start);
  for (let i = 0; i < 64; i++) await writer.write(zeros);
  await writer.close();
  const bytes = await zipOf({ 'a.npy': new Uint8Array(await packed) });
  const view = new DataView(bytes.buffer);
  for (const [record, method, size] of [
    [0, 8, 22],
    [bytes.length - 22 - 51, 10, 24],
  ]) {
    view.setUint16(record + method, 8, true);
    view.setUint32(record + size, start.length + 2 ** 30, true);
  }
  return bytes;
}

/** Two entries of the directory over the same bytes. */
async function overlapping(): Promise<Uint8Array> {
  const bytes = await torchZipOf(tensorPickle({}), {
    0: new Uint8Array(24),
    1: new Uint8Array(24),
  });
  const view = new DataView(bytes.buffer);
  const directory = view.getUint32(bytes.length - 6, true);
  const first = directory + 46 + view.getUint16(directory + 28, true);
  const second = first + 46 + view.getUint16(first + 28, true);
  view.setUint32(second + 42, view.getUint32(first + 42, true), true);
  return bytes;
}

function values(): Record<string, Uint8Array> {
  const json = (header: string): Uint8Array => {
    const text8 = new Uint8Array(8);
    new DataView(text8.buffer).setBigUint64(0, BigInt(header.length), true);
    return concatenate([text8, latin1(header)]);
  };
  const npy = (header: string): Uint8Array =>
    latin1(
      `\x93NUMPY\x01\0${String.fromCharCode(header.length & 0xff, header.length >> 8)}${header}`,
    );
  return {
    'safetensors of a million brackets': json(`{"a":${'['.repeat(1_000_000)}`),
    'safetensors that declare 2^63 bytes': latin1(`${bytes8(2n ** 63n)}{"a":1}`),
    'safetensors of 2^60 elements': json(
      '{"a":{"dtype":"F32","shape":[1073741824,1073741824],"data_offsets":[0,0]}}',
    ),
    'an equinox file with code in its header': npy("{'descr': exec('x'), 'shape': ()}"),
    'an equinox file of 2^62 elements': npy(
      "{'descr': '<f8', 'fortran_order': False, 'shape': (2147483648, 2147483648)}",
    ),
    'an equinox file of a thousand brackets': npy('('.repeat(1000)),
    'msgpack of a million nested lists': latin1(`\x81\xa1a${'\x91'.repeat(1_000_000)}`),
    'msgpack of four billion entries': latin1('\xdf\xff\xff\xff\xff\xa1a'),
    'torch before 1.6 with an endless header': concatenate([
      latin1('\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.'),
      new Uint8Array(2 ** 20).fill(0x4e),
    ]),
  };
}
