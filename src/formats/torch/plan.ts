import { SsmError } from '../../core/errors';
import type { CheckpointEdits, SettingEdit } from '../checkpoint';
import { checkTensorEdits, sameTensor, type NewTensor } from '../edits';
import { encodeGet, encodeInteger, encodePut } from '../pickle/encode';
import type { PickleNode, PickleProgram } from '../pickle/nodes';
import { Op } from '../pickle/opcodes';
import type { Replacement } from '../pickle/splice';
import type { Contents, TensorLeaf } from './contents';
import { keyChooser } from './storageKeys';
import { storageClass } from './storageTypes';
import { tensorPlace } from './storedTensor';
import { tensorCode } from './tensorCode';

/** What a rewrite changes: values of the pickle, and the storages that come with them. */
export interface Plan {
  readonly replacements: readonly Replacement[];
  /** New storages by key; a key of the old file means that its contents are replaced. */
  readonly storages: ReadonlyMap<string, NewStorage>;
  readonly droppedOptimizerStates: readonly string[];
}

/** A storage to write, and a tensor that it is for. */
export interface NewStorage {
  readonly name: string;
  readonly tensor: NewTensor;
}

/** Names of one and the same tensor object that get the same new contents, so that they go on being one object. */
interface Group {
  readonly leaves: [TensorLeaf, ...TensorLeaf[]];
  readonly tensor: NewTensor;
}

/** Plans the edits of a torch checkpoint. Edits that cannot be made are `bad-request`. */
export function planRewrite(
  program: PickleProgram,
  contents: Contents,
  storageKeys: Iterable<string>,
  edits: CheckpointEdits,
): Plan {
  const replacements = edits.settings.map((edit) => settingReplacement(contents, edit));
  const storages = new Map<string, NewStorage>();
  const chooseKey = keyChooser(program, storageKeys);
  let memoIndex = [...program.memo.keys()].reduce((highest, index) => Math.max(highest, index), -1);
  for (const { leaves, tensor } of groupEdits(contents, edits)) {
    const [first, ...others] = leaves;
    const key = chooseKey(first.stored, others.length === 0);
    storages.set(key, { name: first.info.name, tensor });
    const code = tensorCode(first.stored, tensor, key);
    if (others.length > 0) code.push(encodePut(++memoIndex));
    replacements.push({ start: first.use.start, end: first.use.end, pieces: code });
    for (const { use } of others)
      replacements.push({ start: use.start, end: use.end, pieces: [encodeGet(memoIndex)] });
  }
  const optimizers = edits.dropOptimizerState ? contents.optimizers : [];
  for (const { use } of optimizers)
    replacements.push({ start: use.start, end: use.end, pieces: [Uint8Array.of(Op.EMPTY_DICT)] });
  return { replacements, storages, droppedOptimizerStates: optimizers.map(({ path }) => path) };
}

function settingReplacement({ settings }: Contents, { path, value }: SettingEdit): Replacement {
  const place = `setting ${JSON.stringify(path.join('.'))}`;
  const identity = JSON.stringify(path);
  const found = settings.find((setting) => JSON.stringify(setting.path) === identity);
  if (found === undefined || !Number.isSafeInteger(found.value))
    throw new SsmError('bad-request', 'The file records no such whole number.', { place });
  if (!Number.isSafeInteger(value))
    throw new SsmError('bad-request', `${value} is not a whole number.`, { place });
  return { start: found.use.start, end: found.use.end, pieces: [encodeInteger(value)] };
}

/** The edited tensors in file order; names that stood for one object and get the same contents stay together. */
function groupEdits(contents: Contents, edits: CheckpointEdits): Group[] {
  const wanted = checkTensorEdits(
    contents.tensors.map(({ info }) => info),
    edits.tensors,
  );
  const groups: Group[] = [];
  const byObject = new Map<PickleNode, Group[]>();
  const leaves = contents.tensors.filter(({ info }) => wanted.has(info.name));
  for (const leaf of leaves.sort((a, b) => a.use.start - b.use.start)) {
    const tensor = wanted.get(leaf.info.name)!;
    checkWritable(leaf, tensor);
    const alike = byObject.get(leaf.use.node) ?? [];
    const same = alike.find((group) => sameTensor(group.tensor, tensor));
    if (same !== undefined) same.leaves.push(leaf);
    else {
      const group: Group = { leaves: [leaf], tensor };
      groups.push(group);
      byObject.set(leaf.use.node, [...alike, group]);
    }
  }
  return groups;
}

function checkWritable({ info, stored }: TensorLeaf, { dtype }: NewTensor): void {
  const place = tensorPlace(info.name);
  if (stored.dtype === 'quantized')
    throw new SsmError('bad-request', 'A quantized tensor cannot be edited.', { place });
  const typed = stored.recipe.rebuild.endsWith('_v3');
  if (dtype !== stored.dtype && !typed && storageClass(dtype) === undefined)
    throw new SsmError('bad-request', `torch has no storage class for ${dtype}.`, { place });
}
