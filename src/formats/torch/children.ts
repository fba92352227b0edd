import { SsmError } from '../../core/errors';
import {
  constructorName,
  type Entry,
  type ObjectNode,
  type PickleNode,
  type Use,
} from '../pickle/nodes';
import { isOptimizerState, isStateDict, keyText, mappingEntries, valueOf } from './containers';
import { nameOf, under, within, type Surroundings } from './surroundings';

/** A value still to be looked at, with its surroundings. */
export interface Visit extends Surroundings {
  readonly use: Use;
}

/** Attributes that are bookkeeping of OmegaConf, not settings. */
const HIDDEN = new Set(['_metadata', '_parent', '_flags_cache']);
/** Attributes that a person does not spell: `cfg.model.d_state` is `_content`…`_val`, `net.weight` is `_parameters`. */
const UNSPOKEN = new Set(['_content', '_val', '_parameters', '_buffers', '_modules']);
/** A longer list is a record of the training or a vocabulary, not settings that somebody made. */
const LONGEST_LIST = 256;
const WEIGHTS = new Set(['_parameters', '_buffers']);

/** The values directly inside a value, in file order, each with the path that leads to it. */
export function childrenOf(visit: Visit): Visit[] {
  const { node } = visit.use;
  const entries = mappingEntries(node);
  if (entries !== undefined) return mappingChildren(visit, entries);
  if (node.kind === 'object') return objectChildren(visit, node);
  return sequenceChildren(visit, node);
}

function mappingChildren(visit: Visit, entries: readonly Entry[]): Visit[] {
  const optimizer = isOptimizerState(entries);
  const weight = visit.weight || isStateDict(entries);
  const from: Surroundings = optimizer ? { ...visit, scope: 'optimizer', silent: true } : visit;
  return entriesUnder(visit, entries, (key) => ({ ...under(from, key), weight }));
}

function objectChildren(visit: Visit, node: ObjectNode): Visit[] {
  const silent = { ...visit, silent: true };
  return [
    ...sequenceChildren(silent, node.args.node),
    ...stateChildren(visit, node.state?.node),
    ...node.items.map((use, index) => ({ ...under(visit, String(index)), use })),
    ...entriesUnder(visit, node.entries, (key) => under(visit, key)),
  ];
}

function stateChildren(visit: Visit, state: PickleNode | undefined): Visit[] {
  if (state === undefined) return [];
  // A class with __slots__ pickles (attributes, slots); any other tuple or list is private to its class.
  const parts =
    state.kind === 'tuple' && state.items.length === 2
      ? state.items.map(({ node }) => node)
      : [state];
  return parts.flatMap((part) => {
    const attributes = mappingEntries(part);
    if (attributes === undefined) return sequenceChildren({ ...visit, silent: true }, part);
    const inModule = visit.inModule || isModule(attributes);
    return entriesUnder(visit, attributes, (key) => attribute({ ...visit, inModule }, key));
  });
}

/** What `torch.nn.Module.__getstate__` gives. */
function isModule(attributes: readonly Entry[]): boolean {
  return ['_parameters', '_buffers', '_modules'].every((key) => {
    const node = valueOf(attributes, key)?.node;
    return node !== undefined && mappingEntries(node) !== undefined;
  });
}

/** Classes of a TorchScript program have their weights as plain attributes. */
function isScripted(node: PickleNode): boolean {
  return constructorName(node).startsWith('__torch__.');
}

function attribute(visit: Visit, key: string): Surroundings | undefined {
  if (HIDDEN.has(key)) return undefined;
  if (!UNSPOKEN.has(key)) return { ...under(visit, key), weight: isScripted(visit.use.node) };
  // `weight` tells the dictionary below that its tensors are a module's parameters.
  return { ...within(visit), weight: WEIGHTS.has(key) };
}

function sequenceChildren(visit: Surroundings, node: PickleNode): Visit[] {
  if (node.kind !== 'tuple' && node.kind !== 'list' && node.kind !== 'set') return [];
  const silent = visit.silent || node.items.length > LONGEST_LIST;
  return node.items.map((use, index) => ({ ...under({ ...visit, silent }, String(index)), use }));
}

/** The values of a dictionary. A key that occurs twice would mean one thing here and another to Python: refused. */
function entriesUnder(
  visit: Visit,
  entries: readonly Entry[],
  surroundings: (key: string) => Surroundings | undefined,
): Visit[] {
  const keys = new Set<string>();
  const children: Visit[] = [];
  for (const { key, value } of entries) {
    refuseRepeated(keys, key, visit);
    const inside = surroundings(keyText(key));
    if (inside !== undefined) children.push({ ...inside, use: value });
  }
  return children;
}

function refuseRepeated(keys: Set<string>, { node, start }: Use, visit: Visit): void {
  if (node.kind !== 'str' && node.kind !== 'int') return;
  const identity = `${node.kind} ${String(node.value)}`;
  if (keys.has(identity))
    throw new SsmError('bad-file', `The same key occurs twice in "${nameOf(visit.path)}".`, {
      place: `data.pkl, byte ${start}`,
    });
  keys.add(identity);
}

/** The class of an object that is kept without being understood; undefined for Python's and torch's own plain ones. */
export function foreignClass(node: PickleNode): string | undefined {
  if (node.kind !== 'object' || mappingEntries(node) !== undefined) return undefined;
  const name = constructorName(node) || 'an object made by an object';
  return /^(torch\.(Size|device)|(builtins|__builtin__)\.\w+)$/.test(name) ? undefined : name;
}
