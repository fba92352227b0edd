import { readFileSync } from 'node:fs';
import type { ModalBatch } from '../../src/core/systems/modal';
import { familyOf, recogniseLayers } from '../../src/families/recognise';
import type { Checkpoint } from '../../src/formats/checkpoint';
import { memorySource } from '../../src/formats/memory';
import { openCheckpoint } from '../../src/formats/open';
import type { TensorValues } from '../../src/formats/tensor';

function open(path: string): Promise<Checkpoint> {
  return openCheckpoint(memorySource(path, readFileSync(path)));
}

/** Every layer of a checkpoint whose kernels have poles of their own, in the order of the report. */
export async function layersOf(path: string): Promise<ModalBatch[]> {
  const checkpoint = await open(path);
  const batches: ModalBatch[] = [];
  for (const site of recogniseLayers(checkpoint.tensors)) {
    const values = new Map<string, TensorValues>();
    for (const name of Object.values(site.tensors)) {
      values.set(name, await checkpoint.readTensor(name));
    }
    const systems = familyOf(site.family).read(site, values, {});
    if (systems.kind === 'independent') batches.push(systems.batch);
  }
  return batches;
}

/** The elements of the tensors whose names pass, by name. */
export async function tensorsOf(
  path: string,
  wanted: (name: string) => boolean,
): Promise<Map<string, Float64Array>> {
  const checkpoint = await open(path);
  const found = new Map<string, Float64Array>();
  for (const { name } of checkpoint.tensors) {
    if (wanted(name)) found.set(name, (await checkpoint.readTensor(name)).values);
  }
  return found;
}
