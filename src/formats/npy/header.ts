import { SsmError } from '../../core/errors';
import { bytesPerElement } from '../dtypes';
import { elementCount } from '../strided';
import type { DType } from '../tensor';
import { isDictionary, isSequence, parseLiteral, type Literal } from './literal';

/** What the header of a .npy file declares. */
export interface NpyHeader {
  /** Undefined for what is no plain number: texts, records, dates, pickled objects. */
  readonly dtype: DType | undefined;
  /** NumPy's own description of the element type, e.g. `<f4`; shown in messages. */
  readonly descr: string;
  readonly littleEndian: boolean;
  /** The elements lie column-major: the first axis runs fastest. */
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Bytes of the header, magic included: where the elements begin. */
  readonly headerBytes: number;
  /** Bytes of the elements; undefined where the element type has no size of its own (pickled objects). */
  readonly dataBytes: number | undefined;
}

/** As many bytes as a header may have: NumPy itself refuses texts beyond 10,000 characters. */
export const MAX_NPY_HEADER = 12 + 10_000;

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const MAX_AXES = 64;

const KINDS = new Map<string, DType>([
  ['f8', 'float64'],
  ['f4', 'float32'],
  ['f2', 'float16'],
  ['c16', 'complex128'],
  ['c8', 'complex64'],
  ['i8', 'int64'],
  ['i4', 'int32'],
  ['i2', 'int16'],
  ['i1', 'int8'],
  ['u8', 'uint64'],
  ['u4', 'uint32'],
  ['u2', 'uint16'],
  ['u1', 'uint8'],
  ['b1', 'bool'],
]);

/**
 * Parses the header at the beginning of `start`, which holds at least {@link MAX_NPY_HEADER} bytes or all there are.
 * Faults are `bad-file` at `place`.
 */
export function parseNpyHeader(start: Uint8Array, place: string): NpyHeader {
  if (start.length < 10 || MAGIC.some((byte, i) => start[i] !== byte))
    throw bad(place, 'It does not begin as a NumPy array does.');
  const version = start[6];
  if (version < 1 || version > 3)
    throw new SsmError('unsupported-file', `Version ${version} of .npy is not known.`, { place });
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const textAt = version === 1 ? 10 : 12;
  if (start.length < textAt) throw bad(place, 'It ends inside its header.');
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const headerBytes = textAt + length;
  if (headerBytes > MAX_NPY_HEADER) throw bad(place, `A header of ${length} bytes is absurd.`);
  if (headerBytes > start.length) throw bad(place, 'It ends inside its header.');
  const encoding = version === 3 ? 'utf-8' : 'latin1';
  const text = new TextDecoder(encoding).decode(start.subarray(textAt, headerBytes));
  return { ...declared(parseLiteral(text, place), place), headerBytes };
}

function declared(root: Literal, place: string): Omit<NpyHeader, 'headerBytes'> {
  if (!isDictionary(root) || root.size !== 3)
    throw bad(place, 'Its header does not consist of descr, fortran_order and shape.');
  const fortranOrder = root.get('fortran_order');
  if (typeof fortranOrder !== 'boolean') throw bad(place, 'Its fortran_order is no truth value.');
  const descr = root.get('descr');
  if (typeof descr !== 'string' && !isSequence(descr)) throw bad(place, 'It has no descr.');
  const shape = shapeOf(root.get('shape'), place);
  const type = typeof descr === 'string' ? npyDtype(descr) : RECORD;
  const count = elementCount(shape);
  const bytes = type.bytes === undefined ? undefined : count * type.bytes;
  if (!Number.isSafeInteger(bytes ?? count)) throw bad(place, 'Its shape is absurdly large.');
  return { ...type, fortranOrder, shape, dataBytes: bytes };
}

function shapeOf(value: Literal | undefined, place: string): number[] {
  if (!isSequence(value) || value.length > MAX_AXES) throw bad(place, 'Its shape is no tuple.');
  return value.map((size) => {
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
      throw bad(place, 'A size in its shape is no size.');
    return size;
  });
}

/** An element type as NumPy describes it. */
export interface NpyElement {
  readonly dtype: DType | undefined;
  readonly descr: string;
  readonly littleEndian: boolean;
  readonly bytes: number | undefined;
}

const RECORD: NpyElement = {
  dtype: undefined,
  descr: 'records',
  littleEndian: true,
  bytes: undefined,
};

/** What `<f4` says: byte order, kind, bytes. Texts count characters of four bytes (U) or one (S). */
export function npyDtype(text: string): NpyElement {
  const descr = text.slice(0, 40);
  const [, order = '|', kind = '', digits = ''] = /^([<>|=])([a-zA-Z])(\d{1,9})/.exec(text) ?? [];
  const whole = `${order}${kind}${digits}` === text;
  const dtype = whole ? KINDS.get(`${kind}${digits}`) : undefined;
  const littleEndian = order !== '>';
  if (dtype !== undefined) return { dtype, descr, littleEndian, bytes: bytesPerElement(dtype) };
  const sized = digits !== '' && kind !== 'O';
  const bytes = sized ? Number(digits) * (kind === 'U' ? 4 : 1) : undefined;
  return { dtype, descr, littleEndian, bytes };
}

/** NumPy's description of an element type, little-endian; undefined where NumPy has none. */
export function npyDescr(dtype: DType, littleEndian = true): string | undefined {
  const kind = [...KINDS].find(([, ours]) => ours === dtype)?.[0];
  if (kind === undefined) return undefined;
  const order = kind.endsWith('1') ? '|' : littleEndian ? '<' : '>';
  return order + kind;
}

function bad(place: string, message: string): SsmError {
  return new SsmError('bad-file', message, { place });
}
