import { SsmError } from '../core/errors';
import type { ByteSource } from './byteSource';
import type { Checkpoint } from './checkpoint';
import { unpickle } from './pickle/unpickle';
import { openTorchArchive, type TorchArchive } from './torch/archive';
import { readContents, type Contents } from './torch/contents';
import { readStoredTensor } from './torch/readTensor';
import { rewriteTorchArchive } from './torch/rewrite';
import { tensorPlace } from './torch/storedTensor';
import type { ZipEntry } from './zip/records';

/**
 * Opens a checkpoint that torch ≥ 1.6 wrote with `torch.save` (a zip with a pickle and one file a storage), including
 * Lightning's. The pickle is read as a description; nothing in it is executed.
 */
export async function openTorchZip(
  source: ByteSource,
  entries: readonly ZipEntry[],
  signal?: AbortSignal,
): Promise<Checkpoint> {
  const archive = await openTorchArchive(source, entries, signal);
  const program = unpickle(archive.pickleBytes);
  const contents = readContents(program.root);
  checkStorages(archive, contents);
  const byName = new Map(contents.tensors.map((leaf) => [leaf.info.name, leaf]));
  return {
    format: 'torch-zip',
    tensors: contents.tensors.map(({ info }) => info),
    settings: contents.settings.map(({ path, value }) => ({ path, value })),
    notes: notesOn(archive, contents),
    async readTensor(name, signal) {
      const leaf = byName.get(name);
      if (leaf === undefined)
        throw new SsmError('bad-request', `The file has no tensor ${JSON.stringify(name)}.`);
      return readStoredTensor(archive, leaf, signal);
    },
    rewrite: (edits, sink, signal) =>
      rewriteTorchArchive(archive, program, contents, edits, sink, signal),
  };
}

/** Every storage that a tensor names must be there and as large as declared. */
function checkStorages(archive: TorchArchive, { tensors }: Contents): void {
  for (const { info, stored } of tensors) {
    const { key, bytes } = stored.storage;
    const size = archive.storages.get(key)?.size;
    if (size === undefined)
      throw badStorage(
        info.name,
        `Its storage ${JSON.stringify(key.slice(0, 80))} is not in the archive.`,
      );
    if (info.dtype !== 'quantized' && size < bytes)
      throw badStorage(info.name, `Its storage should hold ${bytes} bytes and holds ${size}.`);
  }
}

function badStorage(name: string, message: string): SsmError {
  return new SsmError('bad-file', message, { place: tensorPlace(name) });
}

function notesOn({ littleEndian }: TorchArchive, { tensors, foreign }: Contents): string[] {
  const notes: string[] = [];
  if (!littleEndian) notes.push('The tensors are stored in big-endian byte order.');
  if (tensors.some(({ info }) => info.dtype === 'quantized'))
    notes.push('Quantized tensors are listed but cannot be read.');
  if (foreign.length > 0)
    notes.push(
      `Objects of these classes are kept as they are: ${foreign.slice(0, 20).join(', ')}${foreign.length > 20 ? ', …' : ''}.`,
    );
  return notes;
}
