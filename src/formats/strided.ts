/** Sizes and steps of a tensor over a storage, in elements. */
export interface Strided {
  readonly shape: readonly number[];
  readonly stride: readonly number[];
  readonly offset: number;
}

/** Number of elements; 1 for a scalar. Not a safe integer where the shape is absurd: check before use. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Strides of a row-major tensor without gaps, in elements. */
export function contiguousStride(shape: readonly number[]): number[] {
  const stride = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    stride[axis] = step;
    step *= Math.max(shape[axis], 1);
  }
  return stride;
}

/** Number of storage elements from the first to the last that the tensor touches; 0 if it has none. */
export function coveredElements({ shape, stride }: Strided): number {
  if (shape.includes(0)) return 0;
  return 1 + shape.reduce((last, size, axis) => last + (size - 1) * stride[axis], 0);
}

/** True if the elements lie row-major without gaps (axes of size 1 have no say). */
export function isContiguous({ shape, stride }: Strided): boolean {
  const expected = contiguousStride(shape);
  return shape.every((size, axis) => size <= 1 || stride[axis] === expected[axis]);
}

/**
 * Row-major copy of a strided tensor. `covered` holds the storage from the tensor's first element to its last,
 * `components` numbers an element.
 */
export function gather(
  covered: Float64Array,
  { shape, stride }: Strided,
  components: number,
): Float64Array {
  const count = elementCount(shape);
  const out = new Float64Array(count * components);
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let element = 0; element < count; element++) {
    for (let part = 0; part < components; part++)
      out[element * components + part] = covered[from * components + part]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += stride[axis];
      index[axis]++;
      if (index[axis] < shape[axis]) break;
      from -= stride[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return out;
}
