import type { DType, TensorValues } from '../../src/formats/tensor';
import { seededNumbers } from './syntheticSystems';

/** float32 tensors below a prefix by role, with given contents or numbers between -1 and 1, the same at every call. */
export function someTensors(
  prefix: string,
  shapes: Readonly<Record<string, readonly number[]>>,
  contents: Readonly<Record<string, ArrayLike<number>>> = {},
  dtype: DType = 'float32',
): Map<string, TensorValues> {
  const next = seededNumbers(23);
  return new Map(
    Object.entries(shapes).map(([role, shape]) => {
      const name = prefix + role;
      const given = contents[role] as ArrayLike<number> | undefined;
      const length = shape.reduce((product, size) => product * size, 1);
      const values = Float64Array.from({ length }, (_, at) => Math.fround(given?.[at] ?? next()));
      return [name, { info: { name, shape, dtype, role: 'model' }, values }];
    }),
  );
}
