import { SsmError } from '../../core/errors';
import type { ByteSource } from '../byteSource';
import { bytesPerElement } from '../dtypes';
import { elementCount } from '../strided';
import type { DType } from '../tensor';
import { cursorOver, type Cursor } from './cursor';
import type { MsgpackNode, NdArray } from './nodes';

/** Deeper than any tree of parameters; each level costs stack. */
const MAX_DEPTH = 200;
/** More values than the header of any checkpoint has. */
const MAX_NODES = 2_000_000;
const LONGEST_TEXT = 2 ** 20;
const MAX_AXES = 64;

/** NumPy's names of the element types are ours, and JAX's additional ones nearly. */
const DTYPES: ReadonlySet<string> = new Set<DType>([
  'float64',
  'float32',
  'float16',
  'bfloat16',
  'float8_e4m3fn',
  'float8_e5m2',
  'complex128',
  'complex64',
  'int64',
  'int32',
  'int16',
  'int8',
  'uint64',
  'uint32',
  'uint16',
  'uint8',
  'bool',
]);

interface Reader {
  readonly cursor: Cursor;
  nodes: number;
}

/**
 * Reads the msgpack value that fills the source: its structure, not the elements of its arrays. Every count is checked
 * against the bytes that are left. Faults are `bad-file` with the byte offset.
 */
export async function readMsgpack(source: ByteSource, signal?: AbortSignal): Promise<MsgpackNode> {
  const reader: Reader = { cursor: cursorOver(source, signal), nodes: 0 };
  const root = await value(reader, 0);
  if (reader.cursor.left() > 0) throw bad(reader, 'Something follows the value.');
  return root;
}

async function value(reader: Reader, depth: number): Promise<MsgpackNode> {
  const { cursor } = reader;
  const start = cursor.position();
  if (depth > MAX_DEPTH) throw bad(reader, `Values are nested deeper than ${MAX_DEPTH} levels.`);
  if (++reader.nodes > MAX_NODES) throw bad(reader, `There are more than ${MAX_NODES} values.`);
  const code = (await cursor.take(1)).getUint8(0);
  if (code <= 0x7f) return leaf(reader, start, code);
  if (code <= 0x8f) return map(reader, start, code & 0x0f, depth);
  if (code <= 0x9f) return list(reader, start, code & 0x0f, depth);
  if (code <= 0xbf) return leaf(reader, start, await text(reader, code & 0x1f));
  if (code >= 0xe0) return leaf(reader, start, code - 0x100);
  return wide(reader, start, code, depth);
}

async function wide(
  reader: Reader,
  start: number,
  code: number,
  depth: number,
): Promise<MsgpackNode> {
  const size = (bytes: number): Promise<number> => unsigned(reader, bytes);
  if (code === 0xc0) return leaf(reader, start, null);
  if (code === 0xc2 || code === 0xc3) return leaf(reader, start, code === 0xc3);
  if (code <= 0xc1) throw bad(reader, 'The byte 0xc1 stands for nothing.');
  if (code <= 0xc6) return skipped(reader, start, await size(2 ** (code - 0xc4)));
  if (code <= 0xc9) return extension(reader, start, await size(2 ** (code - 0xc7)));
  if (code === 0xca) return leaf(reader, start, (await reader.cursor.take(4)).getFloat32(0));
  if (code === 0xcb) return leaf(reader, start, (await reader.cursor.take(8)).getFloat64(0));
  if (code <= 0xcf) return integer(reader, start, await size(2 ** (code - 0xcc)));
  if (code <= 0xd3) return integer(reader, start, await signed(reader, 2 ** (code - 0xd0)));
  if (code <= 0xd8) return extension(reader, start, 2 ** (code - 0xd4));
  if (code <= 0xdb) return leaf(reader, start, await text(reader, await size(2 ** (code - 0xd9))));
  if (code <= 0xdd) return list(reader, start, await size(code === 0xdc ? 2 : 4), depth);
  return map(reader, start, await size(code === 0xde ? 2 : 4), depth);
}

async function map(
  reader: Reader,
  start: number,
  count: number,
  depth: number,
): Promise<MsgpackNode> {
  if (2 * count > reader.cursor.left())
    throw bad(reader, `A map declares ${count} entries, more than there are bytes for.`);
  const entries: [string, MsgpackNode][] = [];
  const keys = new Set<string>();
  for (let i = 0; i < count; i++) {
    const key = await value(reader, depth + 1);
    if (key.kind !== 'leaf') throw bad(reader, 'A key is no text.');
    const name = String(key.value);
    if (keys.has(name)) throw bad(reader, 'The same key occurs twice in a map.');
    keys.add(name);
    entries.push([name, await value(reader, depth + 1)]);
  }
  return { kind: 'map', entries, start, end: reader.cursor.position() };
}

async function list(
  reader: Reader,
  start: number,
  count: number,
  depth: number,
): Promise<MsgpackNode> {
  if (count > reader.cursor.left())
    throw bad(reader, `A list declares ${count} items, more than there are bytes for.`);
  const items: MsgpackNode[] = [];
  for (let i = 0; i < count; i++) items.push(await value(reader, depth + 1));
  return { kind: 'list', items, start, end: reader.cursor.position() };
}

/** Extensions 1 and 3 hold (shape, name of the element type, elements) as msgpack of its own. */
async function extension(reader: Reader, start: number, length: number): Promise<MsgpackNode> {
  const { cursor } = reader;
  const type = (await cursor.take(1)).getInt8(0);
  const end = cursor.position() + length;
  if (type !== 1 && type !== 3) return skipped(reader, start, length);
  if (length > cursor.left()) throw bad(reader, 'An array reaches past the end of the file.');
  const array = await ndarray(reader, type);
  if (cursor.position() !== end || array.to > end)
    throw bad(reader, 'An array does not fill the space declared for it.');
  return { ...array, start, end };
}

async function ndarray(reader: Reader, type: 1 | 3): Promise<NdArray> {
  const { cursor } = reader;
  if ((await cursor.take(1)).getUint8(0) !== 0x93)
    throw bad(reader, 'An array has not three parts.');
  const sizes = await value(reader, MAX_DEPTH - 1);
  const shape = (sizes.kind === 'list' ? sizes.items : []).map((item) =>
    item.kind === 'leaf' && typeof item.value === 'number' ? item.value : -1,
  );
  if (sizes.kind !== 'list' || shape.length > MAX_AXES || !shape.every(isSize))
    throw bad(reader, 'The shape of an array is none.');
  const typeName = await nameText(reader);
  const code = (await cursor.take(1)).getUint8(0);
  if (code < 0xc4 || code > 0xc6) throw bad(reader, 'The elements of an array are no bytes.');
  const length = await unsigned(reader, 2 ** (code - 0xc4));
  const from = cursor.position();
  cursor.skip(length);
  const dtype = DTYPES.has(typeName) ? (typeName as DType) : undefined;
  if (dtype !== undefined && elementCount(shape) * bytesPerElement(dtype) !== length)
    throw bad(reader, `An array of shape (${shape.join(', ')}) has ${length} bytes of elements.`);
  return { kind: 'ndarray', extension: type, dtype, typeName, shape, from, to: from + length };
}

/** A short text, or bytes: packers without `use_bin_type` knew no difference. */
async function nameText(reader: Reader): Promise<string> {
  const node = await value(reader, MAX_DEPTH - 1);
  if (node.kind !== 'leaf' || typeof node.value !== 'string')
    throw bad(reader, 'The element type of an array has no name.');
  return node.value.slice(0, 40);
}

function skipped(reader: Reader, start: number, length: number): MsgpackNode {
  reader.cursor.skip(length);
  return { kind: 'opaque', start, end: reader.cursor.position() };
}

async function text(reader: Reader, length: number): Promise<string> {
  if (length > LONGEST_TEXT) throw bad(reader, `A text of ${length} bytes is absurd.`);
  return new TextDecoder().decode(await reader.cursor.take(length));
}

function leaf(reader: Reader, start: number, found: number | string | boolean | null): MsgpackNode {
  return { kind: 'leaf', value: found, start, end: reader.cursor.position() };
}

function integer(reader: Reader, start: number, found: number): MsgpackNode {
  if (Number.isSafeInteger(found)) return leaf(reader, start, found);
  return { kind: 'opaque', start, end: reader.cursor.position() };
}

async function unsigned(reader: Reader, bytes: number): Promise<number> {
  const view = await reader.cursor.take(bytes);
  if (bytes === 8) return Number(view.getBigUint64(0));
  return bytes === 1 ? view.getUint8(0) : bytes === 2 ? view.getUint16(0) : view.getUint32(0);
}

async function signed(reader: Reader, bytes: number): Promise<number> {
  const view = await reader.cursor.take(bytes);
  if (bytes === 8) return Number(view.getBigInt64(0));
  return bytes === 1 ? view.getInt8(0) : bytes === 2 ? view.getInt16(0) : view.getInt32(0);
}

function isSize(size: number): boolean {
  return Number.isSafeInteger(size) && size >= 0;
}

function bad({ cursor }: Reader, message: string): SsmError {
  return new SsmError('bad-file', message, { place: `byte ${cursor.position()}` });
}
