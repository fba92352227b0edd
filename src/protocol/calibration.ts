import type { Evaluation } from './evaluation';

/** Parts of a calibrated compression that a person can leave out, in the order in which they are shown. */
export const calibrationParts = [
  'sequential',
  'skip',
  'mixing',
  'norms',
  'decoder',
  'offset',
] as const;
export type CalibrationPart = (typeof calibrationParts)[number];

/** What each part does, for a person. */
export const calibrationPartTitles: Readonly<Record<CalibrationPart, string>> = {
  sequential: 'each layer makes up for what the layers before it lost',
  skip: 'skip weights D fitted with the poles',
  mixing: 'map after a layer solved anew',
  norms: 'BatchNorm statistics follow',
  decoder: 'last map solved anew',
  offset: 'mean output kept',
};

/** What a refinement does, for a person: not a part that is done unasked, since it is slow. */
export const refinementTitle =
  'all of this adjusted together by gradient steps towards the outputs: slow, wants many sequences';

/** Sample data to calibrate a compression with and to judge it by. */
export interface CalibrationParams {
  readonly data: string;
  /** How the data is read; goes before what stands beside it. */
  readonly dataSettings?: Readonly<Record<string, string>>;
  /** Data to judge by. Without it a part of `data` is held out. */
  readonly test?: string;
  readonly testSettings?: Readonly<Record<string, string>>;
  /** How many sequences to calibrate with. */
  readonly sequences?: number;
  /** Parts to leave out; all others are done. */
  readonly without?: readonly CalibrationPart[];
  /** Whether what was changed is refined at the end. */
  readonly refine?: boolean;
}

/** One order of a trade-off, judged on held-out sequences. */
export interface CurvePoint {
  readonly order: number;
  readonly parameters: number;
  readonly evaluation: Evaluation;
}

/** What a calibrated compression did and what it kept. Errors are relative, in the sense of root mean squares. */
export interface CalibrationRecord {
  /** What the data was: file, number and size of its sequences. */
  readonly data: string;
  readonly sequences: number;
  /** What the sequences were drawn from, always by the same chance: so many, in a file of this SHA-256. */
  readonly drawn?: { readonly from: number; readonly sha256: string };
  readonly parts: readonly CalibrationPart[];
  /** What the outputs missed on sequences that were not fitted to, before and after a refinement. */
  readonly refined?: { readonly before: number; readonly after: number };
  readonly layers: readonly CalibratedLayerRecord[];
  /** Tensors outside the state-space layers that were changed too. */
  readonly changedTensors: readonly string[];
  /** The written file against the original, on sequences that were not calibrated with. */
  readonly evaluation: Evaluation;
  /** The orders tried on the way to a target, ascending; judged on the same sequences as the result. */
  readonly tried?: readonly CurvePoint[];
  /** Where orders of single layers were looked for. */
  readonly layersTried?: LayersTried;
}

/** How orders of single layers were looked for beside one order for all. Layers are in the order of `alone`. */
export interface LayersTried {
  /** The one order for all layers that keeps the tolerance. */
  readonly uniform: number;
  /** What the output misses when a layer alone has an order, relative, on held-out sequences. */
  readonly alone: readonly { readonly name: string; readonly orders: readonly LayerTrial[] }[];
  /** What was calibrated and judged with all layers together, in the order in which it was tried. */
  readonly tried: readonly {
    readonly orders: readonly number[];
    readonly parameters: number;
    /** Whether it keeps the tolerance. */
    readonly kept: boolean;
    readonly evaluation: Evaluation;
  }[];
  /** What the result has: the last of `tried` that keeps the tolerance, or one order where none does. */
  readonly taken: 'layers' | 'uniform';
}

export interface LayerTrial {
  readonly order: number;
  readonly outputError: number;
}

export interface CalibratedLayerRecord {
  readonly name: string;
  /** What the layer's outputs miss of the original's on sequences fitted to, and on others; null where there were none. */
  readonly fittedError: number;
  readonly heldOutError: number | null;
  /** The same after the map that follows, before and after that was solved anew. */
  readonly mixing?: { readonly before: number; readonly after: number };
}

/** What a compression by recorded inputs of the layers reached, in a network that is not known here. */
export interface RecordedRecord {
  readonly sequences: number;
  /** Relative errors of the layers' outputs for the recorded inputs: of sequences fitted to, and of others. */
  readonly layers: readonly {
    readonly name: string;
    readonly fittedError: number;
    readonly heldOutError: number;
  }[];
}
