import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { LayerSystems } from '../../src/core/systems/layer';
import { familyOf } from '../../src/families/recognise';
import type { TensorEdit } from '../../src/formats/checkpoint';
import { type FamilySample, familySamples } from '../support/familySamples';
import {
  type FileLayer,
  edited,
  fileLayers,
  largestDifference,
  layerKernels,
  writeEdited,
} from '../support/layers';
import { runPython } from '../support/python';
import { sharedAvailable } from '../support/shared';
import { tempDir } from '../support/tempDir';

/**
 * Reduced layers written into files that the original code made, loaded with `strict=True` into modules with the
 * parameters of the original class, and their kernels computed by implementations in NumPy (family_kernels.py).
 */

/** A sample on its way through a file: what we read, what we wrote, and what Python finds there. */
interface Trip {
  readonly layers: readonly {
    readonly layer: FileLayer;
    readonly original: LayerSystems;
    readonly reduced: LayerSystems;
    readonly edits: readonly TensorEdit[];
  }[];
  readonly target: string;
  readonly jobs: readonly unknown[];
}

const length = 256;
const folder = tempDir();
const trips: Trip[] = [];
let kernels: number[][][][] = [];

function fileOf({ title, file }: FamilySample): string {
  return file ?? join(folder, `${title}.pt`);
}

/** Untrained layers for the samples without a file. */
function makeFiles(): void {
  const make = familySamples
    .filter(({ file }) => file === undefined)
    .map((sample) => ({
      file: fileOf(sample),
      family: sample.python.family,
      sizes: { ...sample.python.sizes, N: 7 },
      prefix: sample.python.prefixes[0],
    }));
  runPython('family_kernels.py', JSON.stringify({ make, run: [] }));
}

async function takeTrip(sample: FamilySample, index: number): Promise<Trip> {
  const source = join(folder, `${index}.source.pt`);
  const target = join(folder, `${index}.target.pt`);
  const file = fileOf(sample);
  const untouched = await fileLayers(file);
  await writeEdited(file, untouched.flatMap(sample.before ?? (() => [])), source);
  const layers = (await fileLayers(source)).map((layer) => {
    const family = familyOf(layer.site.family);
    const original = family.read(layer.site, layer.values, sample.hyper);
    const reduced = sample.reduce(original, family.slotsForOrder(sample.order));
    const edits = family.write(layer.site, reduced, layer.values, sample.hyper);
    return { layer, original, reduced, edits };
  });
  const changes = layers.flatMap(({ edits }) => edits);
  await writeEdited(source, changes, target);
  const job = (file: string, N: number): unknown => ({
    ...sample.python,
    source,
    file,
    length,
    sizes: { ...sample.python.sizes, N },
  });
  return {
    layers,
    target,
    jobs: [job(source, layers[0].layer.site.order), job(target, sample.order)],
  };
}

type Kernels = readonly ArrayLike<number>[];

function distance(a: Kernels, b: Kernels): number {
  return Math.hypot(...a.flatMap((kernel, k) => Array.from(kernel, (x, t) => x - b[k][t])));
}

function size(kernels: Kernels): number {
  return Math.hypot(...kernels.flatMap((kernel) => Array.from(kernel)));
}

describe.skipIf(!sharedAvailable)('written layers in the original class', () => {
  beforeAll(async () => {
    makeFiles();
    for (const [index, sample] of familySamples.entries()) {
      trips.push(await takeTrip(sample, index));
    }
    const run = trips.flatMap((trip) => trip.jobs);
    kernels = runPython('family_kernels.py', JSON.stringify({ make: [], run })) as number[][][][];
  }, 120_000);

  test.each(familySamples.map(({ title }, index) => [title, index] as const))(
    '%s',
    async (_, index) => {
      const { layers, target } = trips[index];
      const { order, hyper, trulyReduced } = familySamples[index];
      const [before, after] = kernels.slice(2 * index);
      expect(before).toHaveLength(layers.length);
      const smaller = await fileLayers(target);
      for (const [i, { layer, original, reduced, edits }] of layers.entries()) {
        const family = familyOf(layer.site.family);
        expect(largestDifference(layerKernels(original, length), before[i])).toBeLessThan(1e-9);
        const wanted = layerKernels(reduced, length);
        if (trulyReduced !== true) expect(largestDifference(wanted, after[i])).toBeLessThan(1e-5);
        else {
          // weights may cancel: then rounding counts against what the reduction lost, which is much more
          const lost = distance(wanted, before[i]);
          expect(distance(after[i], before[i])).toBeLessThan(
            lost * (1 + 1e-3) + 1e-6 * size(before[i]),
          );
        }

        const site = { ...layer.site, order, slots: family.slotsForOrder(order) };
        const stored = family.read(site, edited(layer.values, edits), hyper);
        expect(largestDifference(layerKernels(stored, length), after[i])).toBeLessThan(1e-9);

        expect(smaller[i].site).toEqual(site);
        const count = [...smaller[i].values.values()].reduce((n, t) => n + t.values.length, 0);
        expect(family.parameters(layer.site, order)).toBe(count);
      }
    },
  );
});
