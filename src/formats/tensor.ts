/** Element types of the formats. Complex elements are pairs (re, im). */
export type DType =
  | 'float64'
  | 'float32'
  | 'float16'
  | 'bfloat16'
  | 'float8_e4m3fn'
  | 'float8_e5m2'
  | 'complex128'
  | 'complex64'
  | 'complex32'
  | 'int64'
  | 'int32'
  | 'int16'
  | 'int8'
  | 'uint64'
  | 'uint32'
  | 'uint16'
  | 'uint8'
  | 'bool'
  | 'quantized';

/** What a tensor is to the file: a weight of the model, a moment of the optimizer, or something else. */
export type TensorRole = 'model' | 'optimizer' | 'other';

/** A tensor as the header declares it. `name` is unique in the file; it is a hostile string and only ever shown. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly role: TensorRole;
}

/** The elements of one tensor in row-major order, as float64 whatever the file stores; complex as re, im, re, im, … */
export interface TensorValues {
  readonly info: TensorInfo;
  readonly values: Float64Array;
}
