import { SsmError } from '../core/errors';
import type { ByteSource } from './byteSource';
import type { Checkpoint, OpenOptions } from './checkpoint';
import { isNpy, openEquinox } from './equinox';
import { isMsgpackMap, openFlaxMsgpack } from './flaxMsgpack';
import { isNpz } from './npz';
import { openNpzCheckpoint } from './npzCheckpoint';
import { openSafetensors } from './safetensors';
import { isTorchLegacy, openTorchLegacy } from './torchLegacy';
import { openTorchZip } from './torchZip';
import { readZipDirectory } from './zip/directory';

/**
 * Opens a checkpoint, whatever its name: the contents decide. Rejects with `unsupported-file` for other kinds of files,
 * saying which kind it is, and with `bad-file`, naming the place, for a damaged or hostile file.
 */
export async function openCheckpoint(
  source: ByteSource,
  signal?: AbortSignal,
  options: OpenOptions = {},
): Promise<Checkpoint> {
  if (source.size === 0) throw unsupported('The file is empty.');
  const head = await source.read(0, Math.min(source.size, HEAD_BYTES), signal);
  if (startsWith(head, ZIP)) return openZip(source, signal);
  if (isTorchLegacy(head)) return openTorchLegacy(source, signal);
  if (isNpy(head)) return openEquinox(source, signal, options);
  if (head[8] === OPENING_BRACE && declaresJsonHeader(head)) return openSafetensors(source, signal);
  const kind = KINDS.find(([is]) => is(head))?.[1];
  if (kind === undefined && isMsgpackMap(head)) return openFlaxMsgpack(source, signal);
  throw unsupported(kind ?? UNKNOWN);
}

async function openZip(source: ByteSource, signal?: AbortSignal): Promise<Checkpoint> {
  const entries = await readZipDirectory(source, signal);
  return isNpz(entries)
    ? openNpzCheckpoint(source, entries, signal)
    : openTorchZip(source, entries, signal);
}

const HEAD_BYTES = 4096;
const OPENING_BRACE = 0x7b;
const ZIP = latin1('PK\x03\x04');
const UNKNOWN =
  'This is neither a PyTorch checkpoint, nor safetensors, .npz, Flax msgpack or an equinox file.';

/** Kinds of files that people have instead, told by their first bytes, most specific first. */
const KINDS: readonly (readonly [(head: Uint8Array) => boolean, string])[] = [
  [
    (head) => contains(head, 'PLACEHOLDER://'),
    'This is the index of an orbax checkpoint, whose arrays lie in files beside it that only orbax reads. ' +
      'Export them in Python with flax.serialization.msgpack_serialize(restored), or numpy.savez.',
  ],
  [
    (head) => head[0] === 0x80 && head[1] >= 2 && head[1] <= 5,
    'This is a bare pickle, not a checkpoint that torch.save wrote. Save the state dict with torch.save.',
  ],
  [(head) => startsWith(head, latin1('PK\x05\x06')), 'This is an empty zip archive.'],
  [
    (head) => startsWith(head, latin1('\x89HDF')),
    'This is an HDF5 file (Keras or similar). Export its weights in Python: ' +
      "numpy.savez('weights.npz', **{w.path: w.numpy() for w in model.weights}).",
  ],
  [(head) => startsWith(head, latin1('GGUF')), 'This is a GGUF file, which is not supported.'],
  [(head) => startsWith(head, latin1('\x1f\x8b')), 'This is a gzip archive. Unpack it first.'],
  [
    (head) => contains(head.subarray(257, 262), 'ustar'),
    'This is a tar archive, which is not supported.',
  ],
  [
    (head) => contains(head.subarray(0, 64), 'git-lfs'),
    'This is a Git LFS pointer, not the file itself. Fetch it first.',
  ],
  [
    (head) => head[0] === OPENING_BRACE,
    'This is JSON text. If it is the index of a sharded checkpoint, its name must end in .index.json.',
  ],
];

/** A little-endian length below the format's limit has zeros in its upper four bytes. */
function declaresJsonHeader(head: Uint8Array): boolean {
  return head.subarray(4, 8).every((byte) => byte === 0);
}

function startsWith(head: Uint8Array, wanted: Uint8Array): boolean {
  return wanted.every((byte, index) => head[index] === byte);
}

function contains(head: Uint8Array, wanted: string): boolean {
  return new TextDecoder('latin1')
    .decode(head)
    .includes(new TextDecoder('latin1').decode(latin1(wanted)));
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function unsupported(message: string): SsmError {
  return new SsmError('unsupported-file', message);
}
