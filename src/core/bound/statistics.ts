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
}

/** The layer's own error on the recorded inputs. */
export interface LocalStatistics {
  readonly rms: Float64Array;
  readonly peak: number;
}
