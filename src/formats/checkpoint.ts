import type { ByteSink, FolderSink } from './byteSource';
import type { DType, TensorInfo, TensorValues } from './tensor';

export type CheckpointFormat =
  'torch-zip' | 'torch-legacy' | 'safetensors' | 'npz' | 'flax-msgpack' | 'equinox';

/**
 * What a file records about the model outside its tensors. Strings are hostile and cut at 1,000 characters; numbers that
 * JSON cannot hold are strings, too (`inf`, `nan`).
 */
export type SettingValue = number | string | boolean | null;

/**
 * A value that the file records: `hyper_parameters.model.d_state = 64`, `hparams.disc = 'zoh'`.
 * The path is how a person would reach it in Python; it is a list of hostile strings.
 */
export interface RecordedSetting {
  readonly path: readonly string[];
  readonly value: SettingValue;
}

/** New contents for one tensor. The shape may differ from the old one; the element type may not, unless `dtype` says so. */
export interface TensorEdit {
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major, complex as pairs; rounded to the stored element type by the writer. */
  readonly values: Float64Array;
  readonly dtype?: DType;
}

/** A new whole number in the place of a recorded one. */
export interface SettingEdit {
  readonly path: readonly string[];
  readonly value: number;
}

export interface CheckpointEdits {
  readonly tensors: readonly TensorEdit[];
  readonly settings: readonly SettingEdit[];
  /** Empty the `state` of every optimizer (its moments have the old shapes); its settings stay. */
  readonly dropOptimizerState: boolean;
}

/** Why a file is shown but not compressed, and what to do instead; both are sentences for a person. */
export interface Refusal {
  readonly reason: string;
  readonly advice: string;
}

/**
 * Something that only the person knows and without which a file cannot be rewritten: the names of its arrays. It is
 * answered by opening the file again with `OpenOptions.fields`.
 */
export interface FieldQuestion {
  /** For the person: what is proposed and why. */
  readonly question: string;
  /** The names in the order of the file, as they are used until the person says otherwise. */
  readonly proposed: readonly string[];
}

/** What a person may say about a file when it is opened. */
export interface OpenOptions {
  /** The answer to a {@link FieldQuestion}: names of the arrays in the order of the file. */
  readonly fields?: readonly string[];
}

/** Elements `first` to `first + count` of a tensor in row-major order, all of which it must have. */
export interface ElementRange {
  readonly first: number;
  readonly count: number;
}

/** What a rewrite did besides the edits asked for. */
export interface RewriteSummary {
  /** Paths of the optimizer states that were emptied, e.g. `optimizer_states.0.state`. */
  readonly droppedOptimizerStates: readonly string[];
}

/**
 * An opened checkpoint: the header is read, the tensors are not. Opening executes nothing that the file contains and
 * believes no size before checking it.
 */
export interface Checkpoint {
  readonly format: CheckpointFormat;
  readonly tensors: readonly TensorInfo[];
  readonly settings: readonly RecordedSetting[];
  /** Remarks worth showing: unknown objects kept as they are, big-endian storage, … */
  readonly notes: readonly string[];
  /** Present where the file is listed but `rewrite` refuses (`unsupported-file`). */
  readonly refusal?: Refusal;
  /** Present where the person must confirm something before `rewrite` can be called. */
  readonly fieldQuestion?: FieldQuestion;
  /** The format of a rewritten file where it is another one. */
  readonly writtenAs?: CheckpointFormat;
  /** Reads one tensor by range. Rejects with `bad-request` for an unknown name. */
  readTensor(name: string, signal?: AbortSignal): Promise<TensorValues>;
  /**
   * Reads some elements of a tensor by range, as `readTensor` gives them. Missing, or fulfilled with undefined, where the
   * elements do not lie one after another in the file; then only `readTensor` reads them.
   */
  readElements?(
    name: string,
    range: ElementRange,
    signal?: AbortSignal,
  ): Promise<Float64Array | undefined>;
  /**
   * Present where the checkpoint consists of several files: its result is a folder, and `rewrite` refuses. Files that the
   * edits do not touch are copied.
   */
  rewriteFolder?(
    edits: CheckpointEdits,
    sink: FolderSink,
    signal?: AbortSignal,
  ): Promise<RewriteSummary>;
  /** Writes the whole checkpoint with the edits to the sink; everything else survives byte for byte. */
  rewrite(edits: CheckpointEdits, sink: ByteSink, signal?: AbortSignal): Promise<RewriteSummary>;
}
