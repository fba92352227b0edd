import { SsmError } from '../../core/errors';
import type { ElementRange } from '../checkpoint';
import { bytesPerElement, componentsPerElement, decodeElements } from '../dtypes';
import { coveredElements, elementCount, gather, isContiguous } from '../strided';
import type { TensorValues } from '../tensor';
import type { TensorLeaf } from './contents';
import type { Storages } from './storages';
import { tensorPlace, type StoredTensor } from './storedTensor';

/** More elements than this do not fit into one array of numbers on common machines. */
const MAX_ELEMENTS = 2 ** 28;
/** Views that repeat elements (stride 0) may blow a small file up to no more than this. */
const MAX_REPEATED = 2 ** 24;

/** Reads the bytes that the tensor covers and copies its elements out in row-major order. */
export async function readStoredTensor(
  storages: Storages,
  { info, stored }: TensorLeaf,
  signal?: AbortSignal,
): Promise<TensorValues> {
  const place = tensorPlace(info.name);
  if (info.dtype === 'quantized')
    throw new SsmError('unsupported-file', 'It is quantized; only plain numbers can be read.', {
      place,
    });
  const count = elementCount(info.shape);
  const covered = coveredElements(stored);
  if (Math.max(count, covered) > MAX_ELEMENTS || (count > covered && count > MAX_REPEATED))
    throw new SsmError('unsupported-file', `Its ${count} elements are too many to read at once.`, {
      place,
    });
  if (covered === 0) return { info, values: new Float64Array(0) };

  const width = bytesPerElement(info.dtype);
  const bytes = await storages.read(
    stored.storage.key,
    stored.offset * width,
    covered * width,
    signal,
  );
  const elements = decodeElements(bytes, info.dtype, storages.littleEndian);
  const components = componentsPerElement(info.dtype);
  const values = isContiguous(stored) ? elements : gather(elements, stored, components);
  resolveLazyViews(values, stored, components);
  return { info, values };
}

/** Reads some elements of a tensor that lies row-major without gaps; undefined where it does not. */
export async function readStoredElements(
  storages: Storages,
  { info: { dtype }, stored }: TensorLeaf,
  { first, count }: ElementRange,
  signal?: AbortSignal,
): Promise<Float64Array | undefined> {
  if (dtype === 'quantized' || !isContiguous(stored) || coveredElements(stored) === 0) return;
  const width = bytesPerElement(dtype);
  const from = (stored.offset + first) * width;
  const bytes = await storages.read(stored.storage.key, from, count * width, signal);
  const values = decodeElements(bytes, dtype, storages.littleEndian);
  resolveLazyViews(values, stored, componentsPerElement(dtype));
  return values;
}

/** torch stores `x.conj()` and `-x.imag` as flags on the view; they are applied here. */
function resolveLazyViews(values: Float64Array, stored: StoredTensor, components: number): void {
  const negate = stored.negative ? -1 : 1;
  const conjugate = stored.conjugate && components === 2 ? -1 : 1;
  if (negate === 1 && conjugate === 1) return;
  for (let i = 0; i < values.length; i++)
    values[i] *= i % components === 1 ? negate * conjugate : negate;
}
