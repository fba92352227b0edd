import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../src/formats/open';
import { FileSource } from '../../src/worker/fileSource';
import { tensorStatistics } from '../../src/worker/tensorStatistics';
import { safetensorsBytes } from '../support/s4dModel';
import { tempDir } from '../support/tempDir';

const folder = tempDir();
const fixtures = join(import.meta.dirname, '../fixtures/formats');

/** Longer than what is read at once, with one number at either end that a piece too few would miss. */
function writeLong(): string {
  const file = join(folder, 'long.safetensors');
  const values = new Float32Array(2 ** 21 + 5).fill(1);
  values[0] = -3;
  values[2 ** 20 + 1] = NaN;
  values[values.length - 1] = 7;
  writeFileSync(file, safetensorsBytes([{ name: 'w', shape: [values.length], values }]));
  return file;
}

describe('statistics of tensors', () => {
  it('are of all elements of one that is read in pieces', async () => {
    const shares: number[] = [];
    const asked = { file: writeLong(), tensors: ['w'] };
    const [one] = await tensorStatistics(asked, undefined, (share) => {
      shares.push(share);
    });
    const finite = 2 ** 21 + 4;
    expect(one).toMatchObject({
      name: 'w',
      summary: { finite, nan: 1, infinite: 0, least: -3, greatest: 7 },
    });
    const summary = 'summary' in one ? one.summary : undefined;
    expect(summary?.mean).toBeCloseTo((finite - 2 + 4) / finite, 14);
    expect(summary?.norm).toBeCloseTo(Math.sqrt(finite - 2 + 58), 8);
    expect(shares.at(-1)).toBe(1);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.length).toBeGreaterThan(2);
  });

  it('are given up when cancelled', async () => {
    const controller = new AbortController();
    const asked = tensorStatistics({ file: writeLong(), tensors: ['w'] }, controller.signal, () => {
      controller.abort();
    });
    await expect(asked).rejects.toMatchObject({ reason: 'cancelled' });
  });

  it('of a tensor that is not there, or cannot be read, say so in its place', async () => {
    const file = join(fixtures, 's4d_minimal_H8_N16.safetensors');
    const found = await tensorStatistics({ file, tensors: ['no such', 'D'] });
    expect(found.map(({ name }) => name)).toEqual(['no such', 'D']);
    expect(found[0]).toHaveProperty('fault');
  });

  it.each([
    'zip_all.pt',
    'legacy_all.pth',
    's4d_minimal_H8_N16.safetensors',
    'lru_forgi_dm6_ds10.npz',
    's5_flax_H6_P4.msgpack',
    'lru_compressm_layer_synthetic.eqx',
  ])('of %s agree with its tensors read whole', async (name) => {
    const file = join(fixtures, name);
    const source = await FileSource.open(file);
    const checkpoint = await openCheckpoint(source);
    const readable = checkpoint.tensors.filter(({ dtype }) => dtype !== 'quantized');
    const found = await tensorStatistics({ file, tensors: readable.map((info) => info.name) });
    expect(found.length).toBeGreaterThan(2);
    for (const [i, info] of readable.entries()) {
      const { values } = await checkpoint.readTensor(info.name);
      const sizes = info.dtype.startsWith('complex')
        ? Array.from({ length: values.length / 2 }, (_, k) =>
            Math.hypot(values[2 * k], values[2 * k + 1]),
          )
        : [...values];
      const finite = sizes.filter(Number.isFinite);
      expect(found[i]).toMatchObject({
        name: info.name,
        summary: {
          finite: finite.length,
          nan: sizes.filter(Number.isNaN).length,
          least: finite.length === 0 ? null : Math.min(...finite),
          greatest: finite.length === 0 ? null : Math.max(...finite),
        },
      });
    }
    await source.close();
  });
});
