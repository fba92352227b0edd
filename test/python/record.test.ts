import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LayerSite } from '../../src/families/family';
import { recordScript } from '../../src/worker/recordScript';
import { openRecorded } from '../../src/worker/samples/recorded';
import { runPython } from '../support/python';
import { tempDir } from '../support/tempDir';

/** The script that records what the layers of a live model receive, run by torch, and its reader. */

const directory = tempDir();

function site(name: string): LayerSite {
  return {
    family: 's4d-minimal',
    name,
    order: 2,
    slots: 1,
    channels: 4,
    tying: 'independent',
    tensors: {},
  };
}

describe('a recording of a live model', () => {
  it('has what every layer received, position after position, with the lengths', async () => {
    // the checkpoint was saved from inside of another wrapper than the live model stands in
    const sites = ['model.s4_layers.0', 'model.s4_layers.1'].map(site);
    const [script, output] = [join(directory, 'record_inputs.py'), join(directory, 'inputs.npz')];
    writeFileSync(script, recordScript(sites));
    const received = runPython('record_inputs.py', script, output) as Record<string, number[][][]>;

    const recorded = await openRecorded(output, sites);
    expect(recorded.count).toBe(4);
    expect([0, 1, 2, 3].map((i) => recorded.lengthOf(i))).toEqual([6, 6, 6, 4]);
    for (const { name } of sites) {
      for (let i = 0; i < 4; i++) {
        const { x, width, length } = await recorded.sequence(name, i);
        const expected = received[name.replace('model.', '')][i];
        expect([length, width]).toEqual([expected.length, 4]);
        expected.forEach((row, t) => {
          row.forEach((value, h) => {
            expect(x[h * length + t]).toBeCloseTo(value, 6);
          });
        });
      }
    }
    await recorded.close();

    await expect(openRecorded(output, [site('other')])).rejects.toThrow(/no inputs of layer other/);
    await expect(
      openRecorded(output, [{ ...site('model.s4_layers.0'), channels: 5 }]),
    ).rejects.toThrow(/takes 5 features/);
  });

  it('names in the script are text, whatever they are', () => {
    const hostile = site('a"\n"""; import os; é\u2028');
    const text = recordScript([hostile]);
    expect(text).toContain('"a\\"\\n\\"\\"\\"; import os; \\u00e9\\u2028": (');
    // eslint-disable-next-line no-control-regex
    expect(text).toMatch(/^[\x00-\x7e]*$/);
  });

  it('refuses layers whose input is no sequence', () => {
    expect(() => recordScript([{ ...site('h'), family: 'h3' }])).toThrow(/cannot be recorded/);
    expect(() => recordScript([])).toThrow(/no state-space layer/);
  });
});
