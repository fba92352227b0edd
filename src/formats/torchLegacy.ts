import type { ByteSource } from './byteSource';
import type { Checkpoint } from './checkpoint';
import { torchCheckpoint } from './torch/checkpoint';
import { readContents } from './torch/contents';
import { openLegacyFile, type LegacyFile } from './torch/legacy';
import { rewriteTorchArchive, type ArchivePlan } from './torch/rewrite';
import type { ZipMember } from './zip/writer';

/** The first pickle of such a file: the number 0x1950a86a20f9469cfc6c. */
const MAGIC = '\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.';

/** Whether the first bytes are those of a file that torch < 1.6 wrote. */
export function isTorchLegacy(head: Uint8Array): boolean {
  return new TextDecoder('latin1').decode(head.subarray(2, 15)) === latin1(MAGIC);
}

/** TextDecoder's "latin1" is windows-1252: both sides of a comparison have to go through it. */
function latin1(text: string): string {
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  return new TextDecoder('latin1').decode(bytes);
}

/**
 * Opens a checkpoint that torch before 1.6 wrote with `torch.save`. It is read like a newer one, and rewritten as a newer
 * one (a zip archive), which every torch since 1.6 loads.
 */
export async function openTorchLegacy(
  source: ByteSource,
  signal?: AbortSignal,
): Promise<Checkpoint> {
  const file = await openLegacyFile(source, signal);
  const contents = readContents(file.program.root);
  const checkpoint = torchCheckpoint({
    format: 'torch-legacy',
    program: file.program,
    contents,
    storages: file,
    notes: [
      'The file has the format of torch before 1.6; a result has that of torch since 1.6 (zip).',
    ],
    refusal: undefined,
    rewrite: (edits, sink, innerSignal) =>
      rewriteTorchArchive(
        archivePlan(source, file),
        file.program,
        contents,
        edits,
        sink,
        innerSignal,
      ),
  });
  return { ...checkpoint, writtenAs: 'torch-zip' };
}

/** The archive that torch would write for the same object. */
function archivePlan(source: ByteSource, file: LegacyFile): ArchivePlan {
  const root = 'archive';
  const member = (name: string, contents: ZipMember['contents']): ZipMember => ({
    nameBytes: new TextEncoder().encode(`${root}/${name}`),
    modified: 0,
    externalAttributes: 0,
    contents,
  });
  const text = (name: string, contents: string): ZipMember =>
    member(name, new TextEncoder().encode(contents));
  const pickle = member('data.pkl', file.program.bytes);
  const storages = new Map(
    [...file.ranges].map(([key, range]) => [key, member(`data/${key}`, range)]),
  );
  const { littleEndian } = file;
  const order = text('byteorder', littleEndian ? 'little' : 'big');
  const members = [pickle, order, ...storages.values(), text('version', '3\n')];
  return { source, littleEndian, root, members, pickle, storages };
}
