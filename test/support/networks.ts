import { readFileSync } from 'node:fs';
import type { Network } from '../../src/core/network/network';
import type { Sequence } from '../../src/core/network/program';
import { isRecognised, recogniseNetwork } from '../../src/families/architectures/recogniseNetwork';
import type { HyperValues } from '../../src/families/hyperParameters';
import { recogniseLayers } from '../../src/families/recognise';
import { openCheckpoint } from '../../src/formats/open';
import { memorySource } from '../../src/formats/memory';
import { readNpy, type NpyArray } from '../../src/formats/npy';
import { openNpz } from '../../src/formats/npz';
import { loadNetwork } from '../../src/worker/loadNetwork';

/** The network in a checkpoint file, with these hyper-parameters (the same for every layer). */
export async function networkOf(
  path: string,
  network: HyperValues,
  layer: HyperValues = {},
): Promise<Network> {
  const checkpoint = await openCheckpoint(memorySource(path, readFileSync(path)));
  const tensors = checkpoint.tensors.filter(({ role }) => role === 'model');
  const sites = recogniseLayers(tensors);
  const found = recogniseNetwork(tensors, sites);
  if (!isRecognised(found)) throw new Error(found.reason);
  const layers = new Map(sites.map(({ name }) => [name, layer]));
  return loadNetwork(checkpoint, found, sites, { network, layers });
}

/** The array in a .npy file. */
export function npy(path: string): NpyArray {
  return readNpy(readFileSync(path));
}

/** An array of a .npz file. */
export async function npz(path: string, name: string): Promise<NpyArray> {
  const arrays = await openNpz(memorySource(path, readFileSync(path)));
  const entry = arrays.get(name);
  if (entry === undefined) throw new Error(`${path} has no ${name}`);
  return entry.read();
}

/** Sequence `i` of an array (sequences × length) or (sequences × length × width), cut to `length`. */
export function sequence({ shape, values }: NpyArray, i: number, length = shape[1]): Sequence {
  const width = shape[2] ?? 1;
  const x = new Float64Array(width * length);
  const start = i * shape[1] * width;
  for (let t = 0; t < length; t++) {
    for (let h = 0; h < width; h++) x[h * length + t] = values[start + t * width + h];
  }
  return { x, width, length };
}
