import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Checkpoint } from '../../src/formats/checkpoint';
import { memorySink, memorySource } from '../../src/formats/memory';
import { readNpy } from '../../src/formats/npy';
import { openNpz } from '../../src/formats/npz';
import { openCheckpoint } from '../../src/formats/open';
import { shrinkingEdits } from '../support/edits';
import { runPython } from '../support/python';
import { tempDir } from '../support/tempDir';

type Described = Readonly<Record<string, readonly [string, readonly number[], readonly number[]]>>;

const folder = tempDir();
const arrays = runPython('arrays.py', 'write', folder) as Described;

const source = (name: string): ReturnType<typeof memorySource> =>
  memorySource(name, readFileSync(join(folder, name)));

async function described(checkpoint: Checkpoint): Promise<Described> {
  const found: Record<string, [string, readonly number[], readonly number[]]> = {};
  for (const { name, dtype, shape } of checkpoint.tensors)
    found[name] = [dtype, shape, [...(await checkpoint.readTensor(name)).values]];
  return found;
}

describe('what NumPy saves', () => {
  it.each(Object.keys(arrays).map((name, index): [string, number] => [name, index]))(
    '%s is read from a .npy file',
    (name, index) => {
      const { dtype, shape, values } = readNpy(readFileSync(join(folder, `${index}.npy`)));
      expect([dtype, shape, [...values]]).toEqual(arrays[name]);
    },
  );

  it.each(['stored.npz', 'deflated.npz'])('%s is read, array by array', async (file) => {
    const entries = await openNpz(source(file));
    expect([...entries.keys()]).toEqual([...Object.keys(arrays), 'names', 'dates']);
    for (const [name, wanted] of Object.entries(arrays)) {
      const entry = entries.get(name)!;
      const { dtype, shape, values } = await entry.read();
      expect([dtype, shape, [...values]]).toEqual(wanted);
      expect((await entry.header()).shape).toEqual(wanted[1]);
    }
    await expect(entries.get('names')!.read()).rejects.toMatchObject({
      reason: 'unsupported-file',
    });
  });

  it.each(['stored.npz', 'deflated.npz'])('%s is a checkpoint that can be edited', async (file) => {
    const checkpoint = await openCheckpoint(source(file));
    const named = Object.fromEntries(
      Object.entries(arrays).map(([name, array]) => [name.replaceAll('/', '.'), array]),
    );
    expect(checkpoint.format).toBe('npz');
    expect(await described(checkpoint)).toEqual(named);
    expect(checkpoint.notes.join()).toMatch(/names \(<U2\), dates/);

    const edits = shrinkingEdits(checkpoint);
    const sink = memorySink();
    await checkpoint.rewrite(edits, sink);
    const path = join(folder, `edited-${file}`);
    writeFileSync(path, sink.bytes());
    const wanted: Record<string, unknown> = { ...named };
    for (const { name, shape, values } of edits.tensors)
      wanted[name] = [named[name][0], shape, [...values]];
    expect(await described(await openCheckpoint(source(`edited-${file}`)))).toEqual(wanted);
    const byNumpy = (runPython('arrays.py', 'read', path) as Record<string, Described>)[path];
    expect(
      Object.fromEntries(
        Object.entries(byNumpy).map(([name, array]) => [name.replaceAll('/', '.'), array]),
      ),
    ).toEqual(wanted);
  });
});
