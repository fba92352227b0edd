import type { RecordedSetting } from '../formats/checkpoint';

/** What a hyper-parameter can be: the spelling of the original code, as text (`zoh`, `true`, `1024`). */
export type HyperValue = string;

/**
 * Something that changes what a model computes and that its tensors do not tell: the discretisation of S4D, whether a
 * network is pre-norm, … (formats reference 0.3). It is read from the file's own settings, else from the configuration
 * beside it, else the person is asked. It is never guessed.
 */
export interface HyperParameter {
  /** Unique among those of a family or architecture; also the key of `--set name=value` on the command line. */
  readonly name: string;
  /** The question, for a person: `Discretisation`. */
  readonly title: string;
  /** What is possible, in the order offered; empty where any whole number from 1 up is. */
  readonly options: readonly HyperOption[];
  /** Whether any positive number is possible besides the options. */
  readonly positiveNumbers?: boolean;
  /** The names under which settings and configurations record it. */
  readonly settings: readonly string[];
  /** The value for what a setting records; undefined where the record says nothing of use. Default: its text. */
  readonly parse?: (recorded: RecordedSetting['value']) => HyperValue | undefined;
  /** Whether it matters, given the values of the others; where it does not it is not asked for. Default: always. */
  readonly when?: (others: HyperValues) => boolean;
  /** What the original code does if nobody sets it. Shown in the question, never taken silently. */
  readonly usual?: HyperValue;
}

export interface HyperOption {
  readonly value: HyperValue;
  readonly label: string;
  /** E.g. `makes pole 3 unstable, so it cannot be meant`. */
  readonly detail?: string;
}

/** Where the value of a hyper-parameter came from; a person is shown it wherever the value matters. */
export type HyperSource = 'file' | 'configuration' | 'given' | 'remembered';

export interface ResolvedHyperParameter {
  readonly value: HyperValue;
  readonly from: HyperSource;
  /** The path of the setting and the file it stands in, as a person would look it up. */
  readonly where?: string;
}

/** Values of the hyper-parameters by name. */
export type HyperValues = Readonly<Record<string, HyperValue>>;
