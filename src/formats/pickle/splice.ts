import { SsmError } from '../../core/errors';
import { encodeGet, encodePut } from './encode';
import type { PickleProgram } from './nodes';
import { growingBytes, type GrowingBytes } from './growingBytes';
import { instructionAt, Op, type Instruction } from './opcodes';
import { littleEndian, textIndex } from './scalars';

/** Bytes [start, end) of a pickle that push one value. A {@link Use} is one. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Code to write: new bytes, or a range of the old pickle. */
export type Piece = Uint8Array | Range;

/** New code in the place of a range that pushed one value; it must push one value, too. */
export interface Replacement extends Range {
  readonly pieces: readonly Piece[];
}

/**
 * The pickle with some values replaced and everything else as it was. Values that were memoised inside a replaced range
 * and are recalled elsewhere are written out again at their first recall, so that nothing else changes. What is kept is
 * kept byte for byte, except that protocol 4 gets one frame for its many and explicit memo indices for counted ones.
 */
export function splice(program: PickleProgram, replacements: readonly Replacement[]): Uint8Array {
  if (replacements.length === 0) return program.bytes;
  const copy: Copy = {
    program,
    definitions: definitionsByStart(program),
    defined: new Set(),
    out: growingBytes(program.bytes.length + 1024),
    frameAt: undefined,
  };
  const pending: Piece[] = alternate(program.bytes.length, replacements).reverse();
  for (let piece = pending.pop(); piece !== undefined; piece = pending.pop()) {
    if (piece instanceof Uint8Array) copy.out.append(piece);
    else pending.push(...copyRange(copy, piece));
  }
  return finished(copy);
}

interface Copy {
  readonly program: PickleProgram;
  readonly definitions: ReadonlyMap<number, readonly number[]>;
  /** Memo indices that are set at this point of the new pickle. */
  readonly defined: Set<number>;
  readonly out: GrowingBytes;
  frameAt: number | undefined;
}

/** What is kept and what is new, in order. */
function alternate(length: number, replacements: readonly Replacement[]): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const replacement of [...replacements].sort((a, b) => a.start - b.start)) {
    if (replacement.start < at)
      throw new SsmError('bad-request', 'Two of the changes concern the same value.', {
        place: `data.pkl, byte ${replacement.start}`,
      });
    pieces.push({ start: at, end: replacement.start }, ...replacement.pieces);
    at = replacement.end;
  }
  return [...pieces, { start: at, end: length }];
}

/**
 * Copies instructions until the range ends or a value must be written out first; returns what is then to be done, last
 * first. No recursion: chains of such values may be long.
 */
function copyRange(copy: Copy, { start, end }: Range): Piece[] {
  const { program, defined, out } = copy;
  for (let at = start; at < end;) {
    const known = definedValueAt(copy, at, end);
    if (known !== undefined) {
      out.append(encodeGet(known));
      at = program.memo.get(known)!.end;
      continue;
    }
    const instruction = instructionAt(program.bytes, at);
    at = instruction.end;
    const recalled = recalledIndex(program.bytes, instruction);
    if (recalled !== undefined && !defined.has(recalled))
      return [{ start: at, end }, program.memo.get(recalled)!];
    copyInstruction(copy, instruction);
  }
  return [];
}

/** The memo index of the longest value that begins here, ends inside the range and is already in the new memo. */
function definedValueAt(
  { definitions, defined, program }: Copy,
  at: number,
  end: number,
): number | undefined {
  let longest: number | undefined;
  let reach = at;
  for (const index of definitions.get(at) ?? []) {
    const valueEnd = program.memo.get(index)!.end;
    if (!defined.has(index) || valueEnd > end || valueEnd <= reach) continue;
    longest = index;
    reach = valueEnd;
  }
  return longest;
}

function copyInstruction(copy: Copy, instruction: Instruction): void {
  const { program, defined, out } = copy;
  if (instruction.code === Op.FRAME) {
    if (out.length() === 2) copy.frameAt = out.reserve(9);
    return;
  }
  const index = memoisedIndex(program, instruction);
  if (index === undefined) {
    out.append(program.bytes.subarray(instruction.start, instruction.end));
    return;
  }
  if (defined.has(index)) return;
  // MEMOIZE takes the next free index, which need not be the old one any more.
  if (instruction.code === Op.MEMOIZE) out.append(encodePut(index));
  else out.append(program.bytes.subarray(instruction.start, instruction.end));
  defined.add(index);
}

function recalledIndex(bytes: Uint8Array, at: Instruction): number | undefined {
  const payload = bytes.subarray(at.from, at.to);
  if (at.code === Op.BINGET || at.code === Op.LONG_BINGET)
    return littleEndian(bytes, at.from, at.to, false);
  return at.code === Op.GET ? textIndex(payload, at) : undefined;
}

function memoisedIndex({ bytes, memoized }: PickleProgram, at: Instruction): number | undefined {
  const payload = bytes.subarray(at.from, at.to);
  if (at.code === Op.BINPUT || at.code === Op.LONG_BINPUT)
    return littleEndian(bytes, at.from, at.to, false);
  if (at.code === Op.PUT) return textIndex(payload, at);
  return at.code === Op.MEMOIZE ? memoized.get(at.start) : undefined;
}

function definitionsByStart({ memo }: PickleProgram): Map<number, number[]> {
  const byStart = new Map<number, number[]>();
  for (const [index, { start }] of memo) {
    const here = byStart.get(start);
    if (here === undefined) byStart.set(start, [index]);
    else here.push(index);
  }
  return byStart;
}

function finished({ out, frameAt }: Copy): Uint8Array {
  const bytes = out.bytes();
  if (frameAt !== undefined) {
    bytes[frameAt] = Op.FRAME;
    const length = BigInt(bytes.length - frameAt - 9);
    new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(frameAt + 1, length, true);
  }
  return bytes;
}
