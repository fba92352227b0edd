/** Checkpoints of gigabytes that take little room on the disk: what is large in them is a hole in the file. */
import { open } from 'node:fs/promises';
import type { ByteSink } from '../../src/formats/byteSource';
import { concatenate } from '../../src/formats/memory';
import {
  encodeGlobal,
  encodeInteger,
  encodeSizes,
  encodeString,
} from '../../src/formats/pickle/encode';
import { contiguousStride, elementCount } from '../../src/formats/strided';
import { writeZip, type ZipMember } from '../../src/formats/zip/writer';
import { latin1, zeros } from '../../test/support/torchZip';

/** A float32 tensor of zeros. */
export interface Shaped {
  readonly name: string;
  readonly shape: readonly number[];
}

const bytesOf = ({ shape }: Shaped): number => 4 * elementCount(shape);

/** A safetensors file of which only the header is written. */
export async function writeSparseSafetensors(
  path: string,
  tensors: readonly Shaped[],
): Promise<void> {
  let end = 0;
  const entries = tensors.map((tensor) => {
    const begin = end;
    end += bytesOf(tensor);
    return [tensor.name, { dtype: 'F32', shape: tensor.shape, data_offsets: [begin, end] }];
  });
  const text = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const file = await open(path, 'w');
  await file.write(Buffer.concat([length, text]));
  await file.truncate(8 + text.length + end);
  await file.close();
}

/** A torch archive, each tensor on its own storage; storages above 1 MiB are holes. Their checksums are made up. */
export async function writeSparseTorch(path: string, tensors: readonly Shaped[]): Promise<void> {
  const file = await open(path, 'w');
  let position = 0;
  const sink: ByteSink = {
    async write(bytes) {
      if (bytes.length < 2 ** 20) await file.write(bytes, 0, bytes.length, position);
      position += bytes.length;
    },
  };
  const giant = zeros(Math.max(...tensors.map(bytesOf)));
  const member = (name: string, contents: Uint8Array | number): ZipMember => ({
    ...{ nameBytes: latin1(`archive/${name}`), modified: 0, externalAttributes: 0 },
    contents:
      typeof contents === 'number'
        ? { ...giant.entry, size: contents, storedSize: contents }
        : contents,
  });
  const storages = tensors.map((tensor, key) => {
    const size = bytesOf(tensor);
    return member(`data/${key}`, size < 2 ** 20 ? new Uint8Array(size) : size);
  });
  await writeZip(
    [member('data.pkl', stateDictPickle(tensors)), ...storages, member('version', latin1('3\n'))],
    giant.source,
    sink,
  );
  await file.close();
}

/** data.pkl of {name: float32 tensor}, each on its own storage. */
function stateDictPickle(tensors: readonly Shaped[]): Uint8Array {
  const items = tensors.flatMap(({ name, shape }, key) => [
    encodeString(name),
    encodeGlobal('torch._utils', '_rebuild_tensor_v2'),
    latin1('(('),
    encodeString('storage'),
    encodeGlobal('torch', 'FloatStorage'),
    encodeString(String(key)),
    encodeString('cpu'),
    encodeInteger(elementCount(shape)),
    latin1('tQ'),
    encodeInteger(0),
    encodeSizes(shape),
    encodeSizes(contiguousStride(shape)),
    latin1('\x89'),
    encodeGlobal('collections', 'OrderedDict'),
    latin1(')RtR'),
  ]);
  return concatenate([latin1('\x80\x02}('), ...items, latin1('u.')]);
}
