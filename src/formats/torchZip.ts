import type { ByteSource } from './byteSource';
import type { Checkpoint, Refusal } from './checkpoint';
import { unpickle } from './pickle/unpickle';
import { openTorchArchive, type TorchArchive } from './torch/archive';
import { torchCheckpoint } from './torch/checkpoint';
import { readContents } from './torch/contents';
import { rewriteTorchArchive, type ArchivePlan } from './torch/rewrite';
import type { ZipEntry } from './zip/records';

/**
 * Opens a checkpoint that torch ≥ 1.6 wrote with `torch.save` (a zip with a pickle and one file a storage), including
 * Lightning's. The pickle is read as a description; nothing in it is executed. Programs that `torch.jit.save` wrote are
 * listed and refused.
 */
export async function openTorchZip(
  source: ByteSource,
  entries: readonly ZipEntry[],
  signal?: AbortSignal,
): Promise<Checkpoint> {
  const archive = await openTorchArchive(source, entries, signal);
  const program = unpickle(archive.pickleBytes);
  const contents = readContents(program.root);
  return torchCheckpoint({
    format: 'torch-zip',
    program,
    contents,
    storages: archive,
    notes: [],
    refusal: archive.isScript ? SCRIPT : undefined,
    rewrite: (edits, sink, signal) =>
      rewriteTorchArchive(archivePlan(archive), program, contents, edits, sink, signal),
  });
}

/** The archive as it is: every entry is copied unless something replaces it. */
function archivePlan(archive: TorchArchive): ArchivePlan {
  const { source, littleEndian, root, entries } = archive;
  const copies = new Map(entries.map((entry) => [entry, { ...entry, contents: entry }]));
  return {
    source,
    littleEndian,
    root,
    members: [...copies.values()],
    pickle: copies.get(archive.pickle)!,
    storages: new Map([...archive.storages].map(([key, entry]) => [key, copies.get(entry)!])),
  };
}

const SCRIPT: Refusal = {
  reason: 'This is a TorchScript program (torch.jit.save), which is compiled for its sizes.',
  advice:
    "Save the weights of the model that it was made from: torch.save(model.state_dict(), 'weights.pt'). " +
    'Compress that file, build the model with the new order, and script it again.',
};
