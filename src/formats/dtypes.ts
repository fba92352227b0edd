import { SsmError } from '../core/errors';
import {
  BFLOAT16,
  decodingTable,
  encodeSmallFloat,
  FLOAT16,
  FLOAT8_E4M3FN,
  FLOAT8_E5M2,
  roundHalfEven,
  type SmallFloat,
} from './smallFloats';
import type { DType } from './tensor';

/** How the components of an element type are stored: how many, how wide, how they are read and written. */
interface Layout {
  readonly components: 1 | 2;
  readonly bytes: number;
  decode(view: DataView, at: number, littleEndian: boolean): number;
  encode(view: DataView, at: number, value: number, littleEndian: boolean): void;
}

const FLOAT64: Layout = {
  components: 1,
  bytes: 8,
  decode: (view, at, little) => view.getFloat64(at, little),
  encode: (view, at, value, little) => {
    view.setFloat64(at, value, little);
  },
};

const FLOAT32: Layout = {
  components: 1,
  bytes: 4,
  decode: (view, at, little) => view.getFloat32(at, little),
  encode: (view, at, value, little) => {
    view.setFloat32(at, value, little);
  },
};

function small(format: SmallFloat, bytes: 1 | 2): Layout {
  return {
    components: 1,
    bytes,
    decode: (view, at, little) =>
      decodingTable(format)[bytes === 1 ? view.getUint8(at) : view.getUint16(at, little)],
    encode: (view, at, value, little) => {
      const bits = encodeSmallFloat(value, format);
      if (bytes === 1) view.setUint8(at, bits);
      else view.setUint16(at, bits, little);
    },
  };
}

function integer(bytes: 1 | 2 | 4 | 8, signed: boolean): Layout {
  const least = signed ? -(2 ** (8 * bytes - 1)) : 0;
  const most = least + 2 ** (8 * bytes);
  return {
    components: 1,
    bytes,
    decode: (view, at, little) => readInteger(view, at, bytes, signed, little),
    encode: (view, at, value, little) => {
      const rounded = roundHalfEven(value);
      if (!(rounded >= least && rounded < most))
        throw new SsmError('bad-request', `${value} does not fit the integer type of the tensor.`);
      writeInteger(view, at, bytes, rounded, little);
    },
  };
}

const BOOL: Layout = {
  components: 1,
  bytes: 1,
  decode: (view, at) => (view.getUint8(at) === 0 ? 0 : 1),
  encode: (view, at, value) => {
    view.setUint8(at, value === 0 ? 0 : 1);
  },
};

function complex(part: Layout): Layout {
  return { ...part, components: 2 };
}

const HALF = small(FLOAT16, 2);

const LAYOUTS: Readonly<Record<Exclude<DType, 'quantized'>, Layout>> = {
  float64: FLOAT64,
  float32: FLOAT32,
  float16: HALF,
  bfloat16: small(BFLOAT16, 2),
  float8_e4m3fn: small(FLOAT8_E4M3FN, 1),
  float8_e5m2: small(FLOAT8_E5M2, 1),
  complex128: complex(FLOAT64),
  complex64: complex(FLOAT32),
  complex32: complex(HALF),
  int64: integer(8, true),
  int32: integer(4, true),
  int16: integer(2, true),
  int8: integer(1, true),
  uint64: integer(8, false),
  uint32: integer(4, false),
  uint16: integer(2, false),
  uint8: integer(1, false),
  bool: BOOL,
};

function layoutOf(dtype: DType): Layout {
  if (dtype === 'quantized')
    throw new SsmError('unsupported-file', 'Quantized tensors cannot be read or written.');
  return LAYOUTS[dtype];
}

/** Bytes of one element: 8 for complex64. Quantized tensors are refused (`unsupported-file`). */
export function bytesPerElement(dtype: DType): number {
  const layout = layoutOf(dtype);
  return layout.bytes * layout.components;
}

/** Numbers in one element: 2 (re, im) for complex types, else 1. */
export function componentsPerElement(dtype: DType): number {
  return layoutOf(dtype).components;
}

/**
 * The elements in `bytes` as float64, complex as pairs. Exact for every type but 64-bit integers beyond ±2⁵³, which
 * are rounded to the nearest float64. `bytes` must hold whole elements.
 */
export function decodeElements(bytes: Uint8Array, dtype: DType, littleEndian = true): Float64Array {
  const layout = layoutOf(dtype);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float64Array(bytes.length / layout.bytes);
  for (let i = 0; i < values.length; i++)
    values[i] = layout.decode(view, i * layout.bytes, littleEndian);
  return values;
}

/**
 * `values` (complex as pairs) rounded to the element type, ties to even; overflow of floats gives infinity (NaN for
 * float8_e4m3fn, which has none). An integer type refuses (`bad-request`) what it cannot hold.
 */
export function encodeElements(
  values: Float64Array,
  dtype: DType,
  littleEndian = true,
): Uint8Array {
  const layout = layoutOf(dtype);
  const bytes = new Uint8Array(values.length * layout.bytes);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++)
    layout.encode(view, i * layout.bytes, values[i], littleEndian);
  return bytes;
}

function readInteger(
  view: DataView,
  at: number,
  bytes: number,
  signed: boolean,
  little: boolean,
): number {
  if (bytes === 1) return signed ? view.getInt8(at) : view.getUint8(at);
  if (bytes === 2) return signed ? view.getInt16(at, little) : view.getUint16(at, little);
  if (bytes === 4) return signed ? view.getInt32(at, little) : view.getUint32(at, little);
  return Number(signed ? view.getBigInt64(at, little) : view.getBigUint64(at, little));
}

function writeInteger(
  view: DataView,
  at: number,
  bytes: number,
  value: number,
  little: boolean,
): void {
  if (bytes === 1) view.setUint8(at, value);
  else if (bytes === 2) view.setUint16(at, value, little);
  else if (bytes === 4) view.setUint32(at, value, little);
  else view.setBigUint64(at, BigInt.asUintN(64, BigInt(value)), little);
}
