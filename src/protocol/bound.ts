/**
 * What compressing a network can do to its output, and which layers do it. Every figure is labelled by what it is:
 * certified (every input), calibrated (inputs that meet recorded conditions), measured, or a first-order estimate. JSON:
 * null stands for "no bound".
 */
export interface BoundRecord {
  /** Positions, the most of a sequence that the bounds hold for. */
  readonly length: number;
  /** The bound of the norm of an input row that the certified bound rests on, where it needs one. */
  readonly inputBound?: number;
  /** The figures are root mean squares over positions, because there is an output at each. */
  readonly perPosition: boolean;
  readonly certified: BoundFigure;
  /** The same by the paper's certificate sqrt(L) h² of every layer. */
  readonly paper: BoundFigure;
  readonly calibrated?: CalibratedFigure;
  readonly measured?: MeasuredBound;
  readonly layers: readonly LayerContribution[];
  /** What changed outside the layers, as far as the bounds see it; 0 where nothing did. */
  readonly outside: { readonly certified: number | null; readonly calibrated?: number | null };
  /** What the shares of the layers rest on: the best evidence there is. */
  readonly rankedBy: BoundEvidence;
  /** In words, for a person. */
  readonly remarks: readonly string[];
}

export type BoundEvidence = 'certified' | 'calibrated' | 'measured';

export interface BoundFigure {
  readonly bound: number | null;
  /** What holds without looking at the layers: the largest outputs of both networks together, what norms leave of any error. */
  readonly trivial: number | null;
  /** The bound says no more than that. */
  readonly vacuous: boolean;
}

export interface CalibratedFigure extends BoundFigure {
  /** What the data was. */
  readonly data: string;
  /** Sequences whose maxima are the conditions, and the factor by which these were widened. */
  readonly sequences: number;
  readonly widened: number;
  /** Other sequences of the data, and how many of them meet the conditions. */
  readonly heldOut: number;
  readonly meeting: number;
}

/** Root mean squares over the sequences. */
export interface MeasuredBound {
  readonly sequences: number;
  readonly error: number;
  readonly output: number;
  /** The largest error of a sequence. */
  readonly largest: number;
  /** The sum of what the layers change one after another: not below the error. */
  readonly telescoping: number;
  /** The error that the adjoint predicts. */
  readonly firstOrder: number;
  /** What changed outside the layers. */
  readonly outside: number;
}

export interface LayerContribution {
  readonly name: string;
  /** Of the sum over the layers, by the evidence that ranks them. */
  readonly share: number;
  readonly certified: ContributionFactors;
  readonly calibrated?: ContributionFactors;
  readonly measured?: {
    /** What compressing it changes where those before it are compressed already. */
    readonly telescoping: number;
    /** What compressing it alone changes. */
    readonly alone: number;
    readonly firstOrder: number;
  };
}

/** Why a layer weighs what it weighs; contribution = local * downstream. */
export interface ContributionFactors {
  readonly contribution: number | null;
  readonly local: number | null;
  readonly downstream: number | null;
  readonly norm?: { readonly constant: number; readonly scale: number };
  readonly inputRow: number | null;
  readonly gain: number;
  readonly errorGain: number;
  readonly certificate: 'frobenius' | 'absolute-sum' | 'frequency' | 'h2' | 'recorded';
  readonly h2Error: number;
  readonly activation: number;
  readonly mixing: number | null;
  readonly blockGain: number | null;
}

export interface BoundParams {
  /** The compressed checkpoint. */
  readonly file: string;
  readonly against: string;
  readonly data?: string;
  readonly dataSettings?: Readonly<Record<string, string>>;
  /** Of the data, so many at most; half of them give the conditions, half check them. */
  readonly sequences?: number;
  /** Positions; by default those of the data or the model's own. */
  readonly length?: number;
  /** max ||u_k|| of an input row. */
  readonly inputBound?: number;
  readonly given?: Readonly<Record<string, string>>;
  readonly remembered?: Readonly<Record<string, string>>;
}

export interface BoundResult {
  readonly record: BoundRecord;
  readonly architecture: string;
  readonly notes: readonly string[];
  readonly seconds: number;
}

/** Whether a value parsed from JSON is a record of this kind; deep enough that every field shown can be trusted. */
export function isBoundRecord(value: unknown): value is BoundRecord {
  return (
    isObject(value) &&
    typeof value.length === 'number' &&
    typeof value.perPosition === 'boolean' &&
    isFigure(value.certified) &&
    isFigure(value.paper) &&
    (value.calibrated === undefined || isFigure(value.calibrated)) &&
    (value.measured === undefined ||
      (isObject(value.measured) && isFinite(value.measured.error))) &&
    Array.isArray(value.layers) &&
    value.layers.every(isContribution) &&
    ['certified', 'calibrated', 'measured'].some((one) => one === value.rankedBy) &&
    Array.isArray(value.remarks) &&
    value.remarks.every((one) => typeof one === 'string')
  );
}

function isFigure(value: unknown): boolean {
  return isObject(value) && isBound(value.bound) && typeof value.vacuous === 'boolean';
}

function isContribution(value: unknown): boolean {
  return (
    isObject(value) &&
    typeof value.name === 'string' &&
    isFinite(value.share) &&
    isObject(value.certified) &&
    isBound(value.certified.contribution) &&
    (value.calibrated === undefined ||
      (isObject(value.calibrated) && isBound(value.calibrated.contribution))) &&
    (value.measured === undefined ||
      (isObject(value.measured) && isFinite(value.measured.telescoping)))
  );
}

function isBound(value: unknown): boolean {
  return value === null || isFinite(value);
}

function isFinite(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
