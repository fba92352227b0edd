import { concatenate } from '../memory';
import { Op } from './opcodes';

/*
 * Pickle code for new values. Only opcodes that `torch.load(weights_only=True)` accepts are used, so that a file which
 * loads that way goes on loading that way.
 */

/** A safe integer in the shortest form. */
export function encodeInteger(value: number): Uint8Array {
  if (value >= 0 && value < 2 ** 8) return Uint8Array.of(Op.BININT1, value);
  if (value >= 0 && value < 2 ** 16) return Uint8Array.of(Op.BININT2, value & 0xff, value >> 8);
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt(value), true);
  return value >= -(2 ** 31) && value < 2 ** 31
    ? Uint8Array.of(Op.BININT, ...bytes.subarray(0, 4))
    : Uint8Array.of(Op.LONG1, 8, ...bytes);
}

export function encodeString(text: string): Uint8Array {
  const utf8 = new TextEncoder().encode(text);
  return concatenate([withUint32(Op.BINUNICODE, utf8.length), utf8]);
}

/** A tuple of non-negative integers: a shape or strides. */
export function encodeSizes(sizes: readonly number[]): Uint8Array {
  const items = sizes.map(encodeInteger);
  if (items.length === 0) return Uint8Array.of(Op.EMPTY_TUPLE);
  const short = [Op.TUPLE1, Op.TUPLE2, Op.TUPLE3].at(items.length - 1);
  return short === undefined
    ? concatenate([Uint8Array.of(Op.MARK), ...items, Uint8Array.of(Op.TUPLE)])
    : concatenate([...items, Uint8Array.of(short)]);
}

/** Imports `module.name`. */
export function encodeGlobal(module: string, name: string): Uint8Array {
  return concatenate([Uint8Array.of(Op.GLOBAL), new TextEncoder().encode(`${module}\n${name}\n`)]);
}

export function encodePut(index: number): Uint8Array {
  return index < 256 ? Uint8Array.of(Op.BINPUT, index) : withUint32(Op.LONG_BINPUT, index);
}

export function encodeGet(index: number): Uint8Array {
  return index < 256 ? Uint8Array.of(Op.BINGET, index) : withUint32(Op.LONG_BINGET, index);
}

function withUint32(code: number, value: number): Uint8Array {
  const bytes = new Uint8Array(5);
  bytes[0] = code;
  new DataView(bytes.buffer).setUint32(1, value, true);
  return bytes;
}
