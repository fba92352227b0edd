import { SsmError } from '../../core/errors';
import type { RecordedSetting, SettingValue } from '../checkpoint';
import type { PickleNode, Use } from '../pickle/nodes';
import { numberSetting, textSetting } from '../settingValue';
import type { TensorInfo } from '../tensor';
import { uniqueNames } from '../uniqueNames';
import { childrenOf, foreignClass, type Visit } from './children';
import { isOptimizerState, mappingEntries, valueOf } from './containers';
import { numpyArray, type NumpyArray } from './numpyArray';
import { storedTensor, tensorRecipe, type StoredTensor, type TensorRecipe } from './storedTensor';
import { nameOf, OUTSIDE, roleIn, segments } from './surroundings';

/** A tensor of the file under its name, and the use in the pickle that stands for it there. */
export interface TensorLeaf {
  readonly info: TensorInfo;
  readonly stored: StoredTensor;
  readonly use: Use;
}

/** A NumPy array of the file: listed and read, never written. */
export interface ArrayLeaf {
  readonly info: TensorInfo;
  readonly array: NumpyArray;
}

export interface SettingLeaf extends RecordedSetting {
  readonly use: Use;
}

/** The `state` of an optimizer that holds something. */
export interface OptimizerLeaf {
  readonly path: string;
  readonly use: Use;
}

/** What a checkpoint's pickle describes. */
export interface Contents {
  readonly tensors: readonly TensorLeaf[];
  readonly arrays: readonly ArrayLeaf[];
  readonly settings: readonly SettingLeaf[];
  readonly optimizers: readonly OptimizerLeaf[];
  /** Classes of the objects that are kept without being understood, sorted. */
  readonly foreign: readonly string[];
  /** Whether the weights lie inside pickled modules, not in a state dict. */
  readonly wholeModule: boolean;
}

/** Deeper than Python itself can pickle. */
const MAX_DEPTH = 1000;
/** Beyond these a value is no setting that a person made, and a list of them no list to read. */
const MAX_SETTINGS = 50_000;
const MAX_SETTING_DEPTH = 64;
const LONGEST_SETTING = 1000;

interface Found {
  readonly unique: (wanted: string) => string;
  readonly paths: Set<string>;
  readonly foreign: Set<string>;
  weightsInState: number;
  weightsInModules: number;
  readonly tensors: TensorLeaf[];
  readonly arrays: ArrayLeaf[];
  readonly settings: SettingLeaf[];
  readonly optimizers: OptimizerLeaf[];
}

/**
 * Finds the tensors, the settings and the optimizer states in an unpickled checkpoint, in file order. Every
 * container is entered once, however often it is referred to; depth costs no stack. Uses in `left` are not looked at.
 */
export function readContents(root: Use, left: ReadonlySet<Use> = new Set()): Contents {
  const found: Found = {
    unique: uniqueNames(),
    paths: new Set(),
    foreign: new Set(),
    weightsInState: 0,
    weightsInModules: 0,
    tensors: [],
    arrays: [],
    settings: [],
    optimizers: [],
  };
  const seen = new Set<PickleNode>();
  const pending: Visit[] = [{ ...OUTSIDE, use: root }];
  for (let visit = pending.pop(); visit !== undefined; visit = pending.pop()) {
    if (left.has(visit.use)) continue;
    const { node } = visit.use;
    const recipe = tensorRecipe(node);
    const array = recipe === undefined ? numpyArray(node) : undefined;
    if (recipe !== undefined) addTensor(found, visit, recipe);
    else if (array !== undefined) addArray(found, visit, array);
    else if (isScalar(node)) addSetting(found, visit, settingValue(node));
    else if (!seen.has(node)) {
      seen.add(node);
      addContainer(found, visit);
      const children = childrenOf(visit);
      for (let i = children.length - 1; i >= 0; i--) pending.push(children[i]);
    }
  }
  const { weightsInState, weightsInModules } = found;
  return {
    ...found,
    foreign: [...found.foreign].sort(),
    wholeModule: weightsInModules > 0 && weightsInState === 0,
  };
}

function addContainer(found: Found, visit: Visit): void {
  if (visit.depth > MAX_DEPTH)
    throw new SsmError('bad-file', `Values are nested deeper than ${MAX_DEPTH} levels.`, {
      place: `data.pkl, byte ${visit.use.start}`,
    });
  const foreign = foreignClass(visit.use.node);
  if (foreign !== undefined) found.foreign.add(foreign);
  const entries = mappingEntries(visit.use.node);
  if (entries === undefined || !isOptimizerState(entries)) return;
  const state = valueOf(entries, 'state')!;
  if (mappingEntries(state.node)!.length > 0)
    found.optimizers.push({
      path: [nameOf(visit.path), 'state'].filter((part) => part !== '').join('.'),
      use: state,
    });
}

function addTensor(found: Found, visit: Visit, recipe: TensorRecipe): void {
  const name = found.unique(nameOf(visit.path) || 'tensor');
  const stored = storedTensor(recipe, name);
  const info = { name, dtype: stored.dtype, shape: stored.shape, role: roleIn(visit) };
  found.tensors.push({ info, stored, use: visit.use });
  if (info.role !== 'model') return;
  if (visit.inModule) found.weightsInModules++;
  else found.weightsInState++;
}

function addArray(found: Found, visit: Visit, array: NumpyArray): void {
  const name = found.unique(nameOf(visit.path) || 'array');
  const { dtype, shape } = array.header;
  const role = visit.scope === 'optimizer' ? 'optimizer' : 'other';
  found.arrays.push({ info: { name, dtype: dtype!, shape, role }, array });
}

type Scalar = Extract<PickleNode, { kind: 'none' | 'bool' | 'int' | 'float' | 'str' }>;

function isScalar(node: PickleNode): node is Scalar {
  return ['none', 'bool', 'int', 'float', 'str'].includes(node.kind);
}

/** Undefined for integers beyond the safe ones. */
function settingValue(node: Scalar): SettingValue | undefined {
  if (node.kind === 'none') return null;
  if (node.kind === 'str') return textSetting(node.value);
  return node.kind === 'float' ? numberSetting(node.value) : node.value;
}

/** Two values under one path (keys 1 and "1") cannot be told apart by it: only the first is offered. */
function addSetting(found: Found, visit: Visit, value: SettingValue | undefined): void {
  if (visit.silent || value === undefined || visit.depth > MAX_SETTING_DEPTH) return;
  if (found.settings.length >= MAX_SETTINGS) return;
  const path = segments(visit.path);
  const identity = JSON.stringify(path);
  if (identity.length > LONGEST_SETTING || found.paths.has(identity)) return;
  found.paths.add(identity);
  found.settings.push({ path, value, use: visit.use });
}
