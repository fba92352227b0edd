import { SsmError } from '../core/errors';
import type {
  Checkpoint,
  CheckpointEdits,
  RewriteSummary,
  SettingEdit,
  TensorEdit,
} from '../formats/checkpoint';
import { openCheckpoint } from '../formats/open';
import type { TensorInfo } from '../formats/tensor';
import type { AtomicFile, Sealed } from './atomicFile';
import { FileSource } from './fileSource';

export interface Rewritten extends Sealed, RewriteSummary {}

/** Writes the edited checkpoint to a file that is not published yet. `onBytes` hears how many bytes are written. */
export async function rewriteTo(
  file: AtomicFile,
  checkpoint: Checkpoint,
  edits: CheckpointEdits,
  onBytes: (total: number) => void,
  signal?: AbortSignal,
): Promise<Rewritten> {
  let total = 0;
  const sink = {
    write: async (bytes: Uint8Array, writeSignal?: AbortSignal): Promise<void> => {
      await file.write(bytes, writeSignal ?? signal);
      onBytes((total += bytes.length));
    },
  };
  const summary = await checkpoint.rewrite(edits, sink, signal);
  return { ...summary, ...(await file.seal()) };
}

/**
 * Reads a written file back and compares: every tensor of the model is there under its name, shape and element type,
 * and the edited tensors and settings are bit for bit what was asked for.
 *
 * @returns the tensors of the written file
 * @throws SsmError `internal` if anything differs
 */
export async function verifyRewritten(
  file: AtomicFile,
  original: readonly TensorInfo[],
  edits: CheckpointEdits,
  signal?: AbortSignal,
): Promise<readonly TensorInfo[]> {
  const source = await FileSource.open(file.temporary, file.target);
  try {
    const written = await openCheckpoint(source, signal);
    compareHeaders(expectedTensors(original, edits.tensors), written.tensors.filter(isKept));
    compareSettings(edits.settings, written);
    for (const edit of edits.tensors) {
      const { values } = await written.readTensor(edit.name, signal);
      if (!sameBits(values, edit.values)) throw mismatch(`tensor ${edit.name}`);
    }
    return written.tensors;
  } finally {
    await source.close();
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
