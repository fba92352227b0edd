import type { DType } from '../tensor';

/** torch's storage classes and the element type that each stands for. `UntypedStorage` counts bytes. */
const STORAGE_DTYPES = new Map<string, DType>([
  ['DoubleStorage', 'float64'],
  ['FloatStorage', 'float32'],
  ['HalfStorage', 'float16'],
  ['BFloat16Storage', 'bfloat16'],
  ['ComplexDoubleStorage', 'complex128'],
  ['ComplexFloatStorage', 'complex64'],
  ['ComplexHalfStorage', 'complex32'],
  ['LongStorage', 'int64'],
  ['IntStorage', 'int32'],
  ['ShortStorage', 'int16'],
  ['CharStorage', 'int8'],
  ['ByteStorage', 'uint8'],
  ['BoolStorage', 'bool'],
  ['QInt8Storage', 'quantized'],
  ['QInt32Storage', 'quantized'],
  ['QUInt8Storage', 'quantized'],
  ['QUInt4x2Storage', 'quantized'],
  ['QUInt2x4Storage', 'quantized'],
]);

/** `torch.<name>` element types, where torch's name is not ours. */
const TORCH_DTYPES = new Map<string, DType>([
  ['double', 'float64'],
  ['float', 'float32'],
  ['half', 'float16'],
  ['cdouble', 'complex128'],
  ['cfloat', 'complex64'],
  ['chalf', 'complex32'],
  ['long', 'int64'],
  ['int', 'int32'],
  ['short', 'int16'],
  ...[...new Set(STORAGE_DTYPES.values())].map((dtype): [string, DType] => [dtype, dtype]),
  ['float8_e4m3fn', 'float8_e4m3fn'],
  ['float8_e5m2', 'float8_e5m2'],
  ['uint64', 'uint64'],
  ['uint32', 'uint32'],
  ['uint16', 'uint16'],
]);

/** The element type of a storage class such as `torch.FloatStorage`; 'untyped' for raw bytes; undefined if unknown. */
export function storageDType(module: string, name: string): DType | 'untyped' | undefined {
  if (name === 'UntypedStorage') return 'untyped';
  return module.startsWith('torch') ? STORAGE_DTYPES.get(name) : undefined;
}

/** The element type that the global `torch.<name>` stands for. */
export function torchDType(module: string, name: string): DType | undefined {
  return module === 'torch' && name !== 'quantized' ? TORCH_DTYPES.get(name) : undefined;
}

/** The storage class for an element type; undefined where torch has none (8-bit floats, wide unsigned integers). */
export function storageClass(dtype: DType): string | undefined {
  if (dtype === 'quantized') return undefined;
  return [...STORAGE_DTYPES].find(([, stored]) => stored === dtype)?.[0];
}
