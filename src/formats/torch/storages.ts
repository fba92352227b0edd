import { SsmError } from '../../core/errors';
import type { Contents } from './contents';
import { tensorPlace } from './storedTensor';

/** The storages of a torch file, wherever they lie in it. */
export interface Storages {
  readonly littleEndian: boolean;
  /** Bytes of a storage; undefined where there is none of that key. */
  sizeOf(key: string): number | undefined;
  /** Reads a range of a storage that is there. */
  read(key: string, offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array>;
}

/** Every storage that a tensor names must be there and as large as declared. */
export function checkStorages(storages: Storages, { tensors }: Contents): void {
  for (const { info, stored } of tensors) {
    const { key, bytes } = stored.storage;
    const size = storages.sizeOf(key);
    if (size === undefined)
      throw bad(info.name, `Its storage ${JSON.stringify(key.slice(0, 80))} is not in the file.`);
    if (info.dtype !== 'quantized' && size < bytes)
      throw bad(info.name, `Its storage should hold ${bytes} bytes and holds ${size}.`);
  }
}

function bad(name: string, message: string): SsmError {
  return new SsmError('bad-file', message, { place: tensorPlace(name) });
}
