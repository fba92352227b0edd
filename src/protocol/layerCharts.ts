import type { CurveId, LayerDescription } from '../core/describe/describeLayer';
import type { BoundEvidence } from './bound';
import type { EngineRecord, EngineRequest } from './engines';
import type { HyperAnswers } from './worker';

/** What the panel of one layer asks for. All numbers are computed here; a page draws them. */
export interface LayerChartsParams {
  readonly file: string;
  readonly layer: string;
  /** One channel alone; left out: how all of them spread. */
  readonly channel?: number;
  /** A report of a compression that began with the file or made it: what it made of the layer is drawn beside. */
  readonly report?: string;
  readonly answers?: HyperAnswers;
  /** Names of the arrays of a file that has none. */
  readonly fields?: readonly string[];
  /** What may search beside the processor for errors at other orders; `auto` if left out. */
  readonly engine?: EngineRequest;
}

/** Values over an axis: of one channel, or median, quartiles and greatest over several. Zeros are left to the page. */
export interface ChartCurve {
  readonly id: CurveId | 'error';
  readonly value: readonly number[];
  readonly low?: readonly number[];
  readonly high?: readonly number[];
  readonly most?: readonly number[];
}

export interface ChartCurves {
  readonly x: readonly number[];
  readonly curves: readonly ChartCurve[];
}

/** Poles z = e^a and their log-poles a (per step), slowest first, and the channel of each. */
export interface ChartPoles {
  readonly re: readonly number[];
  readonly im: readonly number[];
  readonly logRe: readonly number[];
  readonly logIm: readonly number[];
  readonly channel: readonly number[];
}

export interface LayerCharts {
  /** Kernels, or the outputs of a system with matrices B and C. */
  readonly kind: LayerDescription['kind'];
  /** Quadratic outputs: only the linear part is drawn; the Hankel singular values are of the whole. */
  readonly linearPart: boolean;
  readonly channels: number;
  /** Of how many of them the spread is taken. */
  readonly sampled: number;
  readonly channel?: number;
  /** Steps; null for an infinite one. */
  readonly horizon: number | null;
  /** Steps shown of the impulse response. */
  readonly steps: number;
  readonly poles: { readonly original: ChartPoles; readonly reduced?: ChartPoles };
  readonly hankel: ChartCurves;
  readonly impulse: ChartCurves;
  readonly frequency: ChartCurves;
  /** Of the search that the report records: squared error over squared norm against its iterations. */
  readonly convergence?: ChartCurves;
  /** The channel with the greatest relative error in the report. */
  readonly worst?: { readonly channel: number; readonly error: number };
  /** What could not be drawn and why, for a person. */
  readonly notes: readonly string[];
}

/** The layer at one order. */
export interface LayerOrderPoint {
  readonly order: number;
  readonly slots: number;
  /** Of the whole model with this layer at the order and all others as they are. */
  readonly parameters: number;
  /** Relative h² error of the layer, or of the one channel. */
  readonly error: number;
  /** Median and greatest over the channels looked at. */
  readonly median?: number;
  readonly most?: number;
  /** What the layer would add to the output's error, in proportion to its h² error. */
  readonly contribution?: number;
}

export interface LayerCurve {
  /** The search was shorter than that of a compression, which reaches as good or better. */
  readonly shortened: boolean;
  readonly linearPart: boolean;
  readonly channels: number;
  readonly sampled: number;
  readonly channel?: number;
  readonly orderBefore: number;
  readonly parametersBefore: number;
  /** Ascending. */
  readonly points: readonly LayerOrderPoint[];
  /** What the report says of the layer. */
  readonly reported?: ReportedPoint;
  /** Which engine searched, and why. */
  readonly engine?: EngineRecord;
}

export interface ReportedPoint {
  readonly order: number;
  readonly error: number;
  readonly kind: 'certified' | 'estimated';
  readonly contribution?: { readonly value: number; readonly evidence: BoundEvidence };
}

/** The report is one of those that the host named to the page; without one, the first of them is drawn beside. */
export type AskedOfLayer = Pick<LayerChartsParams, 'layer' | 'channel' | 'report'>;

/** What is asked of the worker is asked of the host by the page, which need not know files and answers. */
export interface LayerPanelQueries {
  layerCharts: { params: AskedOfLayer; result: LayerCharts };
  layerCurve: { params: AskedOfLayer; result: LayerCurve };
}
