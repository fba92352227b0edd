/**
 * What the original network did on sample sequences, step by step of its program: maxima over all of them, so that they
 * are conditions which another sequence meets or does not.
 */
export interface Statistics {
  readonly sequences: number;
  /** The longest. */
  readonly length: number;
  readonly steps: readonly StepStatistics[];
  /** The largest output norm; the root mean square over positions where there is one a position. */
  readonly output: number;
  /** The same of both networks' outputs together, where both were observed. */
  readonly outputs?: number;
}

/** Of the input of one step of the program. */
export interface StepStatistics {
  /** max ||s_k|| over positions. */
  readonly peak: number;
  /** State-space layers: the root mean square of every feature over the positions, and its energy, their sum of squares' root. */
  readonly rms?: Float64Array;
  readonly energies?: Float64Array;
  /** The same of what the difference of the kernels answers, by output, and the peak of its rows. */
  readonly local?: LocalStatistics;
  /** Layer norms: min over positions of sqrt(variance + epsilon). */
  readonly deviation?: number;
  /** Gates: max over positions of |a| of every feature of the half that is kept, and of |f(b)|. */
  readonly kept?: Float64Array;
  readonly activated?: Float64Array;
  /** The same and more of all signals that the error passes between, where both networks were observed. */
  readonly others?: OtherSignals;
  /** What a layer alone changes behind this step, the end of its block: before scales where it is a norm. */
  readonly block?: BlockStatistics;
  /** The sizes of both networks' signals there together: no difference is larger. */
  readonly sizes?: Sizes;
  /** What the last layer alone changes in the output. */
  readonly atOutput?: BlockStatistics;
}

/**
 * What the original network, the compressed one, and each layer's block with only the layer compressed or not meet at a
 * step. `near` is of the original and of the compressed layer on what the original one receives, `far` of their counterparts.
 */
export interface OtherSignals {
  /** Layer norms: min over positions of sqrt(variance + epsilon). */
  readonly near?: number;
  readonly far?: number;
  /** Activations, and the activated half of gates: least and greatest value of every feature. */
  readonly low?: Float64Array;
  readonly high?: Float64Array;
  /** Gates, as above. */
  readonly kept?: Float64Array;
  readonly activated?: Float64Array;
}

/** Root mean square over positions (Frobenius norm over features), and the largest row. */
export interface Sizes {
  readonly rms: number;
  readonly peak: number;
}

/** A difference: its root mean square over positions, Frobenius norm over features, and its largest row. */
export interface BlockStatistics {
  readonly layer: number;
  readonly rms: number;
  readonly peak: number;
}

/** The layer's own error on the recorded inputs. */
export interface LocalStatistics {
  readonly rms: Float64Array;
  readonly peak: number;
}
