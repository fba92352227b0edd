import { isForbiddenGlobal } from './forbidden';
import { pairs, pop, popToMark, push, top, type Effect, type Machine } from './machine';
import type { Entry, GlobalNode, ObjectNode, Use } from './nodes';
import { badPickle, hex, Op, type Instruction } from './opcodes';
import { payloadOf } from './scalars';

/** Opcodes that build containers, name globals and describe objects. */
export const COMPOSITES: readonly (readonly [number, Effect])[] = [
  [Op.EMPTY_TUPLE, tuple(0)],
  [Op.TUPLE1, tuple(1)],
  [Op.TUPLE2, tuple(2)],
  [Op.TUPLE3, tuple(3)],
  [Op.TUPLE, fromMark((items) => ({ kind: 'tuple', items }))],
  [Op.LIST, fromMark((items) => ({ kind: 'list', items }))],
  [Op.DICT, fromMark((items, at) => ({ kind: 'dict', entries: pairs(items, at) }))],
  [Op.FROZENSET, fromMark((items) => ({ kind: 'set', items }))],
  [Op.EMPTY_LIST, empty(() => ({ kind: 'list', items: [] }))],
  [Op.EMPTY_SET, empty(() => ({ kind: 'set', items: [] }))],
  [Op.EMPTY_DICT, empty(() => ({ kind: 'dict', entries: [] }))],
  [Op.APPEND, append],
  [Op.APPENDS, appendAll],
  [Op.ADDITEMS, appendAll],
  [Op.SETITEM, setItem],
  [Op.SETITEMS, setItems],
  [Op.GLOBAL, global],
  [Op.STACK_GLOBAL, stackGlobal],
  [Op.BINPERSID, persistent],
  [Op.REDUCE, call],
  [Op.NEWOBJ, call],
  [Op.NEWOBJ_EX, callWithKeywords],
  [Op.OBJ, callOldClass],
  [Op.INST, callNamedOldClass],
  [Op.BUILD, build],
];

function tuple(length: number): Effect {
  return (machine, at) => {
    const items: Use[] = [];
    for (let i = 0; i < length; i++) items.unshift(pop(machine, at));
    push(machine, { kind: 'tuple', items }, items.at(0)?.start ?? at.start, at.end);
  };
}

function fromMark(make: (items: Use[], at: Instruction) => Use['node']): Effect {
  return (machine, at) => {
    const { items, start } = popToMark(machine, at);
    push(machine, make(items, at), start, at.end);
  };
}

function empty(make: () => Use['node']): Effect {
  return (machine, at) => {
    push(machine, make(), at.start, at.end);
  };
}

function append(machine: Machine, at: Instruction): void {
  const item = pop(machine, at);
  extend(machine, at, [item]);
}

function appendAll(machine: Machine, at: Instruction): void {
  const { items } = popToMark(machine, at);
  extend(machine, at, items);
}

function extend(machine: Machine, at: Instruction, items: readonly Use[]): void {
  const target = top(machine, at);
  const { node } = target;
  const wanted = at.code === Op.ADDITEMS ? 'set' : 'list';
  if (
    !('items' in node) ||
    node.kind === 'tuple' ||
    (node.kind !== wanted && node.kind !== 'object')
  )
    throw badPickle(at.start, `Opcode ${hex(at.code)} adds to what is no ${wanted}.`);
  for (const item of items) node.items.push(item);
  target.end = at.end;
}

function setItem(machine: Machine, at: Instruction): void {
  const value = pop(machine, at);
  const key = pop(machine, at);
  update(machine, at, [{ key, value }]);
}

function setItems(machine: Machine, at: Instruction): void {
  update(machine, at, pairs(popToMark(machine, at).items, at));
}

function update(machine: Machine, at: Instruction, entries: readonly Entry[]): void {
  const target = top(machine, at);
  if (target.node.kind !== 'dict' && target.node.kind !== 'object')
    throw badPickle(at.start, `Opcode ${hex(at.code)} sets items of what is no dictionary.`);
  for (const entry of entries) target.node.entries.push(entry);
  target.end = at.end;
}

function global(machine: Machine, at: Instruction): void {
  const [module = '', name = ''] = new TextDecoder().decode(payloadOf(machine, at)).split('\n');
  push(machine, allowedGlobal(module, name, at), at.start, at.end);
}

function stackGlobal(machine: Machine, at: Instruction): void {
  const name = pop(machine, at);
  const module = pop(machine, at);
  if (name.node.kind !== 'str' || module.node.kind !== 'str')
    throw badPickle(at.start, 'A global is not named by strings.');
  push(machine, allowedGlobal(module.node.value, name.node.value, at), module.start, at.end);
}

function allowedGlobal(module: string, name: string, at: Instruction): GlobalNode {
  if (isForbiddenGlobal(module, name))
    throw badPickle(
      at.start,
      `The pickle names ${JSON.stringify(`${module}.${name}`.slice(0, 200))}, which could run code when the file is ` +
        'loaded. Such a file is not a sound checkpoint and is refused.',
    );
  return { kind: 'global', module, name };
}

function persistent(machine: Machine, at: Instruction): void {
  const id = pop(machine, at);
  const node = { kind: 'persistent', id } as const;
  machine.persistent.push(node);
  push(machine, node, id.start, at.end);
}

function callWithKeywords(machine: Machine, at: Instruction): void {
  call(machine, at, pop(machine, at));
}

function call(machine: Machine, at: Instruction, keywords?: Use): void {
  const args = pop(machine, at);
  const callable = pop(machine, at);
  if (args.node.kind !== 'tuple')
    throw badPickle(at.start, 'The arguments of a call are no tuple.');
  pushObject(machine, at, callable, args, keywords);
}

/** Python 2's classes of the old style: mark, class, arguments. */
function callOldClass(machine: Machine, at: Instruction): void {
  const { items, start } = popToMark(machine, at);
  const [callable, ...args] = items;
  if (items.length === 0) throw badPickle(at.start, 'An object has no class.');
  const tuple: Use = { node: { kind: 'tuple', items: args }, start: callable.end, end: at.end };
  pushObject(machine, at, { ...callable, start }, tuple);
}

function callNamedOldClass(machine: Machine, at: Instruction): void {
  const { items, start } = popToMark(machine, at);
  const [module = '', name = ''] = new TextDecoder().decode(payloadOf(machine, at)).split('\n');
  const callable: Use = { node: allowedGlobal(module, name, at), start, end: at.end };
  const tuple: Use = { node: { kind: 'tuple', items }, start, end: at.end };
  pushObject(machine, at, callable, tuple);
}

function pushObject(
  machine: Machine,
  at: Instruction,
  callable: Use,
  args: Use,
  keywords?: Use,
): void {
  const node: ObjectNode = {
    kind: 'object',
    callable,
    args,
    keywords,
    state: undefined,
    items: [],
    entries: [],
  };
  push(machine, node, callable.start, at.end);
}

function build(machine: Machine, at: Instruction): void {
  const state = pop(machine, at);
  const target = top(machine, at);
  if (target.node.kind !== 'object' || target.node.state !== undefined)
    throw badPickle(at.start, 'A state is set on what takes none.');
  target.node.state = state;
  target.end = at.end;
}
