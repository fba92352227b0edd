import {
  constructorName,
  sequenceItems,
  type Entry,
  type PickleNode,
  type Use,
} from '../pickle/nodes';
import { tensorRecipe } from './storedTensor';

const MAPPINGS = new Set([
  'collections.OrderedDict',
  'collections.defaultdict',
  'collections.Counter',
  'builtins.dict',
  '__builtin__.dict',
]);

/** The entries of a dictionary or of one of its kin, else undefined. */
export function mappingEntries(node: PickleNode): readonly Entry[] | undefined {
  if (node.kind === 'dict') return node.entries;
  return node.kind === 'object' && MAPPINGS.has(constructorName(node)) ? node.entries : undefined;
}

/** The value under a string key. */
export function valueOf(entries: readonly Entry[], key: string): Use | undefined {
  return entries.find((entry) => entry.key.node.kind === 'str' && entry.key.node.value === key)
    ?.value;
}

/** True for what `torch.optim.Optimizer.state_dict()` gives: {'state': {…}, 'param_groups': […]}. */
export function isOptimizerState(entries: readonly Entry[]): boolean {
  const state = valueOf(entries, 'state');
  const groups = valueOf(entries, 'param_groups');
  return (
    state !== undefined &&
    groups !== undefined &&
    mappingEntries(state.node) !== undefined &&
    sequenceItems(groups.node) !== undefined
  );
}

/** True if at least half of the values are tensors under string keys: a state dict, perhaps with a few extras. */
export function isStateDict(entries: readonly Entry[]): boolean {
  const tensors = entries.filter(
    ({ key, value }) => key.node.kind === 'str' && tensorRecipe(value.node) !== undefined,
  );
  return tensors.length > 0 && 2 * tensors.length >= entries.length;
}

/** What a person sees of a key: its text or number. Long keys are cut, names stay readable and bounded. */
export function keyText({ node }: Use): string {
  if (node.kind === 'str')
    return node.value.length > LONGEST_KEY ? `${node.value.slice(0, LONGEST_KEY)}…` : node.value;
  if (node.kind === 'bool') return node.value ? 'True' : 'False';
  if ((node.kind === 'int' || node.kind === 'float') && node.value !== undefined)
    return String(node.value);
  return `<${node.kind}>`;
}

const LONGEST_KEY = 400;
