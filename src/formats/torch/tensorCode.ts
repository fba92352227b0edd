import { bytesPerElement } from '../dtypes';
import type { NewTensor } from '../edits';
import { encodeGlobal, encodeInteger, encodeSizes, encodeString } from '../pickle/encode';
import { globalName, sequenceItems, type ObjectNode, type Use } from '../pickle/nodes';
import { Op } from '../pickle/opcodes';
import type { Piece } from '../pickle/splice';
import { contiguousStride, elementCount } from '../strided';
import type { DType } from '../tensor';
import { storageClass } from './storageTypes';
import type { StoredTensor, TensorRecipe } from './storedTensor';

/**
 * Pickle code for a new tensor in the place of a stored one: the same calls with the same further arguments (gradient
 * flag, hooks, wrapping Parameter, attributes), but another size, contiguous strides, and the storage `key`.
 */
export function tensorCode(stored: StoredTensor, tensor: NewTensor, key: string): Piece[] {
  return layerCode(stored.recipe, 0, argumentsCode(stored, tensor, key));
}

/** The call at `level`, with the next inner call, or the arguments of the innermost, replaced. */
function layerCode(recipe: TensorRecipe, level: number, innermost: readonly Piece[]): Piece[] {
  const node = recipe.layers[level];
  const argument = (item: Use): readonly Piece[] => {
    if (item.node === recipe.args) return innermost;
    return item.node === recipe.layers.at(level + 1)
      ? layerCode(recipe, level + 1, innermost)
      : [item];
  };
  const args =
    node.args.node === recipe.args
      ? innermost
      : tuple((sequenceItems(node.args.node) ?? []).map(argument));
  return [node.callable, ...args, Uint8Array.of(Op.REDUCE), ...stateCode(node)];
}

function stateCode({ state }: ObjectNode): Piece[] {
  return state === undefined ? [] : [state, Uint8Array.of(Op.BUILD)];
}

/** (storage, offset, size, stride, requires_grad, hooks, [dtype], [metadata]); lazy flags do not outlive new values. */
function argumentsCode(stored: StoredTensor, tensor: NewTensor, key: string): Piece[] {
  const { args, rebuild } = stored.recipe;
  const typed = rebuild.endsWith('_v3');
  const rest = args.items.slice(4, 6).map((item): Piece[] => [item]);
  const dtype: Piece[][] = typed ? [dtypeCode(args.items[6], stored.dtype, tensor.dtype)] : [];
  const metadata = stored.conjugate || stored.negative ? [] : args.items.slice(typed ? 7 : 6);
  return tuple([
    storageCode(stored, tensor, key, typed),
    [encodeInteger(0)],
    [encodeSizes(tensor.shape)],
    [encodeSizes(contiguousStride(tensor.shape))],
    ...rest,
    ...dtype,
    ...metadata.map((item): Piece[] => [item]),
  ]);
}

/** ('storage', class, key, device, numel) as a persistent id. */
function storageCode(
  stored: StoredTensor,
  tensor: NewTensor,
  key: string,
  typed: boolean,
): Piece[] {
  const [tag, type, oldKey, device] = sequenceItems(stored.storage.reference.id.node)!;
  const untyped = globalName(type.node).endsWith('.UntypedStorage');
  const elements = elementCount(tensor.shape);
  const numel = untyped ? elements * bytesPerElement(tensor.dtype) : elements;
  const changed = !typed && tensor.dtype !== stored.dtype;
  return [
    ...tuple([
      [tag],
      [changed ? encodeGlobal('torch', storageClass(tensor.dtype) ?? '') : type],
      [key === stored.storage.key ? oldKey : encodeString(key)],
      [device],
      [encodeInteger(numel)],
    ]),
    Uint8Array.of(Op.BINPERSID),
  ];
}

function dtypeCode(old: Use, stored: DType, dtype: DType): Piece[] {
  return [stored === dtype ? old : encodeGlobal('torch', dtype)];
}

function tuple(items: readonly (readonly Piece[])[]): Piece[] {
  return [Uint8Array.of(Op.MARK), ...items.flat(), Uint8Array.of(Op.TUPLE)];
}
