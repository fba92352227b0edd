import { basename, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CheckpointEdits } from '../../src/formats/checkpoint';
import { torchCheckpoints } from '../support/checkpoints';
import { shrinkingEdits } from '../support/edits';
import { runPython } from '../support/python';
import { openFile, rewriteFile } from '../support/rewriting';
import { sharedAvailable, sharedPath } from '../support/shared';
import { tempDir } from '../support/tempDir';
import {
  describeTensor,
  sharingOf,
  torchDump,
  withoutIdentity,
  type TorchDump,
} from '../support/torchDump';

/** What `torch.load(weights_only=True)` accepts, as current torch has it. */
const WEIGHTS_ONLY_OPCODES = new Set(
  (
    'PROTO GLOBAL NEWOBJ REDUCE BUILD APPEND APPENDS SETITEM SETITEMS MARK TUPLE TUPLE1 TUPLE2 TUPLE3 NONE NEWTRUE ' +
    'NEWFALSE EMPTY_TUPLE EMPTY_LIST EMPTY_DICT EMPTY_SET BININT BININT1 BININT2 BINFLOAT BINUNICODE SHORT_BINSTRING ' +
    'LONG1 BINPERSID BINGET LONG_BINGET BINPUT LONG_BINPUT STOP'
  ).split(' '),
);

const folder = tempDir();
const made = (runPython('make_checkpoints.py', folder) as string[]).map((name) =>
  join(folder, name),
);
const shared = sharedAvailable ? torchCheckpoints() : [];
const files = [...made, ...shared];
const title = (file: string): string =>
  file.startsWith(folder) ? basename(file) : relative(sharedPath(), file);

const target = (file: string): string =>
  join(folder, `rewritten-${files.indexOf(file)}-${basename(file)}`);

const edits = new Map<string, CheckpointEdits>();
for (const file of files)
  await rewriteFile(file, target(file), (checkpoint) => {
    const wanted = shrinkingEdits(checkpoint);
    edits.set(file, wanted);
    return wanted;
  });
const original = torchDump(files);
const emptied = torchDump(files, { dropOptimizerState: true });
const rewritten = torchDump(files.map(target));

describe.each(files.map((file) => ({ name: title(file), file })))('$name', ({ file }) => {
  const wanted = edits.get(file)!;
  const before = emptied[file];
  const after = rewritten[target(file)];

  it('is read as torch reads it', async () => {
    const theirs = Object.entries(original[file].leaves).filter(([, leaf]) => leaf[0] === 'tensor');
    const arrays = Object.entries(original[file].leaves).filter(
      ([, leaf]) => leaf[0] === 'value' && leaf[1].startsWith('array('),
    );
    const checkpoint = await openFile(file);
    const isArray = new Set(arrays.map(([name]) => name));
    const tensors = checkpoint.tensors.filter(({ name }) => !isArray.has(name));
    const names = tensors.map(({ name }) => name);
    expect(new Set(names)).toEqual(new Set(theirs.map(([name]) => name)));
    for (const { name, dtype } of tensors) {
      if (dtype === 'quantized') continue;
      const { info, values } = await checkpoint.readTensor(name);
      const expected = original[file].leaves[name].slice(0, 4);
      expect([name, ...describeTensor(info, values)]).toEqual([name, ...expected]);
    }
  });

  it('is rewritten with what was asked for and nothing else', () => {
    expect(withoutIdentity(after.leaves)).toEqual(expectedLeaves(before, wanted));
  });

  it('keeps the sharing of what is not edited', () => {
    const edited = new Set(wanted.tensors.map(({ name }) => name));
    const kept = Object.keys(after.leaves).filter(
      (name) => !edited.has(name) && name in before.leaves,
    );
    expect(sharingOf(after, kept)).toEqual(sharingOf(before, kept));
  });

  it('goes on loading with weights_only where it did', () => {
    expect(after.weights_only).toBe(before.weights_only);
    // Nothing was disassembled of a file of torch before 1.6, whose pickle is kept.
    if (file.endsWith('-legacy.pth')) return;
    const fresh = after.opcodes.filter((name) => !before.opcodes.includes(name));
    expect(fresh.filter((name) => !WEIGHTS_ONLY_OPCODES.has(name))).toEqual([]);
  });

  it('shows the edits to our own reader', async () => {
    const checkpoint = await openFile(target(file));
    for (const edit of wanted.tensors) {
      const { info, values } = await checkpoint.readTensor(edit.name);
      expect(describeTensor(info, values)).toEqual(
        describeTensor({ dtype: info.dtype, shape: edit.shape }, edit.values),
      );
    }
    for (const setting of wanted.settings) expect(checkpoint.settings).toContainEqual(setting);
  });
});

/** The leaves of the original, its optimizers emptied, with the edits applied to them. */
function expectedLeaves(
  { leaves }: TorchDump,
  { tensors, settings }: CheckpointEdits,
): Record<string, unknown> {
  const expected = withoutIdentity(leaves);
  for (const { name, shape, values } of tensors)
    expected[name] = describeTensor({ dtype: leaves[name][1], shape }, values);
  for (const { path, value } of settings) expected[path.join('.')] = ['value', String(value)];
  return expected;
}
