import { SsmError } from '../../core/errors';
import { encodeTensor, type NewTensor } from '../edits';
import { concatenate } from '../memory';

/** Flax splits arrays beyond this into chunks. */
const LARGEST_ARRAY = 2 ** 30;

/** An array as Flax stores it: extension 1 (3 for a NumPy scalar) around (shape, element type, elements). */
export function encodeNdArray(name: string, tensor: NewTensor, extension: 1 | 3): Uint8Array {
  const elements = encodeTensor(name, tensor, true);
  if (elements.length > LARGEST_ARRAY)
    throw new SsmError('bad-request', 'The new array is too large for one msgpack value.', {
      place: `tensor ${JSON.stringify(name)}`,
    });
  if (tensor.shape.length > 15) throw new SsmError('bad-request', 'It has too many axes.');
  const body = concatenate([
    Uint8Array.of(0x93, 0x90 + tensor.shape.length),
    ...tensor.shape.map(encodeInteger),
    Uint8Array.of(0xa0 + tensor.dtype.length),
    new TextEncoder().encode(tensor.dtype),
    withLength(0xc6, elements.length),
    elements,
  ]);
  return concatenate([withLength(0xc9, body.length), Uint8Array.of(extension), body]);
}

/** A safe integer. */
export function encodeInteger(value: number): Uint8Array {
  if (value >= 0 && value <= 0x7f) return Uint8Array.of(value);
  const bytes = new Uint8Array(9);
  bytes[0] = 0xd3;
  new DataView(bytes.buffer).setBigInt64(1, BigInt(value));
  return bytes;
}

function withLength(code: number, length: number): Uint8Array {
  const bytes = new Uint8Array(5);
  bytes[0] = code;
  new DataView(bytes.buffer).setUint32(1, length);
  return bytes;
}
