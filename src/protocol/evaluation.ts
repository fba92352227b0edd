/** A measured value with the ends of its 95 % confidence interval; null stands for infinity. */
export interface MeasuredFigure {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** What is measured of a model's outputs. */
export type MeasureId = 'accuracy' | 'loss' | 'auc' | 'nrmse';

/** One measure of the model, of the original where there is one, and the difference of the two on the same samples. */
export interface Measure {
  readonly id: MeasureId;
  /** Independent samples (sequences) that it rests on. */
  readonly samples: number;
  readonly model: MeasuredFigure;
  readonly original?: MeasuredFigure;
  /** The model's minus the original's, paired. */
  readonly difference?: MeasuredFigure;
}

/** How often each class was predicted, and how often it is the label. */
export interface PredictionBalance {
  readonly model: readonly number[];
  readonly original?: readonly number[];
  readonly labels?: readonly number[];
}

/** How a model does on sample data, and how far it is from the original. JSON. */
export interface Evaluation {
  /** What the data was: file, number and size of the sequences. */
  readonly data: string;
  /** Sequences judged. */
  readonly sequences: number;
  readonly measures: readonly Measure[];
  /** Share of the sequences of which model and original predict the same class. */
  readonly agreement?: MeasuredFigure;
  /** Relative error ‖ŷ - y‖ / ‖y‖ of the output over all sequences. */
  readonly outputError?: MeasuredFigure;
  /** The same of the output of every state-space layer, each in its own network. */
  readonly layers?: readonly { readonly name: string; readonly error: MeasuredFigure }[];
  readonly balance?: PredictionBalance;
}

export interface EvaluateParams {
  readonly file: string;
  readonly data: string;
  /** How the data is read; goes before what stands beside it. */
  readonly dataSettings?: Readonly<Record<string, string>>;
  /** The model that `file` was made from. */
  readonly against?: string;
  /** What the person says of hyper-parameters, of both files. */
  readonly given?: Readonly<Record<string, string>>;
  readonly remembered?: Readonly<Record<string, string>>;
  /** Leave out the sequences that the model was calibrated with, by the report beside it. */
  readonly heldOut?: boolean;
}

export interface EvaluateResult {
  readonly evaluation: Evaluation;
  /** What the network is: `state-spaces example.py (S4Model)`. */
  readonly architecture: string;
  readonly notes: readonly string[];
  /** Where the model was calibrated with a part of this data: how many of the judged sequences were in it. */
  readonly seen?: SeenRecord;
  readonly seconds: number;
}

/** What the model knows of the data that it was judged by. */
export interface SeenRecord {
  readonly calibratedWith: number;
  /** Whether the other sequences decided which order was taken. */
  readonly chosenOn: boolean;
}

/** What a running evaluation is at. May be dropped without harm. */
export interface EvaluateProgress {
  readonly sequencesDone: number;
  readonly sequencesTotal: number;
}
