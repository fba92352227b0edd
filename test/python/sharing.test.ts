import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CheckpointEdits, TensorEdit } from '../../src/formats/checkpoint';
import { runPython } from '../support/python';
import { openFile, rewriteFile } from '../support/rewriting';
import { tempDir } from '../support/tempDir';
import { hashOf, torchDump, type TorchDump } from '../support/torchDump';

const folder = tempDir();
const numbers = Float64Array.of(7, 8, 9);

function edit(name: string, values = numbers): TensorEdit {
  return { name, shape: [values.length], values };
}

async function rewritten(name: string, edits: Partial<CheckpointEdits>): Promise<TorchDump> {
  const target = join(folder, `rewritten-${name}`);
  await rewriteFile(join(folder, name), target, () => edits);
  return torchDump([target])[target];
}

function contentsOf(dump: TorchDump, path: string): string | undefined {
  return dump.leaves[path][3];
}

function objectOf(dump: TorchDump, path: string): number | undefined {
  return dump.leaves[path][4];
}

function storageOf(dump: TorchDump, path: string): number | undefined {
  return dump.leaves[path][5];
}

const oldValues = hashOf(Float64Array.from({ length: 12 }, (_, i) => i));
const oldView = hashOf(Float64Array.of(4, 5, 6, 7));

describe.each([2, 4])('tensors that share, protocol %i', (protocol) => {
  beforeAll(() => {
    runPython('make_checkpoints.py', folder);
  });
  const file = `tied-${protocol}.pt`;

  it('gives the later of two names its own tensor if only it is edited', async () => {
    const dump = await rewritten(file, { tensors: [edit('model.b')] });
    expect(contentsOf(dump, 'model.b')).toBe(hashOf(numbers));
    expect(contentsOf(dump, 'model.a')).toBe(oldValues);
    expect(contentsOf(dump, 'model.view')).toBe(oldView);
    expect(storageOf(dump, 'model.view')).toBe(storageOf(dump, 'model.a'));
  });

  it('gives the earlier of two names its own tensor if only it is edited', async () => {
    const dump = await rewritten(file, { tensors: [edit('model.a')] });
    expect(contentsOf(dump, 'model.a')).toBe(hashOf(numbers));
    expect(contentsOf(dump, 'model.b')).toBe(oldValues);
    expect(contentsOf(dump, 'model.view')).toBe(oldView);
    expect(storageOf(dump, 'model.view')).toBe(storageOf(dump, 'model.b'));
  });

  it('keeps two names one tensor if both are edited alike', async () => {
    const dump = await rewritten(file, { tensors: [edit('model.a'), edit('model.b')] });
    expect(contentsOf(dump, 'model.a')).toBe(hashOf(numbers));
    expect(objectOf(dump, 'model.b')).toBe(objectOf(dump, 'model.a'));
    expect(contentsOf(dump, 'model.view')).toBe(oldView);
  });

  it('parts two names that are edited differently', async () => {
    const other = Float64Array.of(1, 2);
    const dump = await rewritten(file, { tensors: [edit('model.a'), edit('model.b', other)] });
    expect(contentsOf(dump, 'model.a')).toBe(hashOf(numbers));
    expect(contentsOf(dump, 'model.b')).toBe(hashOf(other));
    expect(contentsOf(dump, 'model.view')).toBe(oldView);
  });

  it('leaves the base alone if only a view is edited', async () => {
    const dump = await rewritten(file, { tensors: [edit('model.view')] });
    expect(contentsOf(dump, 'model.view')).toBe(hashOf(numbers));
    expect(contentsOf(dump, 'model.a')).toBe(oldValues);
    expect(objectOf(dump, 'model.b')).toBe(objectOf(dump, 'model.a'));
  });

  it('parts tied parameters and keeps both parameters', async () => {
    const dump = await rewritten(`tied_parameters-${protocol}.pt`, {
      tensors: [edit('state_dict.second')],
    });
    expect(contentsOf(dump, 'state_dict.second')).toBe(hashOf(numbers));
    expect(contentsOf(dump, 'state_dict.first')).toBe(hashOf(Float64Array.of(0, 1, 2, 3)));
  });

  it('changes the element type where asked', async () => {
    const dump = await rewritten(file, { tensors: [{ ...edit('model.apart'), dtype: 'float64' }] });
    expect(dump.leaves['model.apart'].slice(0, 4)).toEqual([
      'tensor',
      'float64',
      [3],
      hashOf(numbers),
    ]);
  });

  it('drops an optimizer state whose parts are used elsewhere, and names it', async () => {
    const name = `shared_with_optimizer-${protocol}.pt`;
    const target = join(folder, `dropped-${protocol}.pt`);
    const summary = await rewriteFile(join(folder, name), target, () => ({
      tensors: [edit('model.v')],
      dropOptimizerState: true,
    }));
    expect(summary.droppedOptimizerStates).toEqual(['optimizer_states.0.state']);
    const dump = torchDump([target])[target];
    expect(contentsOf(dump, 'model.v')).toBe(hashOf(numbers));
    expect(contentsOf(dump, 'best')).toBe(hashOf(Float64Array.of(0, 1, 2, 3, 4)));
    expect(objectOf(dump, 'again.nested.1')).toBe(objectOf(dump, 'best'));
    const names = (await openFile(target)).tensors.map((tensor) => tensor.name);
    expect(names).not.toContain('optimizer_states.0.state.0.buffer');
  });

  it('refuses a quantized tensor and a type that torch cannot store', async () => {
    const quantized = rewritten(`quantized-${protocol}.pt`, { tensors: [edit('model.q')] });
    await expect(quantized).rejects.toMatchObject({ reason: 'bad-request' });
    const exotic = rewritten(file, { tensors: [{ ...edit('model.apart'), dtype: 'float8_e5m2' }] });
    await expect(exotic).rejects.toMatchObject({ reason: 'bad-request' });
  });
});
