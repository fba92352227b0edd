import { SsmError } from '../core/errors';
import type { ByteSource } from './byteSource';
import type { Checkpoint } from './checkpoint';
import { bytesPerElement, decodeElements } from './dtypes';
import {
  readSafetensorsHeader,
  type SafetensorsEntry,
  type SafetensorsHeader,
} from './safetensors/header';
import { rewriteSafetensors } from './safetensors/rewrite';
import { metadataSettings } from './safetensors/settings';
import type { TensorValues } from './tensor';

/** Opens a `.safetensors` file: its header is read and checked, its tensors are not read. */
export async function openSafetensors(
  source: ByteSource,
  signal?: AbortSignal,
): Promise<Checkpoint> {
  const header = await readSafetensorsHeader(source, signal);
  const byName = new Map(header.entries.map((entry) => [entry.info.name, entry]));
  return {
    format: 'safetensors',
    tensors: header.entries.map(({ info }) => info),
    settings: metadataSettings(header.metadata).map(({ path, value }) => ({ path, value })),
    notes: [],
    async readTensor(name, signal) {
      const entry = byName.get(name);
      if (entry === undefined)
        throw new SsmError('bad-request', `The file has no tensor ${JSON.stringify(name)}.`);
      return readEntry(source, header, entry, signal);
    },
    async readElements(name, { first, count }, signal) {
      const entry = byName.get(name);
      if (entry === undefined) return undefined;
      const width = bytesPerElement(entry.info.dtype);
      const from = header.dataOffset + entry.begin + first * width;
      return decodeElements(await source.read(from, count * width, signal), entry.info.dtype);
    },
    rewrite: (edits, sink, signal) => rewriteSafetensors(source, header, edits, sink, signal),
  };
}

async function readEntry(
  source: ByteSource,
  { dataOffset }: SafetensorsHeader,
  { info, begin, end }: SafetensorsEntry,
  signal: AbortSignal | undefined,
): Promise<TensorValues> {
  const bytes = await source.read(dataOffset + begin, end - begin, signal);
  return { info, values: decodeElements(bytes, info.dtype) };
}
