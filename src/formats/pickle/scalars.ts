import { push, type Effect, type Machine } from './machine';
import type { PickleNode } from './nodes';
import { badPickle, Op, type Instruction } from './opcodes';

/** A byte order mark is part of a name like any other character. */
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });
const LATIN1 = new TextDecoder('latin1');

const NONE: PickleNode = { kind: 'none' };
const TRUE: PickleNode = { kind: 'bool', value: true };
const FALSE: PickleNode = { kind: 'bool', value: false };

function pushes(read: (payload: Uint8Array, at: Instruction) => PickleNode): Effect {
  return (machine, at) => {
    push(machine, read(payloadOf(machine, at), at), at.start, at.end);
  };
}

const unicode = pushes((payload) => ({ kind: 'str', value: UTF8.decode(payload) }));
/** Without a look at the payload as an array of its own: most of a large header are small numbers. */
function pushesInteger(isSigned: boolean): Effect {
  return (machine, at) => {
    push(machine, integer(littleEndian(machine.bytes, at.from, at.to, isSigned)), at.start, at.end);
  };
}

function pushesConstant(node: PickleNode): Effect {
  return (machine, at) => {
    push(machine, node, at.start, at.end);
  };
}

const unsigned = pushesInteger(false);
const signed = pushesInteger(true);
const opaque = pushes((_, { from, to }) => ({ kind: 'bytes', from, to }));

/** Opcodes that push a value without parts. Python 2's byte strings are shown as text. */
export const SCALARS: readonly (readonly [number, Effect])[] = [
  [Op.NONE, pushesConstant(NONE)],
  [Op.NEWTRUE, pushesConstant(TRUE)],
  [Op.NEWFALSE, pushesConstant(FALSE)],
  [Op.INT, pushes((payload, at) => textInteger(latin1(payload), at))],
  [Op.LONG, pushes((payload, at) => textInteger(latin1(payload).replace(/L$/, ''), at))],
  [Op.BININT, signed],
  [Op.BININT1, unsigned],
  [Op.BININT2, unsigned],
  [Op.LONG1, signed],
  [Op.LONG4, signed],
  [Op.FLOAT, pushes((payload) => ({ kind: 'float', value: Number(latin1(payload)) }))],
  [Op.BINFLOAT, pushes((payload) => ({ kind: 'float', value: viewOf(payload).getFloat64(0) }))],
  [Op.STRING, pushes((payload, at) => ({ kind: 'str', value: unquoted(latin1(payload), at) }))],
  [Op.BINSTRING, pushes((payload) => ({ kind: 'str', value: latin1(payload) }))],
  [Op.SHORT_BINSTRING, pushes((payload) => ({ kind: 'str', value: latin1(payload) }))],
  [Op.UNICODE, pushes((payload) => ({ kind: 'str', value: rawUnicode(latin1(payload)) }))],
  [Op.BINUNICODE, unicode],
  [Op.SHORT_BINUNICODE, unicode],
  [Op.BINUNICODE8, unicode],
  [Op.BINBYTES, opaque],
  [Op.SHORT_BINBYTES, opaque],
  [Op.BINBYTES8, opaque],
  [Op.BYTEARRAY8, opaque],
];

/** The payload of an instruction. */
export function payloadOf(machine: Machine, at: Instruction): Uint8Array {
  return machine.bytes.subarray(at.from, at.to);
}

/** A non-negative decimal number of a text opcode (memo indices). */
export function textIndex(payload: Uint8Array, at: Instruction): number {
  const text = latin1(payload);
  if (!/^\d{1,10}$/.test(text)) throw badPickle(at.start, 'The memo index is not a number.');
  return Number(text);
}

/** A little-endian number of up to 6 bytes and a bit; NaN where it is beyond the safe integers. */
export function littleEndian(
  bytes: Uint8Array,
  from: number,
  to: number,
  isSigned: boolean,
): number {
  let end = to;
  const fill = isSigned && end > from && bytes[end - 1] >= 0x80 ? 0xff : 0;
  // Padding bytes carry no value, so that 0xff repeated a million times is just -1.
  while (end > from && bytes[end - 1] === fill) end--;
  if (end - from > 7) return NaN;
  let value = 0;
  for (let i = end - 1; i >= from; i--) value = value * 256 + (bytes[i] ^ fill);
  return fill === 0 ? value : -1 - value;
}

/** Sizes and strides repeat: a large header has millions of small numbers and few different ones. */
const SMALL = Array.from({ length: 4096 }, (_, value): PickleNode => ({ kind: 'int', value }));

function integer(value: number): PickleNode {
  if (value >= 0 && value < SMALL.length) return SMALL[value];
  return { kind: 'int', value: Number.isSafeInteger(value) ? value : undefined };
}

function textInteger(text: string, at: Instruction): PickleNode {
  // Protocol 0 writes True and False as the integers 01 and 00.
  if (text === '01') return TRUE;
  if (text === '00') return FALSE;
  if (!/^-?\d+$/.test(text)) throw badPickle(at.start, 'The number is not a number.');
  return integer(text.length > 17 ? NaN : Number(text));
}

function unquoted(text: string, at: Instruction): string {
  const quote = text[0];
  if (text.length < 2 || (quote !== "'" && quote !== '"') || !text.endsWith(quote))
    throw badPickle(at.start, 'The string is not quoted.');
  return text.slice(1, -1);
}

/** Python's raw-unicode-escape: Latin-1, all else by number. */
function rawUnicode(text: string): string {
  return text.replace(/\\u([0-9a-fA-F]{4})|\\U000([0-9a-fA-F]{5})/g, (whole, short, long) => {
    const code = parseInt(String(short ?? long), 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

function latin1(payload: Uint8Array): string {
  return LATIN1.decode(payload);
}

function viewOf(payload: Uint8Array): DataView {
  return new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
}
