import { memorySource } from '../../src/formats/memory';
import { readWholeEntry } from '../../src/formats/zip/contents';
import { readZipDirectory } from '../../src/formats/zip/directory';
import { zipOf } from '../../test/support/torchZip';
import { mutate } from './mutate';
import type { Random } from './random';

/**
 * Spoils what lies inside a container and closes the container again, so that the damage is not found by its sizes
 * alone: an entry of a zip archive, the JSON of a safetensors file. Other files are spoiled as they are.
 */
export async function mutateInside(bytes: Uint8Array, random: Random): Promise<Uint8Array> {
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return mutateEntry(bytes, random);
  if (bytes[8] === 0x7b) return mutateHeader(bytes, random);
  return mutate(bytes, random);
}

async function mutateEntry(bytes: Uint8Array, random: Random): Promise<Uint8Array> {
  const source = memorySource('sample', bytes);
  const entries = await readZipDirectory(source);
  const files = new Map<string, Uint8Array>();
  for (const entry of entries) files.set(entry.name, await readWholeEntry(source, entry));
  const pickle = entries.find(({ name }) => name.endsWith('/data.pkl'))?.name;
  const names = [...files.keys()] as [string, ...string[]];
  const chosen = pickle !== undefined && random.below(4) > 0 ? pickle : random.pick(names);
  files.set(chosen, mutate(files.get(chosen)!, random));
  return zipOf(Object.fromEntries(files));
}

function mutateHeader(bytes: Uint8Array, random: Random): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const end = 8 + Number(view.getBigUint64(0, true));
  const header = mutate(bytes.slice(8, end), random);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(header.length), true);
  return new Uint8Array(Buffer.concat([length, header, bytes.subarray(end)]));
}
