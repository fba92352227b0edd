import { describe, expect, it } from 'vitest';
import type { LayerSystems } from '../../src/core/systems/layer';
import { emptyModalBatch } from '../../src/core/systems/modal';
import type { LayerSite } from '../../src/families/family';
import { s4dMinimal } from '../../src/families/s4dMinimal';
import { independentBatch } from '../../src/families/values';
import type { DType, TensorValues } from '../../src/formats/tensor';
import { storeLayer } from '../../src/worker/storeLayer';

/** One channel with two pairs of poles, lambda = -1 / 2 + 3 i and -1 / 3 + 10 i, at a step of 1 / 8. */
function reduced(decay = -0.5): LayerSystems {
  const batch = {
    ...emptyModalBatch(1, 2),
    poleRe: Float64Array.of(decay / 8, -1 / 24),
    poleIm: Float64Array.of(3 / 8, 10 / 8),
    weightRe: Float64Array.of(1, 0.1),
    weightIm: Float64Array.of(0, 0.2),
  };
  return { kind: 'independent', batch, poles: 'complex' };
}

function site(slots: number): LayerSite {
  return {
    ...{ family: 's4d-minimal', name: 'layer', order: 2 * slots, slots, channels: 1 },
    tying: 'independent',
    tensors: { C: 'C', log_dt: 'log_dt', log_A_real: 'log_A_real', A_imag: 'A_imag' },
  };
}

function tensors(dtype: DType, slots = 4): Map<string, TensorValues> {
  const make = (name: string, shape: number[], value: number): [string, TensorValues] => [
    name,
    {
      info: { name, dtype, shape, role: 'model' },
      values: new Float64Array(shape.reduce((a, b) => a * b, 1)).fill(value),
    },
  ];
  return new Map([
    make('C', [1, slots, 2], 1),
    make('log_dt', [1], Math.log(1 / 8)),
    make('log_A_real', [1, slots], 0),
    make('A_imag', [1, slots], 1),
  ]);
}

/** Stores a layer; the certificate is the greatest difference of the log-poles from what was wanted. */
async function store(dtype: DType, expectedError: number, order = 4, layer = reduced()) {
  const wanted = independentBatch(layer);
  return storeLayer(layer, {
    ...{ family: s4dMinimal, site: site(4), hyper: {}, values: tensors(dtype), order },
    expectedError,
    certify: (systems) => {
      const { poleRe, poleIm } = independentBatch(systems);
      const off = [0, 1].map((n) =>
        Math.max(Math.abs(poleRe[n] - wanted.poleRe[n]), Math.abs(poleIm[n] - wanted.poleIm[n])),
      );
      return Promise.resolve(Math.max(...off));
    },
    errorOf: (error) => error,
  });
}

describe('storing a reduced layer', () => {
  it('keeps float32, whatever rounding costs', async () => {
    const { edits, notes } = await store('float32', 0);
    expect(edits.map(({ dtype }) => dtype)).toEqual([undefined, undefined, undefined]);
    expect(notes).toEqual([]);
  });

  it.each<DType>(['float16', 'bfloat16'])('keeps %s where the error allows it', async (dtype) => {
    const { edits, notes, certificate } = await store(dtype, 0.1);
    expect(certificate).toBeGreaterThan(1e-6); // rounded to few bits indeed
    expect(edits.map((edit) => edit.dtype)).toEqual([undefined, undefined, undefined]);
    expect(notes).toEqual([]);
  });

  it.each<DType>(['float16', 'bfloat16'])('widens %s where it costs too much', async (dtype) => {
    const { edits, notes, certificate } = await store(dtype, 1e-9);
    expect(certificate).toBeLessThan(1e-6);
    expect(edits.map((edit) => edit.dtype)).toEqual(['float32', 'float32', 'float32']);
    expect(notes).toEqual([
      `Layer layer would lose more than a tenth of its accuracy in ${dtype}: C, log_A_real, A_imag are written as float32. Load them into parameters of float32.`,
    ]);
  });

  it('widens what would not decay any more', async () => {
    // log(1e-9) rounds in bfloat16, but the largest number of float16 is not enough for the frequency
    const fast = reduced();
    independentBatch(fast).poleIm[1] = 1e5 / 8;
    const { edits, notes } = await store('float16', 1, 4, fast);
    expect(edits.map((edit) => edit.dtype)).toEqual(['float32', 'float32', 'float32']);
    expect(notes[0]).toMatch(/^Layer layer would be unstable in float16/);
  });

  it('pads to the order of the file', async () => {
    const { edits, stored } = await store('float64', 0, 6);
    expect(edits.map(({ shape }) => shape)).toEqual([
      [1, 3, 2],
      [1, 3],
      [1, 3],
    ]);
    const batch = independentBatch(stored);
    expect([batch.weightRe[2], batch.weightIm[2]]).toEqual([0, 0]);
    expect(batch.poleRe[2]).toBeCloseTo(-1 / 24, 12);
  });
});
