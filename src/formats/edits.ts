import { SsmError } from '../core/errors';
import type { TensorEdit } from './checkpoint';
import { componentsPerElement, encodeElements } from './dtypes';
import { elementCount } from './strided';
import type { DType, TensorInfo } from './tensor';

/** A checked tensor edit: what the file will declare. */
export interface NewTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/**
 * Checks edits against the tensors of a file, by name. Rejects (`bad-request`) unknown or repeated names, shapes that
 * are no shapes, and values that do not fill them.
 */
export function checkTensorEdits(
  tensors: readonly TensorInfo[],
  edits: readonly TensorEdit[],
): ReadonlyMap<string, NewTensor> {
  const infos = new Map(tensors.map((info) => [info.name, info]));
  const checked = new Map<string, NewTensor>();
  for (const { name, shape, values, dtype } of edits) {
    const place = `tensor ${JSON.stringify(name)}`;
    const info = infos.get(name);
    if (info === undefined) throw bad(place, 'The file has no such tensor.');
    if (checked.has(name)) throw bad(place, 'It is edited twice.');
    if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0))
      throw bad(place, 'Its new shape is no shape.');
    const stored = dtype ?? info.dtype;
    if (stored === 'quantized') throw bad(place, 'A quantized tensor cannot be written.');
    const wanted = elementCount(shape) * componentsPerElement(stored);
    if (values.length !== wanted)
      throw bad(place, `Its new shape needs ${wanted} numbers, ${values.length} were given.`);
    checked.set(name, { dtype: stored, shape, values });
  }
  return checked;
}

/** The bytes of a new tensor, row-major; errors name the tensor. */
export function encodeTensor(name: string, tensor: NewTensor, littleEndian: boolean): Uint8Array {
  try {
    return encodeElements(tensor.values, tensor.dtype, littleEndian);
  } catch (error) {
    if (!SsmError.is(error)) throw error;
    throw new SsmError(error.reason, error.message, { place: `tensor ${JSON.stringify(name)}` });
  }
}

/** True if both tensors are the same in type, shape and every value. */
export function sameTensor(a: NewTensor, b: NewTensor): boolean {
  return (
    a.dtype === b.dtype &&
    a.shape.length === b.shape.length &&
    a.shape.every((size, axis) => size === b.shape[axis]) &&
    (a.values === b.values || a.values.every((value, i) => Object.is(value, b.values[i])))
  );
}

function bad(place: string, message: string): SsmError {
  return new SsmError('bad-request', message, { place });
}
