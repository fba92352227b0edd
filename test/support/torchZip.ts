import { memorySink, memorySource } from '../../src/formats/memory';
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
