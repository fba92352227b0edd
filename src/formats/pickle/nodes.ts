/**
 * Values of a pickle, as a description of what Python would build: nothing is built, imported or called. Containers
 * hold uses, not values, so that a writer knows which bytes stand for which part.
 */
export type PickleNode =
  | { readonly kind: 'none' }
  | { readonly kind: 'bool'; readonly value: boolean }
  /** `value` is undefined beyond the safe integers. */
  | { readonly kind: 'int'; readonly value: number | undefined }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'str'; readonly value: string }
  /** The bytes [from, to) of the pickle. */
  | { readonly kind: 'bytes'; readonly from: number; readonly to: number }
  | GlobalNode
  | TupleNode
  | { readonly kind: 'list' | 'set'; readonly items: Use[] }
  | { readonly kind: 'dict'; readonly entries: Entry[] }
  | ObjectNode
  | PersistentNode;

/** A name that Python would import: a class or a function. */
export interface GlobalNode {
  readonly kind: 'global';
  readonly module: string;
  readonly name: string;
}

export interface TupleNode {
  readonly kind: 'tuple';
  readonly items: readonly Use[];
  shared?: true;
}

/** What `callable(*args)` or `callable.__new__(*args)` would give, with the state, items and entries put into it. */
export interface ObjectNode {
  readonly kind: 'object';
  readonly callable: Use;
  readonly args: Use;
  readonly keywords: Use | undefined;
  state: Use | undefined;
  readonly items: Use[];
  readonly entries: Entry[];
  shared?: true;
}

/** A reference to something outside the pickle: torch's storages. */
export interface PersistentNode {
  readonly kind: 'persistent';
  readonly id: Use;
  shared?: true;
}

/** One occurrence of a value: the bytes [start, end) of the pickle push it, alone, with everything put into it there. */
export interface Use {
  readonly node: PickleNode;
  readonly start: number;
  end: number;
}

export interface Entry {
  readonly key: Use;
  readonly value: Use;
}

/** An unpickled pickle: its value, and where its memo was filled. */
export interface PickleProgram {
  readonly bytes: Uint8Array;
  readonly root: Use;
  /** By memo index: the use that was memoised, complete with what was put into it afterwards. */
  readonly memo: ReadonlyMap<number, Use>;
  /** Memo index of each MEMOIZE opcode, by its byte offset: that opcode only counts. */
  readonly memoized: ReadonlyMap<number, number>;
  /** Every storage reference, in order. */
  readonly persistent: readonly PersistentNode[];
}

/** "collections.OrderedDict" of a global, "" of anything else. */
export function globalName(node: PickleNode | undefined): string {
  return node?.kind === 'global' ? `${node.module}.${node.name}` : '';
}

/** The global that made an object, as {@link globalName}. */
export function constructorName(node: PickleNode): string {
  return node.kind === 'object' ? globalName(node.callable.node) : '';
}

/** The item of a tuple or list at an index; undefined where there is none. */
export function itemAt(node: PickleNode | undefined, index: number): Use | undefined {
  return node === undefined ? undefined : sequenceItems(node)?.at(index);
}

/** The parts of a tuple or list, else undefined. */
export function sequenceItems(node: PickleNode): readonly Use[] | undefined {
  return node.kind === 'tuple' || node.kind === 'list' ? node.items : undefined;
}
