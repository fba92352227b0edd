import { COMPOSITES } from './composites';
import { pop, popToMark, push, top, type Effect, type Machine } from './machine';
import type { PickleProgram, Use } from './nodes';
import { badPickle, instructionAt, Op, type Instruction } from './opcodes';
import { littleEndian, payloadOf, SCALARS, textIndex } from './scalars';

const HIGHEST_PROTOCOL = 5;
/** Marks that are open at one time; Python itself nests no deeper than a few thousand. */
const MAX_MARKS = 100_000;
/** More than the header of any checkpoint remembers; each costs more than a value. */
const MAX_REMEMBERED = 1_000_000;

const STACK: readonly (readonly [number, Effect])[] = [
  [Op.PROTO, checkProtocol],
  [Op.FRAME, () => undefined],
  [Op.MARK, mark],
  [Op.POP, drop],
  [Op.POP_MARK, popToMark],
  [
    Op.PUT,
    (machine, at) => {
      memoize(machine, at, textIndex(payloadOf(machine, at), at));
    },
  ],
  [
    Op.BINPUT,
    (machine, at) => {
      memoize(machine, at, binaryIndex(machine, at));
    },
  ],
  [
    Op.LONG_BINPUT,
    (machine, at) => {
      memoize(machine, at, binaryIndex(machine, at));
    },
  ],
  [Op.MEMOIZE, memoizeNext],
  [
    Op.GET,
    (machine, at) => {
      recall(machine, at, textIndex(payloadOf(machine, at), at));
    },
  ],
  [
    Op.BINGET,
    (machine, at) => {
      recall(machine, at, binaryIndex(machine, at));
    },
  ],
  [
    Op.LONG_BINGET,
    (machine, at) => {
      recall(machine, at, binaryIndex(machine, at));
    },
  ],
];

const EFFECTS: ReadonlyMap<number, Effect> = new Map([...SCALARS, ...COMPOSITES, ...STACK]);

/**
 * Reads a pickle without executing it: the result describes what Python would build and which bytes build it. Only the
 * opcodes that picklers write are known; globals that can run code are refused; every length is checked against the
 * bytes that are left. All faults are `bad-file` with the byte offset. Takes time and memory linear in the pickle.
 */
export function unpickle(bytes: Uint8Array): PickleProgram {
  const machine: Machine = {
    bytes,
    stack: [],
    marks: [],
    memo: new Map(),
    memoized: new Map(),
    persistent: [],
    values: 0,
  };
  let at = instructionAt(bytes, 0);
  for (; at.code !== Op.STOP; at = instructionAt(bytes, at.end)) EFFECTS.get(at.code)!(machine, at);
  if (at.end !== bytes.length) throw badPickle(at.end, 'Bytes follow the end of the pickle.');
  return { ...machine, root: onlyValue(machine, at) };
}

function onlyValue(machine: Machine, at: Instruction): Use {
  const root = pop(machine, at);
  if (machine.stack.length !== 0 || machine.marks.length !== 0)
    throw badPickle(at.start, 'The pickle ends with unused values on its stack.');
  return root;
}

function checkProtocol(machine: Machine, at: Instruction): void {
  const protocol = machine.bytes[at.from];
  if (at.start !== 0 || protocol > HIGHEST_PROTOCOL)
    throw badPickle(at.start, `Pickle protocol ${protocol} is not known here.`);
}

function mark({ marks, stack }: Machine, at: Instruction): void {
  if (marks.length >= MAX_MARKS) throw badPickle(at.start, 'Values are nested absurdly deep.');
  marks.push({ depth: stack.length, start: at.start });
}

/** POP takes the mark if nothing lies above it, as in Python. */
function drop(machine: Machine, at: Instruction): void {
  if (machine.marks.at(-1)?.depth === machine.stack.length) machine.marks.pop();
  else pop(machine, at);
}

function memoize(machine: Machine, at: Instruction, index: number): void {
  const use = top(machine, at);
  if (machine.memo.has(index)) throw badPickle(at.start, `Memo index ${index} is set twice.`);
  if (machine.memo.size >= MAX_REMEMBERED)
    throw badPickle(at.start, `More than ${MAX_REMEMBERED} values are remembered.`);
  if (machine.memo.size >= machine.values)
    throw badPickle(at.start, 'More values are remembered than there are.');
  machine.memo.set(index, use);
  use.end = at.end;
}

function memoizeNext(machine: Machine, at: Instruction): void {
  machine.memoized.set(at.start, machine.memo.size);
  memoize(machine, at, machine.memo.size);
}

function recall(machine: Machine, at: Instruction, index: number): void {
  const node = machine.memo.get(index)?.node;
  if (node === undefined) throw badPickle(at.start, `Memo index ${index} was never set.`);
  if (node.kind === 'tuple' || node.kind === 'object' || node.kind === 'persistent')
    node.shared = true;
  push(machine, node, at.start, at.end);
}

function binaryIndex(machine: Machine, at: Instruction): number {
  return littleEndian(machine.bytes, at.from, at.to, false);
}
