import { describesModel } from '../families/modelSettings';
import type { Configuration } from '../families/resolveHyperParameters';
import type { RecordedSetting, SettingValue } from '../formats/checkpoint';
import type { Provenance } from '../protocol/report';

/** The length of the impulse response that counts, in steps, and how we know it. */
export interface Horizon {
  readonly steps: number;
  readonly from: Provenance;
  /** For the person, where the file left the question open. */
  readonly note?: string;
}

export const defaultHorizon = 1024;

const lengthNames = new Set([
  'l_max',
  'lmax',
  'seq_len',
  'seqlen',
  'seq_length',
  'sequence_length',
  'max_length',
  'max_len',
  'max_seq_len',
  'max_seq_length',
  'max_sequence_length',
  'max_kernel_length',
  'l',
]);

/** Kernels shorter than this are no long convolutions, and `L` may as well count layers. */
const shortestLength = 16;
const longestLength = 2 ** 26;

/**
 * The sequence length that the file records, else a configuration beside it, when exactly one plausible value is there;
 * else the default.
 */
export function recordedHorizon(
  settings: readonly RecordedSetting[],
  configurations: readonly Configuration[] = [],
): Horizon {
  const inFile = lengthsIn(settings);
  const beside = configurations.map((configuration) => ({
    ...configuration,
    lengths: lengthsIn(configuration.settings),
  }));
  const [place, lengths] =
    inFile.length > 0
      ? ['file', inFile]
      : ['configuration', distinct(beside.flatMap((configuration) => configuration.lengths))];
  const first = lengths.at(0);
  if (first !== undefined && lengths.length === 1) {
    if (place === 'file') return { steps: first, from: 'recorded' };
    const { file } = beside.find((configuration) => configuration.lengths.length > 0)!;
    return { steps: first, from: 'recorded', note: `The sequence length is from ${file}.` };
  }
  const finding =
    first === undefined
      ? 'The file does not record the sequence length'
      : `The ${place} records several sequence lengths (${lengths.join(', ')})`;
  return {
    steps: defaultHorizon,
    from: 'default',
    note: `${finding}: impulse responses are compared over ${defaultHorizon} steps.`,
  };
}

function lengthsIn(settings: readonly RecordedSetting[]): number[] {
  return distinct(
    settings
      .filter((setting) => lengthNames.has((setting.path.at(-1) ?? '').toLowerCase()))
      .filter(describesModel)
      .map(({ value }) => value)
      .filter(isWholeNumber)
      .filter((value) => value >= shortestLength && value <= longestLength),
  );
}

function distinct(values: readonly number[]): number[] {
  return [...new Set(values)];
}

/** A setting that has to follow the new order. */
export interface SettingChange {
  readonly path: readonly string[];
  readonly before: number;
  readonly after: number;
}

/**
 * The recorded settings to change when layers of order `before` become `after`: those named as their family names the
 * order, inside a description of the model, and with the old order as value. A number of the same name and another
 * value is not ours to touch.
 */
export function orderSettingChanges(
  settings: readonly RecordedSetting[],
  names: ReadonlySet<string>,
  before: ReadonlySet<number>,
  after: number,
): SettingChange[] {
  return settings
    .filter((setting) => names.has(setting.path.at(-1) ?? '') && describesModel(setting))
    .flatMap(({ path, value }) =>
      isWholeNumber(value) && before.has(value) ? [{ path, before: value, after }] : [],
    );
}

/** The recorded settings to change so that poles are no longer shared. A setting that holds no number is no count. */
export function untyingSettingChanges(
  settings: readonly RecordedSetting[],
  name: string,
  after: number,
): SettingChange[] {
  return settings
    .filter((setting) => setting.path.at(-1) === name && describesModel(setting))
    .flatMap(({ path, value }) =>
      isWholeNumber(value) && value !== after ? [{ path, before: value, after }] : [],
    );
}

function isWholeNumber(value: SettingValue): value is number {
  return Number.isInteger(value);
}
