import { SsmError } from '../../core/errors';
import type { CheckpointEdits, RecordedSetting } from '../checkpoint';
import type { Use } from '../pickle/nodes';
import type { TensorInfo } from '../tensor';
import { readContents, type Contents } from './contents';

/**
 * Checks that a patched pickle says exactly what was asked for: the old contents without the dropped states, with the
 * new types, shapes and numbers. Anything else is a fault of this program (`internal`), found before a byte is written.
 */
export function verifyRewrite(
  written: Use,
  original: Use,
  contents: Contents,
  edits: CheckpointEdits,
): void {
  const dropped = edits.dropOptimizerState ? contents.optimizers.map(({ use }) => use) : [];
  const kept = readContents(original, new Set(dropped));
  const infos = editedInfos(contents, edits);
  const numbers = editedNumbers(contents, edits);
  const wanted = describe(
    kept.tensors.map(({ info, use }) => ({ ...info, ...infos.get(use) })),
    kept.settings.map(({ path, value, use }) => ({ path, value: numbers.get(use) ?? value })),
  );
  const found = readContents(written);
  if (
    describe(
      found.tensors.map(({ info }) => info),
      found.settings,
    ) !== wanted
  )
    throw new SsmError('internal', 'The patched header does not describe the edited checkpoint.', {
      place: 'data.pkl',
    });
}

function editedInfos(
  contents: Contents,
  edits: CheckpointEdits,
): Map<Use, Pick<TensorInfo, 'dtype' | 'shape'>> {
  const byName = new Map(contents.tensors.map((leaf) => [leaf.info.name, leaf]));
  return new Map(
    edits.tensors.map(({ name, shape, dtype }) => {
      const { use, info } = byName.get(name)!;
      return [use, { shape, dtype: dtype ?? info.dtype }];
    }),
  );
}

function editedNumbers({ settings }: Contents, edits: CheckpointEdits): Map<Use, number> {
  const byPath = new Map(edits.settings.map(({ path, value }) => [JSON.stringify(path), value]));
  return new Map(
    settings.flatMap(({ path, use }): [Use, number][] => {
      const value = byPath.get(JSON.stringify(path));
      return value === undefined ? [] : [[use, value]];
    }),
  );
}

function describe(tensors: readonly TensorInfo[], settings: readonly RecordedSetting[]): string {
  return JSON.stringify([
    tensors.map(({ name, dtype, shape, role }) => [name, dtype, shape, role]),
    settings.map(({ path, value }) => [path, value]),
  ]);
}
