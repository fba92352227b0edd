import type { Reason } from '../core/errors';
import type { CheckpointFormat } from '../formats/checkpoint';
import type { PaperHorizon } from '../core/solve/horizons';
import type { SolverId, TraceQuantity } from '../core/solve/solver';
import type {
  FileRecord,
  HyperRecord,
  LayerRecord,
  Provenance,
  Report,
  UntiedRecord,
} from './report';
import type { AllocationRecord } from './allocation';
import type { CalibrationRecord, RecordedRecord } from './calibration';
import type { BoundEvidence, BoundRecord } from './bound';
import type { EvaluateResult } from './evaluation';
import type { LayerFigures, TensorStatistics } from './inspection';
import type { LayerPanelQueries } from './layerCharts';
import type { CheckpointSummary, CurveResult, NetworkSummary } from './worker';

/**
 * What a webview asks of the extension host. The host keeps the model; the webview draws the whole of the newest state
 * and can be destroyed and made again at any time.
 */
export interface WebviewMethods<TTexts, TAction extends string> {
  /** First of all: in which words and which language to draw. */
  start: { params: null; result: { readonly texts: TTexts; readonly language: string } };
  /** Sends the state now and whenever it changes, as `state` events; answered when the webview is gone. */
  watch: { params: null; result: null };
  /** The person chose an action; `value` says of what, where that is open: an order, an index. */
  act: { params: { readonly action: TAction; readonly value?: number }; result: null };
  /** Lets the person save a file that the page made; answered when it is written or the person declined. */
  save: { params: SavedFile; result: null };
  /**
   * Asks what is not part of the state because it has to be computed: one of the questions that the page's `Queries`
   * name. Sends `progress` events; given up when the page cancels it or is hidden.
   */
  ask: { params: { readonly question: string; readonly params: unknown }; result: unknown };
}

/** What a page may ask: name → what it gives with the question, and what is answered. */
export type Queries<T> = { readonly [K in keyof T]: { params: unknown; result: unknown } };

/** A file to save. */
export interface SavedFile {
  /** What it holds; the host puts the name of the file that is shown before it. */
  readonly name: string;
  readonly extension: 'csv' | 'png';
  readonly content: string;
  readonly encoding: 'utf8' | 'base64';
}

/** Whether a message of a page is a file that can be saved under a harmless name. */
export function isSavedFile(value: unknown): value is SavedFile {
  if (typeof value !== 'object' || value === null) return false;
  const { name, extension, content, encoding } = value as Partial<Record<keyof SavedFile, unknown>>;
  return (
    typeof name === 'string' &&
    /^[a-z-]{1,40}$/.test(name) &&
    (extension === 'csv' || extension === 'png') &&
    typeof content === 'string' &&
    (encoding === 'utf8' || encoding === 'base64')
  );
}

export interface WebviewEvents<TState> {
  state: TState;
  /** How far the answer to a question is, 0 … 1. */
  progress: number;
}

/** A fault that is shown in the place of the contents. */
export interface ShownFault {
  readonly reason: Reason;
  readonly message: string;
  readonly place?: string;
}

interface Shown {
  readonly fileName: string;
  /** Grows with every reading of the file; the contents need not be drawn again while it stays. */
  readonly revision: number;
  /** The file changed or vanished since it was read. */
  readonly outdated: 'no' | 'changed' | 'deleted';
}

export type CheckpointState = Shown &
  (
    | { readonly kind: 'reading' }
    | { readonly kind: 'failed'; readonly fault: ShownFault }
    | {
        readonly kind: 'ready';
        readonly summary: CheckpointSummary;
        readonly hasReport: boolean;
        readonly canCompress: boolean;
        /** What compressions made of the layers: the one that made the file, then those that began with it, newest first. */
        readonly reductions: readonly KnownReduction[];
        /** What was computed since the file was read, for a page that is made again. */
        readonly statistics: readonly TensorStatistics[];
        readonly figures: readonly LayerFigures[];
      }
  );

/** A compression that made the file, or that began with it. */
export interface KnownReduction {
  /** Path of the report: by it the page says which one it means. */
  readonly path: string;
  /** Names of the report and of the file that it tells of. */
  readonly report: string;
  readonly result: string;
  readonly role: 'result' | 'source';
  /** The result changed after its report was written. */
  readonly stale: boolean;
  readonly layers: readonly ReducedLayer[];
}

export interface ReducedLayer {
  readonly name: string;
  readonly orderBefore: number;
  readonly orderAfter: number;
  readonly relativeError: number;
  readonly errorKind: 'certified' | 'estimated';
  /** Its part of the whole, 0 … 1, and of which whole: a bound of the output's error, or the sum of squared h² errors. */
  readonly share?: number;
  readonly shareOf: BoundEvidence | 'h2';
}

/** What the page of a checkpoint asks for. */
export interface CheckpointQueries extends LayerPanelQueries {
  statistics: {
    params: { readonly tensors: readonly string[] };
    result: readonly TensorStatistics[];
  };
  layerFigures: { params: { readonly layers: readonly string[] }; result: readonly LayerFigures[] };
  /** What the network around the layers is. */
  network: { params: null; result: NetworkSummary };
  /** Puts a text into the clipboard. */
  copy: { params: { readonly text: string }; result: null };
}

export type CheckpointAction =
  'compress' | 'answer' | 'openReport' | 'reload' | 'showLog' | 'reopen';

export type ReportState = Shown &
  (
    | { readonly kind: 'reading' }
    | { readonly kind: 'failed'; readonly fault: ShownFault }
    | { readonly kind: 'ready'; readonly report: ReportView }
  );

export type ReportAction = 'openResult' | 'openSource' | 'reopen' | 'reload' | 'showLog';

/** How a figure spreads over the channels of a layer. */
export interface Spread {
  readonly least: number;
  readonly lowerQuartile: number;
  readonly median: number;
  readonly upperQuartile: number;
  readonly greatest: number;
  /** Index of the channel with the greatest value. */
  readonly greatestAt: number;
}

/** A layer of a report, its hundreds of channels condensed. */
export interface LayerView extends Omit<LayerRecord, 'norm' | 'error' | 'systems'> {
  readonly absoluteError: number;
  readonly relativeError: number;
  readonly errorKind: 'certified' | 'estimated';
  /** Relative h² errors of the channels that have a norm above zero; undefined where there is none. */
  readonly spread?: Spread;
}

/**
 * What the solver minimised against its iterations, statistics over systems of the squared error in units of each
 * system: of its squared norm (`discrete-h2`), or of the value at the start (`continuous-H2`).
 */
export interface Convergence {
  readonly quantity: TraceQuantity;
  readonly all: ConvergenceCurve;
  /** Of the single layers that have a curve, where they are several. */
  readonly layers: readonly { readonly name: string; readonly curve: ConvergenceCurve }[];
}

/** One value for each iteration, the start first. Systems that ended earlier count with their last value. */
export interface ConvergenceCurve {
  readonly systems: number;
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** What the report view draws. */
export interface ReportView {
  readonly tool: Report['tool'];
  readonly createdAt: string;
  readonly source: FileRecord;
  readonly result: FileRecord;
  readonly format: CheckpointFormat;
  readonly order: number;
  readonly remove?: number;
  readonly horizon: number | null;
  readonly horizonFrom: Provenance;
  readonly solver: SolverId;
  readonly keepStaticGain?: boolean;
  readonly tau?: PaperHorizon;
  readonly parametersBefore: number;
  readonly parametersAfter: number;
  readonly layers: readonly LayerView[];
  /** Undefined where no solver iterated. */
  readonly convergence?: Convergence;
  /** Where the compression was calibrated with sample data. */
  readonly calibration?: CalibrationRecord;
  /** Where it was weighed by recorded inputs of the layers. */
  readonly recorded?: RecordedRecord;
  /** What the compression can do to the output, where the network around the layers is known. */
  readonly bound?: BoundRecord;
  /** Or why no bound was derived. */
  readonly noBound?: string;
  /** How the orders of the layers were found, where they were shared out. */
  readonly allocation?: AllocationRecord;
  /** What the tensors do not tell, and where it was read. */
  readonly hyperParameters: readonly HyperRecord[];
  /** Layers whose channels got poles of their own. */
  readonly untied: readonly UntiedRecord[];
  readonly settingsChanged: Report['settingsChanged'];
  readonly droppedOptimizerStates: readonly string[];
  readonly warnings: readonly string[];
  readonly timings: Report['timings'];
  readonly device: Report['device'];
}

/** What a trade-off panel draws. */
export interface CurveState extends CurveResult {
  /** The name by which the page finds it again when the window is reopened; of a page that is to stay. */
  readonly panel?: string;
  readonly fileName: string;
  /** A question stands before the page and hides its top. */
  readonly behind?: true;
  /** The order that the question is at. */
  readonly marked?: number;
}
/** And while its curve is being traced, or if it could not be. */
export interface TracingState extends Pick<CurveState, 'fileName' | 'behind'> {
  readonly tracing:
    { readonly fraction: number; readonly stage: string } | { readonly failed: string };
}
/** `stay`: the person turned to the page, which then stays open. */
export type CurveAction = 'compress' | 'stay';

/** What an evaluation panel draws. */
export interface EvaluationState extends EvaluateResult {
  readonly panel: string;
  readonly fileName: string;
  /** The name of the original that was run beside it. */
  readonly originalName?: string;
}
