import type { ByteSource } from '../../src/formats/byteSource';
import { memorySink, memorySource } from '../../src/formats/memory';
import type { ZipEntry } from '../../src/formats/zip/records';
import { writeZip, type ZipMember } from '../../src/formats/zip/writer';

/** A zip archive with these files, in order. */
export async function zipOf(files: Readonly<Record<string, Uint8Array>>): Promise<Uint8Array> {
  const sink = memorySink();
  const members = Object.entries(files).map(([name, contents]): ZipMember => ({
    nameBytes: new TextEncoder().encode(name),
    modified: 0,
    externalAttributes: 0,
    contents,
  }));
  await writeZip(members, memorySource('none', new Uint8Array(0)), sink);
  return sink.bytes();
}

/** A torch archive with this data.pkl and these storages. */
export async function torchZipOf(
  pickle: Uint8Array,
  storages: Readonly<Record<string, Uint8Array>> = {},
  extra: Readonly<Record<string, Uint8Array>> = {},
): Promise<Uint8Array> {
  const data = Object.entries(storages).map(([key, bytes]): [string, Uint8Array] => [
    `archive/data/${key}`,
    bytes,
  ]);
  return zipOf({ 'archive/data.pkl': pickle, ...Object.fromEntries(data), ...extra });
}

/** Bytes of a pickle written as text: characters up to U+00FF stand for their byte. */
export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Pickle code of a dictionary {name: float32 tensor} over storage `key`, with sizes as given code. */
export function tensorPickle(options: {
  readonly name?: string;
  readonly type?: string;
  readonly key?: string;
  readonly numel?: string;
  readonly offset?: string;
  readonly size?: string;
  readonly stride?: string;
}): Uint8Array {
  const { name = 'w', type = 'FloatStorage', key = '0', numel = 'K\x06' } = options;
  const { offset = 'K\x00', size = 'K\x02K\x03\x86', stride = 'K\x03K\x01\x86' } = options;
  return latin1(
    `\x80\x02}${text(name)}ctorch._utils\n_rebuild_tensor_v2\n((${text('storage')}ctorch\n${type}\n${text(key)}` +
      `${text('cpu')}${numel}tQ${offset}${size}${stride}\x89ccollections\nOrderedDict\n)RtRs.`,
  );
}

/** Pickle code of a short string. */
export function text(value: string): string {
  return `X${String.fromCharCode(value.length)}\0\0\0${value}`;
}

/** An archive entry of `size` zeros, and the source that it lies in, which takes no memory. Its checksum is made up. */
export function zeros(size: number): { readonly source: ByteSource; readonly entry: ZipEntry } {
  const header = new Uint8Array(31);
  header.set(latin1('PK\x03\x04'));
  header[26] = 1;
  header.set(latin1('h'), 30);
  const chunk = new Uint8Array(4 * 2 ** 20);
  const entry: ZipEntry = {
    name: 'h',
    nameBytes: latin1('h'),
    size,
    storedSize: size,
    method: 0,
    crc: 5,
    modified: 0,
    externalAttributes: 0,
    headerOffset: 0,
    limit: header.length + size,
  };
  const source: ByteSource = {
    name: 'zeros',
    size: entry.limit,
    read: (offset, length) =>
      Promise.resolve(
        offset < header.length ? header.slice(offset, offset + length) : chunk.subarray(0, length),
      ),
  };
  return { source, entry };
}
