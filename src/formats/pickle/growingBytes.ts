/** Bytes that are appended to, without an object for each piece. */
export interface GrowingBytes {
  length(): number;
  append(bytes: Uint8Array): void;
  /** Leaves `count` zeros and returns where. */
  reserve(count: number): number;
  /** A copy of what there is. */
  bytes(): Uint8Array;
}

export function growingBytes(expected: number): GrowingBytes {
  let buffer = new Uint8Array(expected);
  let length = 0;
  const reserve = (count: number): number => {
    const at = length;
    length += count;
    if (length > buffer.length) {
      const larger = new Uint8Array(2 * length);
      larger.set(buffer);
      buffer = larger;
    }
    return at;
  };
  return {
    length: () => length,
    append(bytes) {
      const at = reserve(bytes.length);
      buffer.set(bytes, at);
    },
    reserve,
    bytes: () => buffer.slice(0, length),
  };
}
