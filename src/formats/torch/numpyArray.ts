import { SsmError } from '../../core/errors';
import type { NpyHeader } from '../npy/header';
import { npyDtype } from '../npy/header';
import { decodeNpyData } from '../npy';
import {
  constructorName,
  itemAt,
  sequenceItems,
  type ObjectNode,
  type PickleNode,
} from '../pickle/nodes';
import { elementCount } from '../strided';

/** A NumPy array of plain numbers inside a pickle. */
export interface NumpyArray {
  readonly header: NpyHeader;
  /** Where its elements are: bytes of the pickle, or Latin-1 text, which protocols before 3 use. */
  readonly data: { readonly from: number; readonly to: number } | string;
}

const RECONSTRUCT =
  /^numpy\.(_?core\.multiarray\._reconstruct|_core\._multiarray_umath\._reconstruct)$/;

/**
 * The array that an object stands for: `_reconstruct(ndarray, (0,), b'b')` with the state (version, shape, dtype,
 * is_fortran, bytes). Undefined for anything else, arrays of objects included, and where the bytes do not fill the shape.
 */
export function numpyArray(node: PickleNode): NumpyArray | undefined {
  if (node.kind !== 'object' || !RECONSTRUCT.test(constructorName(node))) return undefined;
  const state = node.state?.node;
  if (state?.kind !== 'tuple' || state.items.length !== 5) return undefined;
  const [, shapeUse, typeUse, orderUse, dataUse] = state.items;
  const shape = shapeOf(shapeUse.node);
  const descr = typeUse.node.kind === 'object' ? descrOf(typeUse.node) : undefined;
  const data = contentsOf(dataUse.node);
  if (shape === undefined || descr === undefined || data === undefined) return undefined;
  const type = npyDtype(descr);
  const dataBytes = elementCount(shape) * (type.bytes ?? NaN);
  const length = typeof data === 'string' ? data.length : data.to - data.from;
  if (type.dtype === undefined || dataBytes !== length) return undefined;
  const fortranOrder = orderUse.node.kind === 'bool' && orderUse.node.value;
  return { header: { ...type, shape, fortranOrder, headerBytes: 0, dataBytes }, data };
}

/** The elements of such an array, row-major; complex as pairs. */
export function numpyValues(
  { header, data }: NumpyArray,
  pickle: Uint8Array,
  place: string,
): Float64Array {
  const bytes =
    typeof data === 'string'
      ? Uint8Array.from(data, (character) => latin1Byte(character, place))
      : pickle.subarray(data.from, data.to);
  return decodeNpyData(header, bytes, place);
}

function latin1Byte(character: string, place: string): number {
  const code = character.charCodeAt(0);
  if (code > 0xff) throw new SsmError('bad-file', 'Its elements are no bytes.', { place });
  return code;
}

function shapeOf(node: PickleNode): number[] | undefined {
  const sizes = (sequenceItems(node) ?? []).map((item) =>
    item.node.kind === 'int' ? (item.node.value ?? -1) : -1,
  );
  return node.kind === 'tuple' && sizes.length <= 64 && sizes.every((size) => size >= 0)
    ? sizes
    : undefined;
}

/** `numpy.dtype('f4', False, True)` with the state (version, '<', …). */
function descrOf(node: ObjectNode): string | undefined {
  const type = itemAt(node.args.node, 0)?.node;
  const order = itemAt(node.state?.node, 1)?.node;
  if (constructorName(node) !== 'numpy.dtype' || type?.kind !== 'str' || order?.kind !== 'str')
    return undefined;
  return order.value + type.value;
}

function contentsOf(node: PickleNode): NumpyArray['data'] | undefined {
  if (node.kind === 'bytes') return { from: node.from, to: node.to };
  if (constructorName(node) !== '_codecs.encode' || node.kind !== 'object') return undefined;
  const [text, encoding] = [0, 1].map((index) => itemAt(node.args.node, index)?.node);
  return text?.kind === 'str' && encoding?.kind === 'str' && encoding.value === 'latin1'
    ? text.value
    : undefined;
}
