import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { impulseResponse } from '../../src/core/norms/kernel';
import type { DiagonalSystem } from '../../src/core/systems/diagonal';
import type { LayerSystems } from '../../src/core/systems/layer';
import { systemOf } from '../../src/core/systems/modal';
import { channelModes } from '../../src/core/systems/tied';
import type { LayerSite } from '../../src/families/family';
import { recogniseLayers } from '../../src/families/recognise';
import type { Checkpoint, TensorEdit } from '../../src/formats/checkpoint';
import { memorySink, memorySource } from '../../src/formats/memory';
import { openCheckpoint } from '../../src/formats/open';
import type { TensorValues } from '../../src/formats/tensor';

/** A layer of a file with the values of its tensors. */
export interface FileLayer {
  readonly site: LayerSite;
  readonly values: ReadonlyMap<string, TensorValues>;
}

export async function openFile(path: string): Promise<Checkpoint> {
  return openCheckpoint(memorySource(basename(path), readFileSync(path)));
}

/** The recognised layers of a file. */
export async function fileLayers(path: string): Promise<FileLayer[]> {
  const checkpoint = await openFile(path);
  return Promise.all(
    recogniseLayers(checkpoint.tensors).map(async (site) => {
      const names = Object.values(site.tensors);
      const read = names.map(async (name) => [name, await checkpoint.readTensor(name)] as const);
      return { site, values: new Map(await Promise.all(read)) };
    }),
  );
}

/** The values of a layer after edits of its tensors. */
export function edited(
  values: ReadonlyMap<string, TensorValues>,
  edits: readonly TensorEdit[],
): Map<string, TensorValues> {
  const after = new Map(values);
  for (const { name, shape, values: numbers } of edits) {
    after.set(name, { info: { ...values.get(name)!.info, shape }, values: numbers });
  }
  return after;
}

/** An array of a NumPy archive. */
export interface GoldenArray {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/** The arrays of a golden file (`.npz`) by name. */
export async function goldenArrays(path: string): Promise<Record<string, GoldenArray>> {
  const archive = await openFile(path);
  const arrays = archive.tensors.map(async ({ name, shape }) => {
    const { values } = await archive.readTensor(name);
    return [name, { shape, values }] as const;
  });
  return Object.fromEntries(await Promise.all(arrays));
}

/** The kernels of a layer by number, t = 0 … length - 1. Of a system with m inputs, number i * m + j leads from j to i. */
export function layerKernels(systems: LayerSystems, length: number): Float64Array[] {
  switch (systems.kind) {
    case 'independent':
      return Array.from({ length: systems.batch.count }, (_, s) =>
        impulseResponse(systemOf(systems.batch, s), length),
      );
    case 'tied': {
      const kernels: Float64Array[] = [];
      for (const { kernels: numbers, system } of systems.groups) {
        numbers.forEach((kernel, row) => {
          kernels[kernel] = impulseResponse(channelModes(system, row), length);
        });
      }
      return kernels;
    }
    default:
      return mimoKernels(systems.system, length);
  }
}

function mimoKernels({ poles, B, C }: DiagonalSystem, length: number): Float64Array[] {
  const kernels: Float64Array[] = [];
  for (let i = 0; i < C.rows; i++) {
    for (let j = 0; j < B.cols; j++) {
      const re = new Float64Array(B.rows);
      const im = new Float64Array(B.rows);
      for (let n = 0; n < B.rows; n++) {
        const [c, b] = [i * C.cols + n, n * B.cols + j];
        re[n] = C.re[c] * B.re[b] - C.im[c] * B.im[b];
        im[n] = C.re[c] * B.im[b] + C.im[c] * B.re[b];
      }
      kernels.push(impulseResponse({ poles, weights: { re, im }, step: 1 }, length));
    }
  }
  return kernels;
}

/** max |x - y| over all kernels, relative to the largest value of the second ones. */
export function largestDifference(
  kernels: readonly Float64Array[],
  expected: readonly ArrayLike<number>[],
): number {
  if (kernels.length !== expected.length) return Infinity;
  let [difference, size] = [0, 0];
  kernels.forEach((kernel, k) => {
    if (kernel.length !== expected[k].length) difference = Infinity;
    kernel.forEach((value, t) => {
      difference = Math.max(difference, Math.abs(value - expected[k][t]));
      size = Math.max(size, Math.abs(expected[k][t]));
    });
  });
  return Number.isFinite(size) ? difference / size : Infinity;
}

/** Writes a copy of a file with tensors changed. */
export async function writeEdited(
  source: string,
  tensors: readonly TensorEdit[],
  target: string,
): Promise<void> {
  const checkpoint = await openFile(source);
  const sink = memorySink();
  await checkpoint.rewrite({ tensors, settings: [], dropOptimizerState: true }, sink);
  writeFileSync(target, sink.bytes());
}
