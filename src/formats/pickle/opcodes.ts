import { SsmError } from '../../core/errors';

/** How the bytes after an opcode are laid out. */
type Argument =
  | { readonly kind: 'fixed'; readonly length: number }
  /** A little-endian length of so many bytes, then as many bytes of payload. */
  | { readonly kind: 'counted'; readonly width: 1 | 4 | 8 }
  | { readonly kind: 'lines'; readonly count: 1 | 2 };

/** The opcodes that Python's and torch's own picklers write, protocols 0 to 5. Anything else is refused. */
export const Op = {
  MARK: 0x28,
  STOP: 0x2e,
  POP: 0x30,
  POP_MARK: 0x31,
  FLOAT: 0x46,
  INT: 0x49,
  BININT: 0x4a,
  BININT1: 0x4b,
  LONG: 0x4c,
  BININT2: 0x4d,
  NONE: 0x4e,
  BINPERSID: 0x51,
  REDUCE: 0x52,
  STRING: 0x53,
  BINSTRING: 0x54,
  SHORT_BINSTRING: 0x55,
  UNICODE: 0x56,
  BINUNICODE: 0x58,
  APPEND: 0x61,
  BUILD: 0x62,
  GLOBAL: 0x63,
  DICT: 0x64,
  APPENDS: 0x65,
  GET: 0x67,
  BINGET: 0x68,
  LONG_BINGET: 0x6a,
  LIST: 0x6c,
  INST: 0x69,
  OBJ: 0x6f,
  PUT: 0x70,
  BINPUT: 0x71,
  LONG_BINPUT: 0x72,
  SETITEM: 0x73,
  TUPLE: 0x74,
  SETITEMS: 0x75,
  EMPTY_LIST: 0x5d,
  EMPTY_TUPLE: 0x29,
  EMPTY_DICT: 0x7d,
  BINFLOAT: 0x47,
  BINBYTES: 0x42,
  SHORT_BINBYTES: 0x43,
  PROTO: 0x80,
  NEWOBJ: 0x81,
  TUPLE1: 0x85,
  TUPLE2: 0x86,
  TUPLE3: 0x87,
  NEWTRUE: 0x88,
  NEWFALSE: 0x89,
  LONG1: 0x8a,
  LONG4: 0x8b,
  SHORT_BINUNICODE: 0x8c,
  BINUNICODE8: 0x8d,
  BINBYTES8: 0x8e,
  EMPTY_SET: 0x8f,
  ADDITEMS: 0x90,
  FROZENSET: 0x91,
  NEWOBJ_EX: 0x92,
  STACK_GLOBAL: 0x93,
  MEMOIZE: 0x94,
  FRAME: 0x95,
  BYTEARRAY8: 0x96,
} as const;

const NOTHING: Argument = { kind: 'fixed', length: 0 };
const LINE: Argument = { kind: 'lines', count: 1 };

const ARGUMENTS = new Map<number, Argument>(
  Object.values(Op).map((code): [number, Argument] => [code, NOTHING]),
);

function declare(argument: Argument, ...codes: readonly number[]): void {
  for (const code of codes) ARGUMENTS.set(code, argument);
}

declare({ kind: 'fixed', length: 1 }, Op.BININT1, Op.BINGET, Op.BINPUT, Op.PROTO);
declare({ kind: 'fixed', length: 2 }, Op.BININT2);
declare({ kind: 'fixed', length: 4 }, Op.BININT, Op.LONG_BINGET, Op.LONG_BINPUT);
declare({ kind: 'fixed', length: 8 }, Op.BINFLOAT, Op.FRAME);
declare({ kind: 'counted', width: 1 }, Op.SHORT_BINSTRING, Op.SHORT_BINBYTES);
declare({ kind: 'counted', width: 1 }, Op.SHORT_BINUNICODE, Op.LONG1);
declare({ kind: 'counted', width: 4 }, Op.BINSTRING, Op.BINUNICODE, Op.BINBYTES, Op.LONG4);
declare({ kind: 'counted', width: 8 }, Op.BINUNICODE8, Op.BINBYTES8, Op.BYTEARRAY8);
declare(LINE, Op.FLOAT, Op.INT, Op.LONG, Op.STRING, Op.UNICODE, Op.GET, Op.PUT);
declare({ kind: 'lines', count: 2 }, Op.GLOBAL, Op.INST);

/** One instruction: its code, where it starts, its payload (without length or newlines' ends), where the next starts. */
export interface Instruction {
  readonly code: number;
  readonly start: number;
  readonly from: number;
  readonly to: number;
  readonly end: number;
}

/** The instruction at `start`. Unknown codes and payloads that reach past the end are `bad-file`. */
export function instructionAt(pickle: Uint8Array, start: number): Instruction {
  const code = pickle[start] as number | undefined;
  if (code === undefined) throw badPickle(start, 'The pickle ends without a STOP opcode.');
  const argument = ARGUMENTS.get(code);
  if (argument === undefined)
    throw badPickle(start, `Opcode ${hex(code)} is not one that a checkpoint may contain.`);
  if (argument.kind === 'lines') return lines(pickle, code, start, argument.count);
  const from = argument.kind === 'fixed' ? start + 1 : start + 1 + argument.width;
  const length =
    argument.kind === 'fixed' ? argument.length : countAt(pickle, start + 1, argument.width);
  const end = from + length;
  if (end > pickle.length)
    throw badPickle(
      start,
      `Opcode ${hex(code)} declares ${length} bytes; ${Math.max(0, pickle.length - from)} are left.`,
    );
  return { code, start, from, to: end, end };
}

/**
 * Where the pickle that begins at `start` ends, its STOP included; undefined if it goes on beyond the bytes given. An
 * unknown opcode is `bad-file`.
 */
export function pickleEnd(bytes: Uint8Array, start: number): number | undefined {
  for (let at = start; at < bytes.length;) {
    const argument = ARGUMENTS.get(bytes[at]);
    if (argument !== undefined && !isWhole(bytes, at, argument)) return undefined;
    const { code, end } = instructionAt(bytes, at);
    if (code === Op.STOP) return end;
    at = end;
  }
  return undefined;
}

function isWhole(bytes: Uint8Array, start: number, argument: Argument): boolean {
  if (argument.kind === 'fixed') return start + 1 + argument.length <= bytes.length;
  if (argument.kind === 'counted')
    return start + 1 + argument.width + countAt(bytes, start + 1, argument.width) <= bytes.length;
  let at = start;
  for (let line = 0; line < argument.count; line++) {
    at = bytes.indexOf(0x0a, at + 1);
    if (at < 0) return false;
  }
  return true;
}

/** A little-endian unsigned number; Infinity where bytes are missing. */
function countAt(pickle: Uint8Array, at: number, width: number): number {
  let count = 0;
  for (let i = width - 1; i >= 0; i--) count = count * 256 + (pickle[at + i] ?? Infinity);
  return count;
}

function lines(pickle: Uint8Array, code: number, start: number, count: number): Instruction {
  let to = start;
  for (let line = 0; line < count; line++) {
    to = pickle.indexOf(0x0a, to + 1);
    if (to < 0) throw badPickle(start, `Opcode ${hex(code)} has no end of line.`);
  }
  return { code, start, from: start + 1, to, end: to + 1 };
}

/** A `bad-file` error at a byte of data.pkl. */
export function badPickle(at: number, message: string): SsmError {
  return new SsmError('bad-file', message, { place: `data.pkl, byte ${at}` });
}

export function hex(code: number): string {
  return `0x${code.toString(16).padStart(2, '0')}`;
}
