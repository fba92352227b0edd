import type { PaperHorizon } from '../core/solve/horizons';
import type { SolverId } from '../core/solve/solver';
import type { CheckpointFormat, RecordedSetting } from '../formats/checkpoint';
import type { FamilyId, Tying } from '../families/family';
import type { TensorInfo } from '../formats/tensor';
import type { Provenance, Report } from './report';

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
}

/** An order that the whole checkpoint can be reduced to, and what would be left. */
export interface OrderChoice {
  readonly order: number;
  /** Parameters of the whole model at that order. */
  readonly parameters: number;
}

/** Everything the header of a checkpoint tells; no tensor value is read for it. */
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
  readonly horizon: { readonly steps: number; readonly from: Provenance };
  readonly notes: readonly string[];
}

/** How small: an order in the unit of `d_state`, or a share of the model's parameters to remove (0 … 1). */
export type CompressionTarget = { readonly order: number } | { readonly remove: number };

export interface CompressParams {
  readonly file: string;
  readonly output: string;
  readonly target: CompressionTarget;
  /** Steps; null for infinite; left out to take the recorded one or the default. */
  readonly horizon?: number | null;
  readonly solver: SolverId;
  /** Horizon of the continuous objective of `algorithm1`, and of no other solver; `L Delta` if left out. */
  readonly tau?: PaperHorizon;
  /** Replace existing output files. Only after the person said so. */
  readonly overwrite: boolean;
}

export interface CompressResult {
  readonly output: string;
  readonly reportPath: string;
  readonly report: Report;
}

/** What a running compression is at. May be dropped without harm. */
export interface CompressProgress {
  readonly stage: 'reading' | 'reducing' | 'writing' | 'checking';
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
  inspect: { params: { readonly file: string }; result: CheckpointSummary };
  compress: { params: CompressParams; result: CompressResult };
  /** Reads and checks a report file. */
  readReport: { params: { readonly file: string }; result: Report };
}

export type WorkerMethod = keyof WorkerMethods;

/** The events that a worker sends while a request runs: name → payload. */
export interface WorkerEvents {
  progress: CompressProgress;
}
