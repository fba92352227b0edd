import { SsmError } from '../core/errors';
import { componentsPerElement, decodeElements, encodeElements } from './dtypes';
import type { NewTensor } from './edits';
import { concatenate } from './memory';
import { MAX_NPY_HEADER, npyDescr, parseNpyHeader, type NpyHeader } from './npy/header';
import { elementCount, gather } from './strided';
import type { DType } from './tensor';

/** An array in row-major order as float64 whatever the file stores; complex as re, im, re, im, … */
export interface NpyArray {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/**
 * Reads a whole .npy file: plain numbers of either byte order, row- or column-major. Rejects with `unsupported-file`
 * what is no plain number (texts, records, pickled objects) and with `bad-file` what is no sound .npy file.
 */
export function readNpy(bytes: Uint8Array, place = 'array'): NpyArray {
  const header = parseNpyHeader(bytes.subarray(0, MAX_NPY_HEADER), place);
  const data = bytes.subarray(header.headerBytes);
  if (header.dataBytes !== undefined && data.length !== header.dataBytes)
    throw new SsmError(
      'bad-file',
      `It should hold ${header.dataBytes} bytes of elements and holds ${data.length}.`,
      { place },
    );
  return { ...plain(header, place), values: decodeNpyData(header, data, place) };
}

/** The elements behind a header, row-major; `data` holds exactly `header.dataBytes`. */
export function decodeNpyData(header: NpyHeader, data: Uint8Array, place: string): Float64Array {
  const { dtype, shape } = plain(header, place);
  const values = decodeElements(data, dtype, header.littleEndian);
  if (!header.fortranOrder || shape.length < 2) return values;
  return gather(
    values,
    { shape, stride: columnMajor(shape), offset: 0 },
    componentsPerElement(dtype),
  );
}

function plain(
  { dtype, shape, descr }: NpyHeader,
  place: string,
): Pick<NpyArray, 'dtype' | 'shape'> {
  if (dtype !== undefined) return { dtype, shape };
  throw new SsmError('unsupported-file', `Its elements (${descr}) are no plain numbers.`, {
    place,
  });
}

/** A .npy file of a tensor, version 1.0, row-major. `bad-request` where NumPy has no such element type. */
export function encodeNpy(tensor: NewTensor, littleEndian = true): Uint8Array {
  const descr = npyDescr(tensor.dtype, littleEndian);
  if (descr === undefined)
    throw new SsmError('bad-request', `NumPy has no element type ${tensor.dtype}.`);
  const { shape } = tensor;
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  // NumPy ends the header with a newline at a multiple of 64.
  const length = 64 * Math.ceil((10 + text.length + 1) / 64) - 10;
  const header = new Uint8Array(10 + length).fill(0x20);
  header.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, length & 0xff, length >> 8]);
  header.set(new TextEncoder().encode(text), 10);
  header[header.length - 1] = 0x0a;
  return concatenate([header, encodeElements(tensor.values, tensor.dtype, littleEndian)]);
}

/** Steps of a column-major array, in elements. */
function columnMajor(shape: readonly number[]): number[] {
  return shape.map((_, axis) => elementCount(shape.slice(0, axis)));
}
