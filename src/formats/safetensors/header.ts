import { SsmError } from '../../core/errors';
import type { ByteSource } from '../byteSource';
import { bytesPerElement } from '../dtypes';
import { parseJson, type JsonNode } from '../json';
import { elementCount } from '../strided';
import type { DType, TensorInfo } from '../tensor';

/** A tensor as the header declares it; `begin` and `end` count from the end of the header. */
export interface SafetensorsEntry {
  readonly info: TensorInfo;
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  /** Where the tensors' bytes begin in the file. */
  readonly dataOffset: number;
  readonly metadata: ReadonlyMap<string, string> | undefined;
  /** In the order of the header. */
  readonly entries: readonly SafetensorsEntry[];
}

/** The limit of the reference implementation. */
export const MAX_HEADER_BYTES = 100_000_000;
export const LENGTH_BYTES = 8;
export const METADATA_KEY = '__metadata__';

const DTYPES: readonly (readonly [string, DType])[] = [
  ['F64', 'float64'],
  ['F32', 'float32'],
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
  ['F8_E4M3', 'float8_e4m3fn'],
  ['F8_E5M2', 'float8_e5m2'],
  ['C64', 'complex64'],
  ['I64', 'int64'],
  ['I32', 'int32'],
  ['I16', 'int16'],
  ['I8', 'int8'],
  ['U64', 'uint64'],
  ['U32', 'uint32'],
  ['U16', 'uint16'],
  ['U8', 'uint8'],
  ['BOOL', 'bool'],
];

/** The format's name of an element type; undefined where it has none (complex128, complex32). */
export function safetensorsDType(dtype: DType): string | undefined {
  return DTYPES.find(([, ours]) => ours === dtype)?.[0];
}

/** Reads and checks the header: every rule of the format, so that no later read can leave the file. */
export async function readSafetensorsHeader(
  source: ByteSource,
  signal?: AbortSignal,
): Promise<SafetensorsHeader> {
  if (source.size < LENGTH_BYTES) throw bad('header', 'The file ends inside the header length.');
  const prefix = await source.read(0, LENGTH_BYTES, signal);
  const length = Number(new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES)
    throw bad('header', `It declares ${length} bytes; ${MAX_HEADER_BYTES} are allowed.`);
  if (length > source.size - LENGTH_BYTES)
    throw bad(
      'header',
      `It declares ${length} bytes, more than the file has: the file is truncated.`,
    );
  const bytes = await source.read(LENGTH_BYTES, length, signal);
  const root = parseJson(utf8(bytes), 'header');
  if (root.kind !== 'object') throw bad('header', 'It is no JSON object.');
  const entries: SafetensorsEntry[] = [];
  for (const [name, node] of root.members)
    if (name !== METADATA_KEY) entries.push(readEntry(name, node));
  const dataOffset = LENGTH_BYTES + length;
  checkLayout(entries, source.size - dataOffset);
  return { dataOffset, metadata: readMetadata(root.members.get(METADATA_KEY)), entries };
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw bad('header', 'It is not UTF-8 text.');
  }
}

function readMetadata(node: JsonNode | undefined): Map<string, string> | undefined {
  if (node === undefined) return undefined;
  if (node.kind !== 'object') throw bad(`header, ${METADATA_KEY}`, 'It is no JSON object.');
  const metadata = new Map<string, string>();
  for (const [key, value] of node.members) {
    if (value.kind !== 'string')
      throw bad(`header, ${METADATA_KEY}`, 'A value is no string, which the format demands.');
    metadata.set(key, value.value);
  }
  return metadata;
}

function readEntry(name: string, node: JsonNode): SafetensorsEntry {
  const place = `header, tensor ${JSON.stringify(name.slice(0, 200))}`;
  if (node.kind !== 'object' || node.members.size !== 3)
    throw bad(place, 'It is not described by dtype, shape and data_offsets.');
  const dtype = readDType(node.members.get('dtype'), place);
  const shape = readSizes(node.members.get('shape'), place);
  const offsets = readSizes(node.members.get('data_offsets'), place);
  const [begin = 0, end = 0] = offsets;
  const bytes = elementCount(shape) * bytesPerElement(dtype);
  if (offsets.length !== 2 || !Number.isSafeInteger(bytes) || end - begin !== bytes)
    throw bad(place, `Its shape needs ${bytes} bytes, its offsets give it ${end - begin}.`);
  return { info: { name, dtype, shape, role: 'model' }, begin, end };
}

function readDType(node: JsonNode | undefined, place: string): DType {
  if (node?.kind !== 'string') throw bad(place, 'It has no dtype.');
  const known = DTYPES.find(([theirs]) => theirs === node.value)?.[1];
  if (known === undefined)
    throw new SsmError(
      'unsupported-file',
      `Its element type ${JSON.stringify(node.value.slice(0, 40))} is not known.`,
      { place },
    );
  return known;
}

function readSizes(node: JsonNode | undefined, place: string): number[] {
  if (node?.kind !== 'array') throw bad(place, 'A list of sizes is missing.');
  return node.items.map((item) => {
    if (item.kind !== 'number' || !Number.isSafeInteger(item.value) || item.value < 0)
      throw bad(place, 'A size or offset is not a whole number.');
    return item.value;
  });
}

/** The format wants the tensors one after another from the first byte to the last: no holes, no overlaps. */
function checkLayout(entries: readonly SafetensorsEntry[], dataBytes: number): void {
  let reached = 0;
  for (const { info, begin, end } of inFileOrder(entries)) {
    const place = `header, tensor ${JSON.stringify(info.name.slice(0, 200))}`;
    if (begin < reached) throw bad(place, 'It overlaps the tensor before it.');
    if (begin > reached) throw bad(place, 'There is a hole before it.');
    if (end > dataBytes)
      throw bad(place, `It ends at byte ${end} of ${dataBytes}: the file is truncated.`);
    reached = end;
  }
  if (reached !== dataBytes)
    throw bad('end of the file', `${dataBytes - reached} bytes follow the last tensor.`);
}

/** The tensors by their place in the file. */
export function inFileOrder(entries: readonly SafetensorsEntry[]): SafetensorsEntry[] {
  return [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end);
}

function bad(place: string, message: string): SsmError {
  return new SsmError('bad-file', message, { place });
}
