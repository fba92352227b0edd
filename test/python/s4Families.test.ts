import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { reduceSystems } from '../../src/core/solve/reduceLayer';
import type { LayerSystems } from '../../src/core/systems/layer';
import type { LayerSite } from '../../src/families/family';
import { familyOf } from '../../src/families/recognise';
import type { TensorEdit } from '../../src/formats/checkpoint';
import type { TensorValues } from '../../src/formats/tensor';
import { exampleBatch } from '../support/batches';
import {
  edited,
  fileLayers,
  goldenArrays,
  largestDifference,
  layerKernels,
  writeEdited,
} from '../support/layers';
import { runPython } from '../support/python';
import { type S4Sample, s4Samples } from '../support/s4Samples';
import { sharedAvailable, sharedPath } from '../support/shared';
import { exampleTied } from '../support/syntheticSystems';
import { tempDir } from '../support/tempDir';

/**
 * Reduced layers of the S4 families, written into files in the shapes of the original classes, loaded with
 * `strict=True`, and their kernels computed by an implementation in NumPy (s4_kernels.py).
 */

interface Trip {
  readonly layers: readonly Layer[];
  readonly target: string;
  readonly jobs: readonly unknown[];
}

interface Layer {
  readonly site: LayerSite;
  readonly values: ReadonlyMap<string, TensorValues>;
  readonly original: LayerSystems;
  readonly reduced: LayerSystems;
  readonly edits: readonly TensorEdit[];
}

const length = 256;
const folder = tempDir();
const trips: Trip[] = [];
let kernels: number[][][][] = [];

function fileOf({ file }: S4Sample, index: number): string {
  return file ?? join(folder, `${index}.made.pt`);
}

/** Systems of a smaller order: those that the balanced method finds, or made-up ones with padding. */
function smaller(original: LayerSystems, slots: number, balanced: boolean): LayerSystems {
  if (balanced) {
    const request = { solver: 'balanced', slots, horizon: length } as const;
    return reduceSystems(original, request).reduced;
  }
  if (original.kind === 'tied') return exampleTied(original, slots);
  if (original.kind !== 'independent') throw new Error(`The layer is ${original.kind}.`);
  const batch = { ...exampleBatch(original.batch.count, slots), step: original.batch.step };
  if (original.poles === 'real') {
    batch.poleIm.fill(0);
    batch.weightIm.fill(0);
  }
  return { ...original, batch };
}

async function takeTrip(sample: S4Sample, index: number): Promise<Trip> {
  const source = fileOf(sample, index);
  const target = join(folder, `${index}.target.pt`);
  const { hyper, order, kind, sizes, prefixes = ['kernel.'] } = sample;
  const some = (await fileLayers(source)).slice(0, prefixes.length);
  const layers = some.map((found): Layer => {
    const family = familyOf(found.site.family);
    const untying = sample.untied === true ? family.untie?.(found.site) : undefined;
    const site = untying?.site ?? found.site;
    const values = untying?.apply(found.values) ?? found.values;
    const original = family.read(site, values, hyper);
    const reduced = smaller(original, family.slotsForOrder(order), sample.balanced === true);
    return { site, values, original, reduced, edits: family.write(site, reduced, values, hyper) };
  });
  await writeEdited(
    source,
    layers.flatMap(({ edits }) => edits),
    target,
  );
  const job = { kind, source, hyper, prefixes, length };
  const untied = layers.flatMap(({ values }) => [...values.values()]);
  const before = join(folder, `${index}.before.pt`);
  await writeEdited(
    source,
    untied.map(({ info, values }) => ({ name: info.name, shape: info.shape, values })),
    before,
  );
  return {
    layers,
    target,
    jobs: [
      { ...job, file: before, sizes: { ...sizes, N: layers[0].site.order } },
      { ...job, file: target, sizes: { ...sizes, N: order } },
    ],
  };
}

describe.skipIf(!sharedAvailable)('written S4 layers in the original class', () => {
  beforeAll(async () => {
    const make = s4Samples.flatMap(({ file, kind, sizes, prefixes = ['kernel.'] }, index) =>
      file === undefined
        ? [
            {
              file: join(folder, `${index}.made.pt`),
              kind,
              sizes: { ...sizes, N: sizes.is_real === true || kind === 'ema' ? 7 : 12 },
              prefix: prefixes[0],
            },
          ]
        : [],
    );
    runPython('s4_kernels.py', JSON.stringify({ make, run: [] }));
    for (const [index, sample] of s4Samples.entries()) trips.push(await takeTrip(sample, index));
    const run = trips.flatMap(({ jobs }) => jobs);
    kernels = runPython('s4_kernels.py', JSON.stringify({ make: [], run })) as number[][][][];
  }, 300_000);

  test.each(s4Samples.map(({ title }, index) => [title, index] as const))(
    '%s',
    async (_, index) => {
      const { layers, target } = trips[index];
      const { order, hyper } = s4Samples[index];
      const [before, after] = kernels.slice(2 * index);
      expect(before).toHaveLength(layers.length);
      const written = await fileLayers(target);
      for (const [i, { site, values, original, reduced, edits }] of layers.entries()) {
        const family = familyOf(site.family);
        expect(largestDifference(layerKernels(original, length), before[i])).toBeLessThan(1e-9);
        expect(largestDifference(layerKernels(reduced, length), after[i])).toBeLessThan(1e-5);

        const small = { ...site, order, slots: family.slotsForOrder(order) };
        const stored = family.read(small, edited(values, edits), hyper);
        expect(largestDifference(layerKernels(stored, length), after[i])).toBeLessThan(1e-9);

        expect(written[i].site).toEqual(small);
        const parameters = [...written[i].values.values()].filter(
          ({ info }) => info.dtype !== 'int64',
        );
        const count = parameters.reduce((sum, tensor) => sum + tensor.values.length, 0);
        expect(family.parameters(site, order)).toBe(count);
      }
    },
  );

  test('version 2 with the nodes that the file stores gives the kernels of the original code', async () => {
    const file = sharedPath('checkpoints', 'real', 'liquids4-ckpt.pth');
    const job = {
      kind: 'v2',
      source: file,
      file,
      sizes: { H: 64, N: 64, channels: 2 },
      hyper: { nodes: 'stored' },
      prefixes: ['module.s4_layers.0.kernel.kernel.'],
      length,
    };
    const [[rows]] = runPython(
      's4_kernels.py',
      JSON.stringify({ make: [], run: [job] }),
    ) as number[][][][];
    const golden = await goldenArrays(file.replace('.pth', '.golden.npz'));
    const { shape, values } = golden.K0;
    const expected = Array.from({ length: shape[0] * shape[1] }, (_, k) =>
      values.subarray(k * length, (k + 1) * length),
    );
    const picked = expected.map((_, k) =>
      Float64Array.from(rows[Math.floor(k / shape[1]) * 64 + (k % shape[1])]),
    );
    expect(largestDifference(picked, expected)).toBeLessThan(1e-9);
  });
});
