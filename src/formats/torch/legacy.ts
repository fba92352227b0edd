import { SsmError } from '../../core/errors';
import type { ByteSource } from '../byteSource';
import { bytesPerElement } from '../dtypes';
import { itemAt, sequenceItems, type PickleProgram } from '../pickle/nodes';
import { Op, pickleEnd } from '../pickle/opcodes';
import { splice, type Piece } from '../pickle/splice';
import { unpickle } from '../pickle/unpickle';
import type { SourceRange } from '../zip/writer';
import { mappingEntries, valueOf } from './containers';
import type { Storages } from './storages';
import { storageDType } from './storageTypes';

/** A file of torch < 1.6: five pickles, then the storages one after another, each behind its number of elements. */
export interface LegacyFile extends Storages {
  /** The pickle of the object, with storage references as the zip format has them. */
  readonly program: PickleProgram;
  readonly ranges: ReadonlyMap<string, SourceRange>;
}

const PICKLES = 5;
const FIRST_WINDOW = 2 ** 16;
/** Larger than the pickles of any checkpoint of those years. */
const LAST_WINDOW = 2 ** 26;
const COUNT_BYTES = 8;

/** Reads the pickles and finds the storages. Every size is checked against the file's. */
export async function openLegacyFile(
  source: ByteSource,
  signal?: AbortSignal,
): Promise<LegacyFile> {
  const [magic, , system, object, keys] = await readPickles(source, signal);
  const littleEndian = isLittleEndian(unpickle(system));
  const found = unpickle(object);
  const offset = keys.byteOffset - magic.byteOffset + keys.length;
  const ranges = await findStorages(source, offset, storageKeys(unpickle(keys)), found, signal);
  return {
    program: unpickle(withZipReferences(found)),
    littleEndian,
    ranges,
    sizeOf: (key) => ranges.get(key)?.size,
    read: (key, from, length, innerSignal) =>
      source.read(ranges.get(key)!.offset + from, length, innerSignal),
  };
}

/** The pickles at the beginning of the file, in a window that is doubled until it holds them all. */
async function readPickles(
  source: ByteSource,
  signal: AbortSignal | undefined,
): Promise<Uint8Array[]> {
  for (let size = FIRST_WINDOW; ; size *= 2) {
    const window = await source.read(0, Math.min(size, source.size), signal);
    const pickles: Uint8Array[] = [];
    for (let at = 0; pickles.length < PICKLES;) {
      const end = pickleEnd(window, at);
      if (end === undefined) break;
      pickles.push(window.subarray(at, end));
      at = end;
    }
    if (pickles.length === PICKLES) return pickles;
    if (size >= source.size) throw bad('It ends inside its header.');
    if (size >= LAST_WINDOW) throw bad(`A header of more than ${LAST_WINDOW} bytes is absurd.`);
  }
}

function isLittleEndian({ root }: PickleProgram): boolean {
  const little = valueOf(mappingEntries(root.node) ?? [], 'little_endian')?.node;
  if (little?.kind !== 'bool') throw bad('It does not say which byte order it has.');
  return little.value;
}

function storageKeys({ root }: PickleProgram): string[] {
  const keys = sequenceItems(root.node)?.map(({ node }) => (node.kind === 'str' ? node.value : ''));
  if (keys?.every((key) => key !== '') !== true || new Set(keys).size !== keys.length)
    throw bad('It has no sound list of its storages.');
  return keys;
}

async function findStorages(
  source: ByteSource,
  begin: number,
  keys: readonly string[],
  program: PickleProgram,
  signal: AbortSignal | undefined,
): Promise<Map<string, SourceRange>> {
  const widths = elementWidths(program);
  const ranges = new Map<string, SourceRange>();
  let at = begin;
  for (const key of keys) {
    const place = `storage ${JSON.stringify(key.slice(0, 80))}`;
    const width = widths.get(key);
    if (width === undefined) throw bad('It is listed, but nothing refers to it.', place);
    if (at + COUNT_BYTES > source.size) throw bad('The file ends before it.', place);
    const count = await source.read(at, COUNT_BYTES, signal);
    const elements = Number(new DataView(count.buffer, count.byteOffset).getBigInt64(0, true));
    const range = { offset: at + COUNT_BYTES, size: elements * width };
    at = range.offset + range.size;
    if (elements < 0 || at > source.size)
      throw bad(`It declares ${elements} elements, more than the file has.`, place);
    ranges.set(key, range);
  }
  if (at !== source.size) throw bad(`${source.size - at} bytes follow the last storage.`);
  return ranges;
}

/** Bytes of an element by storage key. */
function elementWidths({ persistent }: PickleProgram): Map<string, number> {
  const widths = new Map<string, number>();
  for (const { id } of persistent) {
    const [tag, type, key] = [0, 1, 2].map((index) => itemAt(id.node, index)?.node);
    if (tag?.kind !== 'str' || tag.value !== 'storage') continue;
    if (type?.kind !== 'global' || key?.kind !== 'str') throw bad('A storage has no type or key.');
    const dtype = storageDType(type.module, type.name);
    if (dtype === undefined)
      throw new SsmError(
        'unsupported-file',
        `The storage type ${type.name.slice(0, 80)} is not known.`,
      );
    const width =
      dtype === 'untyped' || dtype === 'quantized'
        ? type.name === 'QInt32Storage'
          ? 4
          : 1
        : bytesPerElement(dtype);
    if ((widths.get(key.value) ?? width) !== width) throw bad('A storage has two types.');
    widths.set(key.value, width);
  }
  return widths;
}

/**
 * References in the form of the zip format: those to storages without the sixth part, which was for views of storages;
 * those to classes, which came with their source, as the plain class.
 */
function withZipReferences(program: PickleProgram): Uint8Array {
  const replacements = program.persistent.flatMap(({ id }) => {
    const items = sequenceItems(id.node);
    const tag = items?.at(0)?.node;
    if (items?.length === 4 && tag?.kind === 'str' && tag.value === 'module')
      return [{ start: id.start, end: id.end + 1, pieces: [items[1]] }];
    if (items?.length !== 6) return [];
    if (items[5].node.kind !== 'none')
      throw new SsmError(
        'unsupported-file',
        'It holds views of storages, which torch before 0.4 wrote. Load it and save it again with a newer torch.',
      );
    const pieces: Piece[] = [Uint8Array.of(Op.MARK), ...items.slice(0, 5), Uint8Array.of(Op.TUPLE)];
    return [{ start: id.start, end: id.end, pieces }];
  });
  return splice(program, replacements);
}

function bad(message: string, place = 'header'): SsmError {
  return new SsmError('bad-file', message, { place });
}
