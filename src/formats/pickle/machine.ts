import type { Entry, PersistentNode, PickleNode, Use } from './nodes';
import { badPickle, hex, type Instruction } from './opcodes';

/** The state of the symbolic machine: Python's stack, marks and memo, filled with descriptions. */
export interface Machine {
  readonly bytes: Uint8Array;
  readonly stack: Use[];
  readonly marks: Mark[];
  readonly memo: Map<number, Use>;
  readonly memoized: Map<number, number>;
  readonly persistent: PersistentNode[];
  values: number;
}

interface Mark {
  readonly depth: number;
  readonly start: number;
}

/** What one opcode does to the machine. */
export type Effect = (machine: Machine, at: Instruction) => void;

/** More values than any checkpoint's header has; keeps a hostile file from filling the memory. */
const MAX_VALUES = 3_000_000;

export function push(machine: Machine, node: PickleNode, start: number, end: number): void {
  machine.values += 1;
  if (machine.values > MAX_VALUES)
    throw badPickle(start, `The pickle holds more than ${MAX_VALUES} values.`);
  machine.stack.push({ node, start, end });
}

/** The top of the stack, not below the last mark. */
export function top(machine: Machine, at: Instruction): Use {
  const floor = machine.marks.at(-1)?.depth ?? 0;
  const use = machine.stack.length > floor ? machine.stack.at(-1) : undefined;
  if (use === undefined)
    throw badPickle(at.start, `Opcode ${hex(at.code)} finds nothing on the stack.`);
  return use;
}

export function pop(machine: Machine, at: Instruction): Use {
  const use = top(machine, at);
  machine.stack.pop();
  return use;
}

/** Everything above the last mark, and where the mark stood. */
export function popToMark(machine: Machine, at: Instruction): { items: Use[]; start: number } {
  const mark = machine.marks.pop();
  if (mark === undefined) throw badPickle(at.start, `Opcode ${hex(at.code)} finds no mark.`);
  return { items: machine.stack.splice(mark.depth), start: mark.start };
}

/** Keys and values in turn, as pairs. */
export function pairs(items: readonly Use[], at: Instruction): Entry[] {
  if (items.length % 2 !== 0) throw badPickle(at.start, 'A key has no value.');
  const entries: Entry[] = [];
  for (let i = 0; i < items.length; i += 2) entries.push({ key: items[i], value: items[i + 1] });
  return entries;
}
