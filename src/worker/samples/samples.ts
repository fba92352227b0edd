import type { Sequence } from '../../core/network/program';

/** Sequences for a model, read one by one as they are asked for, so that memory does not grow with their number. */
export interface Samples {
  readonly count: number;
  /** What was read, for a person: `300 sequences of 1024 × 3 from cifar.npz (test_x)`. */
  readonly description: string;
  readonly targets: Targets;
  /** Positions of sequence `index`, without reading it. Texts and padded tokens: at most. */
  lengthOf(index: number): number;
  /** Throws `bad-request` where a value is NaN or infinite or the sequence is empty. */
  sequence(index: number, signal?: AbortSignal): Promise<Sequence>;
  close(): Promise<void>;
}

/** What the outputs should be. */
export type Targets =
  | { readonly kind: 'none' }
  /** The class of every sequence. */
  | { readonly kind: 'labels'; readonly labels: Int32Array }
  /** A class at each of `length` positions of every sequence; negative and the first `warmUp` are not judged. */
  | {
      readonly kind: 'position-labels';
      readonly labels: Int32Array;
      readonly length: number;
      readonly warmUp: number;
    }
  /**
   * Numbers, laid out as the outputs: feature after feature, `width` of them at each of `length` positions, of which the
   * first `warmUp` are not judged.
   */
  | {
      readonly kind: 'values';
      readonly width: number;
      readonly length: number;
      readonly warmUp: number;
      of(index: number): Promise<Float64Array>;
    };
