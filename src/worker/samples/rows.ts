import { SsmError } from '../../core/errors';
import type { ByteSource } from '../../formats/byteSource';
import { bytesPerElement, decodeElements } from '../../formats/dtypes';
import { memorySource } from '../../formats/memory';
import { decodeNpyData } from '../../formats/npy';
import { MAX_NPY_HEADER, parseNpyHeader, type NpyHeader } from '../../formats/npy/header';
import type { NpzEntry } from '../../formats/npz';
import type { DType } from '../../formats/tensor';
import { readWholeEntry } from '../../formats/zip/contents';
import { contentsOffset } from '../../formats/zip/directory';
import { METHOD_STORED } from '../../formats/zip/records';

/** An array of which one row (everything below an index of the first axis) is read at a time. */
export interface Rows {
  /** For messages: `array "x"`. */
  readonly place: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  row(index: number, signal?: AbortSignal): Promise<Float64Array>;
  all(signal?: AbortSignal): Promise<Float64Array>;
}

/** The rows of a .npy file. */
export async function npyRows(source: ByteSource, signal?: AbortSignal): Promise<Rows> {
  const place = 'array';
  const start = await source.read(0, Math.min(source.size, MAX_NPY_HEADER), signal);
  const header = parseNpyHeader(start, place);
  return rowsAt(source, 0, source.size, header, place, signal);
}

/** The rows of an array in a .npz: read from the file where it is stored as it is, else from the unpacked bytes. */
export async function npzRows(
  source: ByteSource,
  array: NpzEntry,
  signal?: AbortSignal,
): Promise<Rows> {
  const place = `array "${array.name.slice(0, 80)}"`;
  const header = await array.header(signal);
  const { entry } = array;
  if (entry.method === METHOD_STORED) {
    const begin = await contentsOffset(source, entry, signal);
    return rowsAt(source, begin, entry.size, header, place, signal);
  }
  const bytes = await readWholeEntry(source, entry, signal);
  return rowsAt(memorySource(place, bytes), 0, bytes.length, header, place, signal);
}

async function rowsAt(
  source: ByteSource,
  begin: number,
  size: number,
  header: NpyHeader,
  place: string,
  signal?: AbortSignal,
): Promise<Rows> {
  const { dtype, shape, headerBytes, dataBytes, littleEndian } = header;
  if (dtype === undefined || dataBytes === undefined) {
    throw new SsmError('unsupported-file', `Its elements (${header.descr}) are no plain numbers.`, {
      place,
    });
  }
  if (headerBytes + dataBytes !== size) {
    throw new SsmError(
      'bad-file',
      `It should have ${headerBytes + dataBytes} bytes and has ${size}.`,
      {
        place,
      },
    );
  }
  const elements = shape.slice(1).reduce((product, axis) => product * axis, 1);
  const at = begin + headerBytes;
  if (header.fortranOrder && shape.length > 1) {
    const all = decodeNpyData(header, await source.read(at, dataBytes, signal), place);
    const row = (i: number): Float64Array => all.slice(i * elements, (i + 1) * elements);
    return {
      place,
      dtype,
      shape,
      row: (i) => Promise.resolve(row(i)),
      all: () => Promise.resolve(all),
    };
  }
  const rowBytes = elements * bytesPerElement(dtype);
  const read = async (from: number, bytes: number, readSignal?: AbortSignal) =>
    decodeElements(await source.read(from, bytes, readSignal), dtype, littleEndian);
  return {
    place,
    dtype,
    shape,
    row: (i, rowSignal) => read(at + i * rowBytes, rowBytes, rowSignal),
    all: (allSignal) => read(at, dataBytes, allSignal),
  };
}
