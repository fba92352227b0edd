import { SsmError } from '../core/errors';
import type {
  Checkpoint,
  CheckpointEdits,
  OpenOptions,
  RewriteSummary,
  SettingEdit,
  TensorEdit,
} from '../formats/checkpoint';
import type { ByteSink, FolderSink } from '../formats/byteSource';
import type { TensorInfo } from '../formats/tensor';
import type { Sealed } from './atomicFile';
import { AtomicFolder } from './atomicFolder';
import { openInput } from './checkpointInput';
import type { ResultFiles } from './resultFiles';

export interface Rewritten extends Sealed, RewriteSummary {}

/** A file or a folder that is not published yet. */
type Unpublished = ResultFiles['checkpoint'];

/** Writes the edited checkpoint to a file or folder that is not published yet. `onBytes` hears how many bytes are written. */
export async function rewriteTo(
  target: Unpublished,
  checkpoint: Checkpoint,
  edits: CheckpointEdits,
  onBytes: (total: number) => void,
  signal?: AbortSignal,
): Promise<Rewritten> {
  let total = 0;
  const counting = (sink: ByteSink): ByteSink => ({
    write: async (bytes, writeSignal) => {
      await sink.write(bytes, writeSignal ?? signal);
      onBytes((total += bytes.length));
    },
  });
  if (!(target instanceof AtomicFolder)) {
    const summary = await checkpoint.rewrite(edits, counting(target), signal);
    return { ...summary, ...(await target.seal()) };
  }
  if (checkpoint.rewriteFolder === undefined)
    throw new SsmError('internal', 'A folder was prepared for a checkpoint of one file.');
  const sink: FolderSink = {
    create: (file, fill) => target.create(file, (out) => fill(counting(out))),
    copy: (file) => target.copy(file),
  };
  const summary = await checkpoint.rewriteFolder(edits, sink, signal);
  return { ...summary, ...(await folderExtent(target, signal)) };
}

/** Size and checksum of the files that the checkpoint in a written folder consists of. */
async function folderExtent(target: AtomicFolder, signal?: AbortSignal): Promise<Sealed> {
  const input = await openInput(target.temporary, target.target);
  try {
    await input.checkpoint(signal);
    return { bytes: input.size, sha256: await input.sha256(signal) };
  } finally {
    await input.close();
  }
}

/**
 * Reads a written file back and compares: every tensor of the model is there under its name, shape and element type,
 * and the edited tensors and settings are bit for bit what was asked for.
 *
 * @returns the tensors of the written file
 * @throws SsmError `internal` if anything differs
 */
export async function verifyRewritten(
  target: Unpublished,
  original: readonly TensorInfo[],
  edits: CheckpointEdits,
  signal?: AbortSignal,
  options?: OpenOptions,
): Promise<readonly TensorInfo[]> {
  const input = await openInput(target.temporary, target.target);
  try {
    const written = await input.checkpoint(signal, options);
    compareHeaders(expectedTensors(original, edits.tensors), written.tensors.filter(isKept));
    compareSettings(edits.settings, written);
    for (const edit of edits.tensors) {
      const { values } = await written.readTensor(edit.name, signal);
      if (!sameBits(values, edit.values)) throw mismatch(`tensor ${edit.name}`);
    }
    return written.tensors;
  } finally {
    await input.close();
  }
}

/** Moments of an optimizer go when shapes change; all else has to stay. */
function isKept({ role }: TensorInfo): boolean {
  return role !== 'optimizer';
}

function expectedTensors(
  original: readonly TensorInfo[],
  edits: readonly TensorEdit[],
): TensorInfo[] {
  const byName = new Map(edits.map((edit) => [edit.name, edit]));
  return original.filter(isKept).map((info) => {
    const edit = byName.get(info.name);
    return edit === undefined
      ? info
      : { ...info, shape: edit.shape, dtype: edit.dtype ?? info.dtype };
  });
}

function compareHeaders(expected: readonly TensorInfo[], found: readonly TensorInfo[]): void {
  const byName = new Map(found.map((info) => [info.name, info]));
  for (const info of expected) {
    const other = byName.get(info.name);
    const same =
      other?.dtype === info.dtype &&
      other.shape.length === info.shape.length &&
      other.shape.every((size, axis) => size === info.shape[axis]);
    if (!same) throw mismatch(`tensor ${info.name}`);
  }
  if (found.length !== expected.length) throw mismatch('list of tensors');
}

function compareSettings(edits: readonly SettingEdit[], written: Checkpoint): void {
  const key = (path: readonly string[]): string => JSON.stringify(path);
  const found = new Map(written.settings.map(({ path, value }) => [key(path), value]));
  for (const { path, value } of edits) {
    if (found.get(key(path)) !== value) throw mismatch(`setting ${path.join('.')}`);
  }
}

function sameBits(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, index) => Object.is(value, b[index]));
}

function mismatch(place: string): SsmError {
  return new SsmError(
    'internal',
    'The written file does not read back as it should, and was not kept. Please report this.',
    { place },
  );
}
