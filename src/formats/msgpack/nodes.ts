import type { DType } from '../tensor';

/** A msgpack value and the bytes [start, end) that it takes. Long contents are not held, only located. */
export type MsgpackNode = { readonly start: number; readonly end: number } & (
  | { readonly kind: 'map'; readonly entries: readonly (readonly [string, MsgpackNode])[] }
  | { readonly kind: 'list'; readonly items: readonly MsgpackNode[] }
  | { readonly kind: 'leaf'; readonly value: number | string | boolean | null }
  /** Integers beyond the safe ones, bytes, dates, complex numbers, other extensions: kept as they are. */
  | { readonly kind: 'opaque' }
  | NdArray
);

/** An array as Flax stores it (extension 1, or 3 for a NumPy scalar); its elements lie at [from, to). */
export interface NdArray {
  readonly kind: 'ndarray';
  readonly extension: 1 | 3;
  /** Undefined for an element type that is not known here; `typeName` is Flax's name of it. */
  readonly dtype: DType | undefined;
  readonly typeName: string;
  readonly shape: readonly number[];
  readonly from: number;
  readonly to: number;
}
