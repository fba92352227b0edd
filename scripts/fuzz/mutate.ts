import type { Random } from './random';

type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array;

/** Numbers that break what trusts them, as bytes. */
const EXTREMES: readonly [string, ...string[]] = [
  '\x00',
  '\x7f',
  '\x80',
  '\xff',
  '\xff\xff',
  '\xff\x7f',
  '\xff\xff\xff\x7f',
  '\xff\xff\xff\xff',
  '\x00\x00\x00\x80',
  '\x7f\xff\xff\xff',
  '\xff\xff\xff\xff\xff\xff\xff\x7f',
  '\xff\xff\xff\xff\xff\xff\xff\xff',
  '\x00\x00\x00\x00\x00\x00\x20\x00',
  '\x00\x00\x00\x00\x01\x00\x00\x00',
];

/** Pieces that mean something to one of the formats. */
const WORDS: readonly [string, ...string[]] = [
  '(',
  '.',
  'N',
  'q\x00',
  'h\x00',
  '}',
  ']',
  ')',
  't',
  'u',
  'e',
  's',
  'b',
  'R',
  'Q',
  '\x81',
  '\x85',
  '\x94',
  '\x95',
  'cos\nsystem\n',
  'X\xff\xff\xff\x7f',
  '\x8b\xff\xff\xff\x7f',
  'PK\x03\x04',
  'PK\x01\x02',
  'PK\x05\x06',
  '\x93NUMPY\x01\x00',
  '\xdf\xff\xff\xff\xff',
  '\xc9\xff\xff\xff\xff\x01',
  '\x91\x91\x91\x91\x91\x91\x91\x91',
  '[[[[[[[[',
  '{"":',
  '../',
  '-1',
  '1e999',
  '9007199254740993',
  '[]',
  'null',
];

const MUTATIONS: readonly [Mutation, ...Mutation[]] = [
  flipBit,
  overwrite,
  overwrite,
  replaceNumber,
  cut,
  double,
  remove,
  insertWord,
  move,
];

/** One to six random changes. */
export function mutate(original: Uint8Array, random: Random): Uint8Array {
  let bytes: Uint8Array = original.slice();
  const changes = random.below(2) === 0 ? 1 : 1 + random.below(6);
  for (let i = 0; i < changes && bytes.length > 0; i++)
    bytes = random.pick(MUTATIONS)(bytes, random);
  return bytes;
}

/** Anywhere, but more often where headers are: at the beginning and at the end. */
function position(bytes: Uint8Array, random: Random): number {
  const near = Math.min(bytes.length, 600);
  const kind = random.below(4);
  if (kind === 0) return random.below(near);
  return kind === 1 ? bytes.length - 1 - random.below(near) : random.below(bytes.length);
}

function piece(bytes: Uint8Array, random: Random): [number, number] {
  const start = position(bytes, random);
  const length = 1 + random.below(random.pick([4, 32, 512, bytes.length]));
  return [start, Math.min(bytes.length, start + length)];
}

function flipBit(bytes: Uint8Array, random: Random): Uint8Array {
  bytes[position(bytes, random)] ^= 1 << random.below(8);
  return bytes;
}

function overwrite(bytes: Uint8Array, random: Random): Uint8Array {
  const at = position(bytes, random);
  const fresh = latin1(random.pick(EXTREMES));
  bytes.set(fresh.subarray(0, bytes.length - at), at);
  return bytes;
}

/** A decimal number in a text by an extreme one of the same length, so that what counts bytes still fits. */
function replaceNumber(bytes: Uint8Array, random: Random): Uint8Array {
  const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
  let at = position(bytes, random);
  while (at < bytes.length && !isDigit(bytes[at])) at++;
  const digit = random.pick([0x30, 0x31, 0x39]);
  for (; at < bytes.length && isDigit(bytes[at]); at++) bytes[at] = digit;
  return bytes;
}

function cut(bytes: Uint8Array, random: Random): Uint8Array {
  return bytes.slice(0, position(bytes, random));
}

function double(bytes: Uint8Array, random: Random): Uint8Array {
  const [start, end] = piece(bytes, random);
  return joined(bytes.subarray(0, end), bytes.subarray(start, end), bytes.subarray(end));
}

function remove(bytes: Uint8Array, random: Random): Uint8Array {
  const [start, end] = piece(bytes, random);
  return joined(bytes.subarray(0, start), bytes.subarray(end));
}

function move(bytes: Uint8Array, random: Random): Uint8Array {
  const [start, end] = piece(bytes, random);
  const at = position(bytes, random);
  const taken = bytes.slice(start, end);
  bytes.set(taken.subarray(0, bytes.length - at), at);
  return bytes;
}

function insertWord(bytes: Uint8Array, random: Random): Uint8Array {
  const at = position(bytes, random);
  return joined(bytes.subarray(0, at), latin1(random.pick(WORDS)), bytes.subarray(at));
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function latin1(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}
