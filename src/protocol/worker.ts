import type { AllocationWeights } from './allocation';
import type { BoundParams, BoundResult } from './bound';
import type { CalibrationParams } from './calibration';
import type { EngineRecord, EngineRequest, EngineTrial, SearchEngineId } from './engines';
import type { PaperHorizon } from '../core/solve/horizons';
import type { SolverId } from '../core/solve/solver';
import type { CheckpointFormat, FieldQuestion, RecordedSetting } from '../formats/checkpoint';
import type { FamilyId, Tying } from '../families/family';
import type { HyperOption, HyperSource, HyperValues } from '../families/hyperParameters';
import type { Configuration } from '../families/resolveHyperParameters';
import type { TensorInfo } from '../formats/tensor';
import type { EvaluateParams, EvaluateProgress, EvaluateResult, Evaluation } from './evaluation';
import type {
  LayerFigures,
  LayerFiguresParams,
  StatisticsParams,
  TensorStatistics,
} from './inspection';
import type { LayerCharts, LayerChartsParams, LayerCurve } from './layerCharts';
import type { Provenance, Report } from './report';
import type { RunSummary } from './runSummary';

/** Version of the messages below; both sides say theirs in `hello` and refuse another. */
export const protocolVersion = 1;

/** A layer as the header alone shows it. */
export interface LayerSummary {
  readonly name: string;
  readonly family: FamilyId;
  readonly familyTitle: string;
  readonly order: number;
  readonly slots: number;
  readonly channels: number;
  readonly tying: Tying;
  readonly parameters: number;
  /** Further facts that names and shapes tell: version, bidirectional, … */
  readonly facts: Readonly<Record<string, string>>;
  /** What the tensors do not tell, as far as it is known. */
  readonly hyper: readonly HyperSummary[];
  /** How the channels could have poles of their own, where the original code has a setting for it. */
  readonly untying?: UntyingSummary;
}

/** The value of a hyper-parameter and where it came from. */
export interface HyperSummary {
  readonly name: string;
  readonly title: string;
  readonly value: string;
  /** The value in words. */
  readonly label: string;
  readonly from: HyperSource;
  readonly where?: string;
}

export interface UntyingSummary {
  readonly setting: string;
  readonly value: number;
  readonly description: string;
}

/** An answer to a question. */
export interface QuestionOption extends HyperOption {
  /** Why it can hardly be meant: the layer would be unstable, say. */
  readonly implausible?: string;
}

/** A hyper-parameter that neither the file nor its configuration tells; without an answer nothing can be computed. */
export interface OpenQuestion {
  readonly name: string;
  readonly title: string;
  /** Empty where any whole number from 1 up is possible. */
  readonly options: readonly QuestionOption[];
  /** Any positive number is possible besides the options. */
  readonly positiveNumbers: boolean;
  /** What the original code does if nobody sets it. */
  readonly usual?: string;
  /** The layers that it concerns; all layers that have this hyper-parameter if `everywhere`. */
  readonly layers: readonly string[];
  readonly everywhere: boolean;
  /** What was found and why it is no answer. */
  readonly remarks: readonly string[];
}

/** Something that was recognised and cannot be reduced, and why. */
export interface RefusalSummary {
  /** The layers that are of this kind; none where the file as a whole is meant. */
  readonly names: readonly string[];
  /** Sentences for a person: what it is and why it is refused, and what to do instead where there is something. */
  readonly reason: string;
}

/** Answers of a person. Keys are `name`, or `layer:name` for one layer. */
export interface HyperAnswers {
  /** Said now: goes before whatever is recorded. */
  readonly given?: HyperValues;
  /** Said earlier for this file: counts where nothing is recorded. */
  readonly remembered?: HyperValues;
}

/** An order that the whole checkpoint can be reduced to, and what would be left. */
export interface OrderChoice {
  readonly order: number;
  /** Parameters of the whole model at that order. */
  readonly parameters: number;
}

/**
 * Everything the header of a checkpoint and the configurations beside it tell. Tensor values are read only to say which
 * readings of an open question are absurd.
 */
export interface CheckpointSummary {
  readonly path: string;
  readonly bytes: number;
  readonly format: CheckpointFormat;
  readonly tensors: readonly TensorInfo[];
  readonly layers: readonly LayerSummary[];
  /** Parameters of the model: elements of its tensors, optimizer states not counted. */
  readonly parameters: number;
  /** Ascending; ends below the present order. Empty when there is no layer to reduce. */
  readonly choices: readonly OrderChoice[];
  readonly settings: readonly RecordedSetting[];
  /** The configurations beside the file, nearest first. */
  readonly configurations: readonly Configuration[];
  readonly questions: readonly OpenQuestion[];
  readonly refusals: readonly RefusalSummary[];
  /** What has to be confirmed before a file without names can be compressed. */
  readonly fieldQuestion?: FieldQuestion;
  readonly horizon: { readonly steps: number; readonly from: Provenance };
  readonly notes: readonly string[];
  /** Changes when the tensors' names, types or shapes do; answers are remembered under it. */
  readonly fingerprint: string;
}

/** The network in a checkpoint as far as names, shapes, settings and answers tell; or why it is not known. */
export type NetworkSummary =
  | {
      readonly architecture: string;
      /** What it takes, for a person: `3 features a position`. */
      readonly input: string;
      /** What is open, of the network and of its layers; without answers it cannot be run. */
      readonly questions: readonly OpenQuestion[];
    }
  | { readonly reason: string };

/**
 * How small: an order in the unit of `d_state`, a share of the model's parameters to remove (0 … 1), or the smallest order
 * that keeps what sample data shows (`ToleranceTarget`) or what is proved (`BoundTarget`).
 */
export type CompressionTarget = SizeTarget | ToleranceTarget | BoundTarget;

export type SizeTarget = { readonly order: number } | { readonly remove: number };

/** At most this loss of accuracy (0.01 is one point), or at most this relative error of the output, on held-out data. */
export type ToleranceTarget = { readonly accuracyLoss: number } | { readonly outputError: number };

/**
 * At most this certified relative h² error of every layer, without sample data. Or the fewest parameters for which the
 * error of the network's output, in the output's own unit, is at most this by the evidence of `allocate`: certified if
 * left out.
 */
export type BoundTarget = { readonly layerError: number } | { readonly outputBound: number };

export interface CompressParams {
  readonly file: string;
  readonly output: string;
  readonly target: CompressionTarget;
  /** Steps; null for infinite; left out to take the recorded one or the default. */
  readonly horizon?: number | null;
  readonly solver: SolverId;
  /** Horizon of the continuous objective of `algorithm1`, and of no other solver; `L Delta` if left out. */
  readonly tau?: PaperHorizon;
  /** What the person says of hyper-parameters that the file does not tell. */
  readonly answers?: HyperAnswers;
  /** Names of the arrays of a file that has none, in its order. */
  readonly fields?: readonly string[];
  /** Orders of single layers by name, in the place of the target's. */
  readonly layerOrders?: Readonly<Record<string, number>>;
  /**
   * Share the states (of an order) or the parameters (of a share to remove, or the fewest for an output error) out over
   * the layers by this kind of evidence; layers then are stored at orders of their own.
   */
  readonly allocate?: AllocationWeights;
  /** Write each layer at its own order with a script that loads the result, in the place of padding to the largest. */
  readonly exactSizes?: boolean;
  /** Choose weights that keep every kernel's static gain; without sample data only, which tells more than that. */
  readonly keepStaticGain?: boolean;
  /** Look for orders of single layers that keep a tolerance or a bound of layers with less; sizes are exact where they do. */
  readonly perLayer?: boolean;
  /** Give each channel poles of its own where the original code has a setting for it. */
  readonly untie?: boolean;
  /** Sample data to calibrate with; without it the h² error decides alone. */
  readonly calibration?: CalibrationParams;
  /** Or inputs of the layers, recorded in the live model: for networks that are not known here. */
  readonly recorded?: string;
  /** What may compute beside the processor; `auto` if left out. */
  readonly engine?: EngineRequest;
  /** Replace existing output files. Only after the person said so. */
  readonly overwrite: boolean;
}

/** What is asked for a trade-off curve. */
export interface CurveParams extends Pick<
  CompressParams,
  'file' | 'answers' | 'fields' | 'untie' | 'allocate' | 'horizon' | 'engine'
> {
  /** Sample data to measure by; without it h² errors of the layers are estimated. */
  readonly calibration?: CalibrationParams;
  /** Orders to try; left out: a few from the smallest up. With `allocate` sizes are found. */
  readonly orders?: readonly number[];
}

/** A size that a model could be compressed to, and what is known of it. */
export interface TradeoffPoint {
  /** Of all layers; where they have orders of their own, about the largest of these. */
  readonly order: number;
  readonly parameters: number;
  /** With sample data: calibrated, and measured on held-out sequences. */
  readonly evaluation?: Evaluation;
  /** Without: the greatest relative h² error of a layer, estimated. */
  readonly layerError?: number;
  /** Of orders shared out over the layers: which. */
  readonly layerOrders?: Readonly<Record<string, number>>;
  /** And the error of the output that their weights foretell: relative where sample data tells its size, else in its unit. */
  readonly foretoldError?: number;
  readonly foretoldBound?: number;
}

export interface CurveResult {
  /** Ascending in the order, or, where orders are shared out, in the parameters. */
  readonly points: readonly TradeoffPoint[];
  readonly parametersBefore: number;
  readonly orderBefore: number;
  readonly notes: readonly string[];
  /** Which engine searched, and why. */
  readonly engine?: EngineRecord;
  readonly seconds: number;
}

export interface CompressResult {
  readonly output: string;
  readonly reportPath: string;
  readonly report: Report;
  /** The script that loads a result of exact sizes. */
  readonly loaderPath?: string;
  /** The fingerprint of the result, under which answers can be remembered. */
  readonly fingerprint: string;
}

/** What a running compression is at. May be dropped without harm. */
export interface CompressProgress {
  readonly stage: 'reading' | 'reducing' | 'writing' | 'checking' | 'evaluating';
  /** 0 … 1 over the whole run. */
  readonly fraction: number;
  readonly layersDone: number;
  readonly layersTotal: number;
  /** The layer at work. */
  readonly layer?: string;
  /** Relative h² error so far, over the systems done (estimated). */
  readonly relativeError?: number;
  readonly secondsLeft?: number;
}

/** The requests that a worker answers: name → [params, result]. */
export interface WorkerMethods {
  hello: {
    params: { readonly protocolVersion: number };
    result: { readonly pid: number; readonly node: string; readonly threads: number };
  };
  inspect: {
    params: {
      readonly file: string;
      readonly answers?: HyperAnswers;
      /** Names of the arrays of a file that has none. */
      readonly fields?: readonly string[];
    };
    result: CheckpointSummary;
  };
  /** Figures of tensors' elements, in the order asked for. Sends the event `share`. */
  statistics: { params: StatisticsParams; result: readonly TensorStatistics[] };
  /** Norms and slowest modes of layers, in the order asked for. Sends the event `share`. */
  layerFigures: { params: LayerFiguresParams; result: readonly LayerFigures[] };
  /** What the charts of one layer show; reads only its tensors. */
  layerCharts: { params: LayerChartsParams; result: LayerCharts };
  /** Error against order of one layer. Sends the event `share`. */
  layerCurve: { params: LayerChartsParams; result: LayerCurve };
  compress: { params: CompressParams; result: CompressResult };
  /** What several sizes would lose: calibrated and measured, estimated, or foretold. Writes nothing. Sends the event `progress`. */
  curve: { params: CurveParams; result: CurveResult };
  /** Measures a model on sample data; sends the event `evaluated`. */
  evaluate: { params: EvaluateParams; result: EvaluateResult };
  /** Bounds and attribution of a compressed model's output error; sends the event `evaluated`. */
  bound: { params: BoundParams; result: BoundResult };
  /** What the network around the layers is, and what must be known to run it. */
  describeNetwork: {
    params: { readonly file: string; readonly answers?: HyperAnswers };
    result: NetworkSummary;
  };
  /** The Python script that records what the layers receive in the live model. */
  recordScript: {
    params: { readonly file: string; readonly fields?: readonly string[] };
    result: { readonly script: string };
  };
  /** Whether a recording that the script made fits a checkpoint, and how much it holds. */
  describeRecording: {
    params: {
      readonly file: string;
      readonly recorded: string;
      readonly fields?: readonly string[];
    };
    result: { readonly sequences: number; readonly longest: number };
  };
  /** Installs an engine's package into a folder and tries it. Sends the event `line`. */
  installEngine: {
    params: { readonly engine: SearchEngineId; readonly folder: string };
    result: EngineTrial;
  };
  /** Reads and checks a report file. */
  readReport: { params: { readonly file: string }; result: Report };
  /** The same, condensed for lists: a report may be large, its summary is not. */
  summariseReport: { params: { readonly file: string }; result: RunSummary };
}

export type WorkerMethod = keyof WorkerMethods;

/** The events that a worker sends while a request runs: name → payload. */
export interface WorkerEvents {
  progress: CompressProgress;
  evaluated: EvaluateProgress;
  /** How much of a request is done, 0 … 1. */
  share: number;
  /** What a program says that is run. */
  line: string;
}
