import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { impulseResponse } from '../../src/core/norms/kernel';
import { systemOf, type ModalBatch } from '../../src/core/systems/modal';
import type { LayerSite } from '../../src/families/family';
import { familyOf, recogniseLayers } from '../../src/families/recognise';
import { s4dMinimal } from '../../src/families/s4dMinimal';
import { independentBatch } from '../../src/families/values';
import type { DType, TensorInfo, TensorValues } from '../../src/formats/tensor';
import { memorySource } from '../../src/formats/memory';
import { openCheckpoint } from '../../src/formats/open';
import kernels from '../fixtures/families/s4d_minimal_H8_N16.kernels.json';
import { exampleBatch } from '../support/batches';

const folder = join(import.meta.dirname, '../fixtures/families');

function tensor(name: string, shape: readonly number[], dtype: DType = 'float32'): TensorInfo {
  return { name, shape, dtype, role: 'model' };
}

/** A layer of H channels with n slots, as its four tensors. */
function layerTensors(prefix: string, h: number, n: number): TensorInfo[] {
  return [
    tensor(`${prefix}D`, [h]),
    tensor(`${prefix}kernel.C`, [h, n, 2]),
    tensor(`${prefix}kernel.log_dt`, [h]),
    tensor(`${prefix}kernel.log_A_real`, [h, n]),
    tensor(`${prefix}kernel.A_imag`, [h, n]),
  ];
}

/** The tensors of a layer with given contents, random where not given. */
function layerValues(
  site: LayerSite,
  infos: readonly TensorInfo[],
  contents: Readonly<Partial<Record<string, readonly (number | undefined)[]>>> = {},
): Map<string, TensorValues> {
  let seed = 1;
  const random = (): number => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647 - 0.5;
  };
  return new Map(
    Object.entries(site.tensors).map(([role, name]) => {
      const info = infos.find((candidate) => candidate.name === name)!;
      const count = info.shape.reduce((product, size) => product * size, 1);
      const values = Float64Array.from({ length: count }, (_, i) =>
        Math.fround(contents[role]?.[i] ?? random()),
      );
      return [name, { info, values }];
    }),
  );
}

test('the impulse responses are those of the original code', async () => {
  const bytes = readFileSync(join(folder, 's4d_minimal_H8_N16.safetensors'));
  const checkpoint = await openCheckpoint(memorySource('sample', bytes));
  const sites = recogniseLayers(checkpoint.tensors);
  expect(sites.map((site) => site.name)).toEqual(['s4_layers.0', 's4_layers.1']);
  for (const site of sites) {
    expect(site).toMatchObject({ family: 's4d-minimal', order: 16, slots: 8, channels: 8 });
    const values = new Map<string, TensorValues>();
    for (const name of Object.values(site.tensors)) {
      values.set(name, await checkpoint.readTensor(name));
    }
    const batch = independentBatch(familyOf(site.family).read(site, values, {}));
    const expected = kernels[`${site.name}.kernel.K` as 's4_layers.0.kernel.K'];
    const size = Math.max(...expected.flat().map(Math.abs));
    expected.forEach((row, h) => {
      const kernel = impulseResponse(systemOf(batch, h), row.length);
      row.forEach((value, t) => {
        expect(Math.abs(kernel[t] - value)).toBeLessThan(1e-9 * size);
      });
    });
  }
});

describe('recognition', () => {
  test('in any prefix and in file order, also two copies of a model in one file', () => {
    const infos = [
      tensor('model.encoder.weight', [4, 1]),
      ...layerTensors('model.s4_layers.1.', 4, 3),
      ...layerTensors('model.s4_layers.0.', 4, 3),
      ...layerTensors('ema.module.s4_layers.0.', 4, 3),
    ];
    expect(recogniseLayers(infos).map(({ name, order }) => [name, order])).toEqual([
      ['model.s4_layers.1', 6],
      ['model.s4_layers.0', 6],
      ['ema.module.s4_layers.0', 6],
    ]);
  });

  test('a kernel saved by itself is a layer', () => {
    const infos = layerTensors('', 4, 3).map((t) => ({
      ...t,
      name: t.name.replace('kernel.', ''),
    }));
    expect(recogniseLayers(infos).map(({ name }) => name)).toEqual(['kernel']);
  });

  test.each<[string, (infos: TensorInfo[]) => TensorInfo[]]>([
    ['a tensor is missing', (infos) => infos.filter((t) => !t.name.endsWith('A_imag'))],
    [
      'shapes disagree',
      (infos) => infos.map((t) => (t.name.endsWith('C') ? { ...t, shape: [4, 2, 2] } : t)),
    ],
    ['there is a B: the full S4D', (infos) => [...infos, tensor('a.kernel.B', [1, 4, 3, 2])]],
    [
      'they are moments of the optimizer',
      (infos) => infos.map((t) => ({ ...t, role: 'optimizer' })),
    ],
    [
      'there is no slot',
      (infos) => infos.map((t) => ({ ...t, shape: t.shape.map((s) => (s === 3 ? 0 : s)) })),
    ],
  ])('not where %s', (_, change) => {
    expect(recogniseLayers(change(layerTensors('a.', 4, 3)))).toEqual([]);
  });
});

describe('orders', () => {
  test('are even and at least 2', () => {
    expect(s4dMinimal.slotsForOrder(16)).toBe(8);
    expect(s4dMinimal.orderForSlots(8)).toBe(16);
    for (const order of [0, -2, 1, 15, 2.5, NaN]) {
      expect(() => s4dMinimal.slotsForOrder(order)).toThrow('even number');
    }
  });

  test('count C, log_A_real, A_imag and log_dt as parameters', () => {
    const [site] = recogniseLayers(layerTensors('a.', 4, 3));
    expect(s4dMinimal.parameters(site, 6)).toBe(4 * 3 * 4 + 4);
  });
});

describe('writing back', () => {
  const infos = layerTensors('a.', 5, 6);
  const [site] = recogniseLayers(infos);
  const original = layerValues(site, infos);
  const reduced: ModalBatch = {
    ...exampleBatch(5, 2),
    step: independentBatch(s4dMinimal.read(site, original, {})).step,
  };
  const systems = { kind: 'independent', batch: reduced, poles: 'complex' } as const;

  test('gives the same systems up to the rounding of float32', () => {
    const edits = s4dMinimal.write(site, systems, original, {});
    expect(edits.map((edit) => [edit.name, edit.shape])).toEqual([
      ['a.kernel.C', [5, 2, 2]],
      ['a.kernel.log_A_real', [5, 2]],
      ['a.kernel.A_imag', [5, 2]],
    ]);
    for (const { values } of edits) expect(values.map(Math.fround)).toEqual(values);
    const [small] = recogniseLayers(layerTensors('a.', 5, 2));
    const stored = new Map(original);
    for (const { name, shape, values } of edits) {
      stored.set(name, { info: { ...original.get(name)!.info, shape }, values });
    }
    const back = independentBatch(s4dMinimal.read(small, stored, {}));
    for (let h = 0; h < 5; h++) {
      const [a, b] = [reduced, back].map((batch) => impulseResponse(systemOf(batch, h), 200));
      const size = Math.max(...a.map(Math.abs));
      a.forEach((value, t) => {
        expect(Math.abs(value - b[t])).toBeLessThan(3e-6 * size);
      });
    }
  });

  test('refuses element types that hold no fractions', () => {
    const whole = new Map(
      [...original].map(([name, { info, values }]) => [
        name,
        { info: { ...info, dtype: 'int32' as const }, values },
      ]),
    );
    expect(() => s4dMinimal.write(site, systems, whole, {})).toThrow('float32');
  });
});

describe('parameters that cannot be', () => {
  const infos = layerTensors('a.', 2, 2);
  const [site] = recogniseLayers(infos);

  test.each(['C', 'log_dt', 'log_A_real', 'A_imag'])('NaN in %s is named', (role) => {
    const values = layerValues(site, infos, { [role]: [0.1, NaN] });
    expect(() => s4dMinimal.read(site, values, {})).toThrow(
      expect.objectContaining({ reason: 'bad-parameters', place: `tensor a.kernel.${role}` }),
    );
  });

  test('a decay rate that vanishes or overflows is refused', () => {
    for (const logReal of [-800, 800]) {
      const values = layerValues(site, infos, { log_A_real: [logReal] });
      expect(() => s4dMinimal.read(site, values, {})).toThrow(
        expect.objectContaining({ reason: 'unstable', place: 'tensor a.kernel.log_A_real' }),
      );
    }
  });
});
