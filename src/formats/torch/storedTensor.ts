import { SsmError } from '../../core/errors';
import { bytesPerElement } from '../dtypes';
import {
  constructorName,
  globalName,
  itemAt,
  sequenceItems,
  type ObjectNode,
  type PersistentNode,
  type PickleNode,
  type TupleNode,
  type Use,
} from '../pickle/nodes';
import { contiguousStride, coveredElements, elementCount, type Strided } from '../strided';
import type { DType } from '../tensor';
import { storageDType, torchDType } from './storageTypes';

/** A tensor as the pickle describes it: a strided view of a storage. */
export interface StoredTensor extends Strided {
  readonly dtype: DType;
  readonly storage: Storage;
  /** Lazy views: the values are the conjugate or the negative of what the storage holds. */
  readonly conjugate: boolean;
  readonly negative: boolean;
  readonly recipe: TensorRecipe;
}

/** A storage as a persistent id declares it. */
export interface Storage {
  readonly key: string;
  readonly bytes: number;
  readonly reference: PersistentNode;
}

/** The call that makes a tensor, and the calls around it, outermost first (Parameter, tensor with attributes). */
export interface TensorRecipe {
  readonly rebuild: string;
  readonly args: TupleNode;
  readonly layers: readonly ObjectNode[];
}

const REBUILD = new Set([
  'torch._utils._rebuild_tensor',
  'torch._utils._rebuild_tensor_v2',
  'torch._utils._rebuild_tensor_v3',
  'torch._utils._rebuild_qtensor',
]);

const PARAMETER = new Set([
  'torch._utils._rebuild_parameter',
  'torch._utils._rebuild_parameter_with_state',
]);

const FROM_TYPE = 'torch._tensor._rebuild_from_type_v2';

/** The recipe if the value is a tensor that torch rebuilds from a storage, else undefined. */
export function tensorRecipe(node: PickleNode): TensorRecipe | undefined {
  const layers: ObjectNode[] = [];
  let inner: PickleNode | undefined = node;
  while (inner?.kind === 'object' && layers.length < 4) {
    layers.push(inner);
    const name = constructorName(inner);
    const args: PickleNode = inner.args.node;
    if (REBUILD.has(name)) return recipe(name, args, layers);
    if (name === FROM_TYPE) {
      const rebuild = globalName(itemAt(args, 0)?.node);
      return REBUILD.has(rebuild) ? recipe(rebuild, itemAt(args, 2)?.node, layers) : undefined;
    }
    inner = PARAMETER.has(name) ? itemAt(args, 0)?.node : undefined;
  }
  return undefined;
}

function recipe(
  rebuild: string,
  args: PickleNode | undefined,
  layers: readonly ObjectNode[],
): TensorRecipe | undefined {
  return args?.kind === 'tuple' ? { rebuild, args, layers } : undefined;
}

/**
 * The tensor that a recipe describes, with everything that can be checked without the storage's bytes: sizes are safe
 * integers, the view stays inside the storage it declares. Faults are `bad-file`; `name` is the tensor's, for messages.
 */
export function storedTensor(recipe: TensorRecipe, name: string): StoredTensor {
  const argument = (index: number): Use | undefined => itemAt(recipe.args, index);
  const shape = sizes(argument(2), name);
  const reference = storageReference(argument(0), name);
  const declared = storageOf(reference, name);
  const dtype = elementType(recipe, declared.dtype, name);
  const stride = sizes(argument(3), name);
  const offset = size(argument(1), name);
  if (stride.length !== shape.length) throw bad(name, 'It has not as many strides as sizes.');
  const metadata = argument(recipe.rebuild.endsWith('_v3') ? 7 : 6);
  const quantized = recipe.rebuild.endsWith('_qtensor');
  const tensor: StoredTensor = {
    dtype: quantized ? 'quantized' : dtype,
    shape,
    stride: shape.includes(0) ? contiguousStride(shape) : stride,
    offset,
    storage: { key: declared.key, bytes: declared.bytes, reference },
    conjugate: !quantized && flag(metadata, 'conj'),
    negative: !quantized && flag(metadata, 'neg'),
    recipe,
  };
  checkExtent(tensor, name);
  return tensor;
}

/** What a persistent id declares about a storage; its key and size are checked for form only. */
export function storageOf(
  { id }: PersistentNode,
  name: string,
): { key: string; dtype: DType | 'untyped'; bytes: number } {
  const [tag, type, key] = [0, 1, 2].map((index) => itemAt(id.node, index)?.node);
  if (tag?.kind !== 'str' || tag.value !== 'storage' || type?.kind !== 'global')
    throw bad(name, 'It refers to something outside the pickle that is no torch storage.');
  const dtype = storageDType(type.module, type.name);
  if (dtype === undefined)
    throw new SsmError('unsupported-file', `The storage type ${globalName(type)} is not known.`, {
      place: tensorPlace(name),
    });
  if (key?.kind !== 'str' || key.value === '') throw bad(name, 'Its storage has no key.');
  const elements = size(itemAt(id.node, 4), name);
  const bytes =
    dtype === 'untyped' || dtype === 'quantized' ? elements : elements * bytesPerElement(dtype);
  if (!Number.isSafeInteger(bytes)) throw bad(name, 'Its storage is absurdly large.');
  return { key: key.value, dtype, bytes };
}

function storageReference(use: Use | undefined, name: string): PersistentNode {
  if (use?.node.kind !== 'persistent') throw bad(name, 'It has no storage.');
  return use.node;
}

function elementType(recipe: TensorRecipe, storage: DType | 'untyped', name: string): DType {
  if (!recipe.rebuild.endsWith('_v3')) {
    if (storage === 'untyped') throw bad(name, 'Its storage has no element type.');
    return storage;
  }
  const node = itemAt(recipe.args, 6)?.node;
  const dtype = node?.kind === 'global' ? torchDType(node.module, node.name) : undefined;
  if (dtype === undefined)
    throw new SsmError('unsupported-file', 'Its element type is not known.', {
      place: tensorPlace(name),
    });
  return dtype;
}

function checkExtent(tensor: StoredTensor, name: string): void {
  const { dtype, shape, offset, storage } = tensor;
  if (!Number.isSafeInteger(elementCount(shape.filter((length) => length > 0))))
    throw bad(name, 'Its shape is absurdly large.');
  if (dtype === 'quantized') return;
  const end = (offset + coveredElements(tensor)) * bytesPerElement(dtype);
  if (coveredElements(tensor) > 0 && !(end <= storage.bytes))
    throw bad(name, `It reaches to byte ${end} of a storage of ${storage.bytes} bytes.`);
}

function sizes(use: Use | undefined, name: string): number[] {
  // torch.Size((2, 3)) stands for (2, 3) in files of some versions.
  const node = use?.node;
  const inner =
    node !== undefined && constructorName(node) === 'torch.Size' && node.kind === 'object'
      ? itemAt(node.args.node, 0)?.node
      : node;
  const items = inner === undefined ? undefined : sequenceItems(inner);
  if (items === undefined || items.length > 64) throw bad(name, 'Its shape is no tuple of sizes.');
  return items.map((item) => size(item, name));
}

function size(use: Use | undefined, name: string): number {
  const value = use?.node.kind === 'int' ? use.node.value : undefined;
  if (value === undefined || value < 0) throw bad(name, 'A size, stride or offset is no size.');
  return value;
}

function flag(metadata: Use | undefined, name: string): boolean {
  if (metadata?.node.kind !== 'dict') return false;
  return metadata.node.entries.some(
    ({ key, value }) =>
      key.node.kind === 'str' &&
      key.node.value === name &&
      value.node.kind === 'bool' &&
      value.node.value,
  );
}

/** Where a fault of a tensor is. */
export function tensorPlace(name: string): string {
  return `tensor ${JSON.stringify(name)}`;
}

function bad(name: string, message: string): SsmError {
  return new SsmError('bad-file', message, { place: tensorPlace(name) });
}
