import type { NumberSummary } from '../core/statistics/summary';
import type { HyperAnswers } from './worker';

/** What the checkpoint editor asks for beyond the header, since tensor values have to be read for it. */

export interface StatisticsParams {
  readonly file: string;
  /** Names of tensors; those that do not exist are answered with a fault. */
  readonly tensors: readonly string[];
  /** Names of the arrays of a file that has none. */
  readonly fields?: readonly string[];
}

/** Figures of a tensor's elements, or why they could not be read. */
export type TensorStatistics = { readonly name: string } & (
  { readonly summary: NumberSummary } | { readonly fault: string }
);

export interface LayerFiguresParams {
  readonly file: string;
  /** Names of layers. */
  readonly layers: readonly string[];
  readonly answers?: HyperAnswers;
  readonly fields?: readonly string[];
}

/** Figures of a layer's systems, or why there are none: a question is open, or a parameter makes no sense. */
export type LayerFigures = { readonly name: string } & (
  | {
      /** h² norm over the horizon, the root of the sum of squares over the channels. */
      readonly norm: number;
      /** Largest |λ| per step over all channels. */
      readonly slowest: number;
    }
  | { readonly fault: string }
);
