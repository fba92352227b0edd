/** A value for {@link pack}; maps keep their order. */
export type Packed =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | Extension
  | readonly Packed[]
  | ReadonlyMap<string, Packed>;

export class Extension {
  constructor(
    readonly type: number,
    readonly data: Uint8Array,
  ) {}
}

/** msgpack by its specification, always in the widest form, so that it shares nothing with the code under test. */
export function pack(value: Packed): Uint8Array {
  if (value === null) return Uint8Array.of(0xc0);
  if (typeof value === 'boolean') return Uint8Array.of(value ? 0xc3 : 0xc2);
  if (typeof value === 'number') return packNumber(value);
  if (typeof value === 'string') {
    const bytes = Buffer.from(value);
    return Buffer.concat([counted(0xdb, bytes.length), bytes]);
  }
  if (value instanceof Uint8Array) return Buffer.concat([counted(0xc6, value.length), value]);
  if (value instanceof Extension)
    return Buffer.concat([counted(0xc9, value.data.length), Buffer.of(value.type), value.data]);
  if (value instanceof Map)
    return Buffer.concat([
      counted(0xdf, value.size),
      ...[...(value as ReadonlyMap<string, Packed>)].flatMap(([k, v]) => [pack(k), pack(v)]),
    ]);
  const items = value as readonly Packed[];
  return Buffer.concat([counted(0xdd, items.length), ...items.map(pack)]);
}

function packNumber(value: number): Uint8Array {
  const bytes = Buffer.alloc(9);
  if (Number.isInteger(value)) {
    bytes[0] = 0xd3;
    bytes.writeBigInt64BE(BigInt(value), 1);
  } else {
    bytes[0] = 0xcb;
    bytes.writeDoubleBE(value, 1);
  }
  return bytes;
}

function counted(code: number, count: number): Uint8Array {
  const bytes = Buffer.alloc(5);
  bytes[0] = code;
  bytes.writeUInt32BE(count, 1);
  return bytes;
}

/** An array as Flax packs it: extension 1 around (shape, name of the element type, elements). */
export function flaxArray(
  shape: readonly number[],
  type: string,
  data: ArrayBufferView,
): Extension {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  // msgpack's own packer takes the short forms here, as Flax's does.
  const body = Buffer.concat([
    Buffer.of(0x93, 0x90 + shape.length, ...shape, 0xa0 + type.length),
    Buffer.from(type),
    counted(0xc6, bytes.length),
    bytes,
  ]);
  return new Extension(1, body);
}

/** A map from plain objects, nested. */
export function tree(entries: Readonly<Record<string, Packed>>): ReadonlyMap<string, Packed> {
  return new Map(Object.entries(entries));
}
