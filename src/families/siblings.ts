import type { DType, TensorInfo } from '../formats/tensor';

/** The tensors of a checkpoint by name. */
export type Tensors = ReadonlyMap<string, TensorInfo>;

/**
 * The prefixes (with their separator, `model.layers.0.kernel.` or `params/layers_0/seq/`) below which a tensor of this
 * name stands, in file order. Moments of the optimizer do not count.
 */
export function prefixesOf(tensors: Tensors, marker: string): string[] {
  const prefixes: string[] = [];
  for (const { name, role } of tensors.values()) {
    if (role === 'optimizer' || !name.endsWith(marker)) continue;
    const prefix = name.slice(0, -marker.length);
    if (prefix === '' || prefix.endsWith('.') || prefix.endsWith('/')) prefixes.push(prefix);
  }
  return prefixes;
}

/** A layer's tensors by role, from a prefix; undefined where one of them is missing. */
export function siblings<Role extends string>(
  tensors: Tensors,
  prefix: string,
  roles: readonly Role[],
): Record<Role, TensorInfo> | undefined {
  const found: Partial<Record<Role, TensorInfo>> = {};
  for (const role of roles) {
    const info = tensors.get(prefix + role);
    if (info === undefined || info.role === 'optimizer') return undefined;
    found[role] = info;
  }
  return found as Record<Role, TensorInfo>;
}

/** The names of tensors by role. */
export function namesOf(found: Readonly<Record<string, TensorInfo>>): Record<string, string> {
  return Object.fromEntries(Object.entries(found).map(([role, { name }]) => [role, name]));
}

export function isComplex(dtype: DType): boolean {
  return dtype.startsWith('complex');
}

/** The shape of a tensor of complex numbers, stored as such or as pairs in a last dimension of 2; else undefined. */
export function complexShape({ dtype, shape }: TensorInfo): readonly number[] | undefined {
  if (isComplex(dtype)) return shape;
  return shape.at(-1) === 2 ? shape.slice(0, -1) : undefined;
}

/** Whether a tensor has this shape; with `undefined` any size will do in its place. */
export function hasShape(
  shape: readonly number[] | undefined,
  expected: readonly (number | undefined)[],
): boolean {
  return (
    shape?.length === expected.length &&
    shape.every((size, i) => size > 0 && (expected[i] ?? size) === size)
  );
}

/** The shape of a tensor of complex numbers with new sizes, stored as the tensor is. */
export function storedComplexShape(info: TensorInfo, shape: readonly number[]): number[] {
  return isComplex(info.dtype) ? [...shape] : [...shape, 2];
}

/** The name of the layer whose tensors begin with a prefix, the family's own part left out: `blocks.0.lru`. */
export function layerName(prefix: string, own: string): string {
  const place = prefix.replace(/[./]$/, '');
  if (place === '') return own;
  const tail = place.slice(-own.length - 1);
  return tail === `.${own}` || tail === `/${own}` ? place.slice(0, -own.length - 1) : place;
}

/** The name of the layer whose tensors begin with a prefix, for families without a part of their own in it. */
export function placeName(prefix: string, atTop: string): string {
  return prefix.replace(/[./]$/, '') || atTop;
}
