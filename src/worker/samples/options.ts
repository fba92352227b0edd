import { SsmError } from '../../core/errors';
import { sampleSettings } from '../../protocol/sampleSettings';

/**
 * How a file of sample data is to be read, as names and texts: what a person gives (`--data-option name=value`) or what
 * stands in `<data>.json` beside it.
 */
export type SampleSettings = Readonly<Partial<Record<string, string>>>;

/** The same, understood. */
export interface SampleOptions {
  /** Names of the arrays of a .npz with the inputs, the labels or targets, and the lengths. */
  readonly inputs?: string;
  readonly targets?: string;
  readonly lengths?: string;
  /** How a sequence lies in its row: position after position, or feature after feature (images, channels first). */
  readonly layout?: 'length-width' | 'width-length';
  /** Values are divided by this, then the mean is taken away, then divided by std. One number, or one a feature. */
  readonly scale: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** The token that fills sequences up to the same length; its run at the end of a sequence does not count. */
  readonly padding?: number;
  /** Longer sequences are cut to so many positions (before the end token of a text). */
  readonly maxLength: number;
  /** Targets at the first so many positions are not judged: the model has seen too little by then. */
  readonly warmUp: number;
  /** Only the first so many sequences are used. */
  readonly count: number;
  /** Of texts: the file of the vocabulary, beside the data; what a token is; tokens for unknown ones and the end. */
  readonly vocabulary?: string;
  readonly level: 'characters' | 'words';
  readonly unknown?: number;
  readonly end?: number;
  readonly text: string;
  readonly label: string;
}

/**
 * Settings understood. Throws `bad-request` naming the setting that is not known or means nothing.
 *
 * @param settings those given now go before those of the file beside the data: `{ ...sidecar, ...given }`
 */
export function parseSampleSettings(settings: SampleSettings): SampleOptions {
  const unknownName = Object.keys(settings).find((name) => !Object.hasOwn(sampleSettings, name));
  if (unknownName !== undefined) {
    throw new SsmError(
      'bad-request',
      `Sample data has no setting "${unknownName.slice(0, 40)}". There are: ${Object.keys(sampleSettings).join(', ')}.`,
    );
  }
  const text = (name: string): string | undefined => settings[name];
  const layouts = ['length-width', 'width-length'] as const;
  const given = <K extends string, T>(key: K, value: T | undefined): Partial<Record<K, T>> =>
    value === undefined ? {} : ({ [key]: value } as Record<K, T>);
  return {
    ...given('inputs', text('inputs')),
    ...given('targets', text('targets')),
    ...given('lengths', text('lengths')),
    ...given('layout', oneOf(settings, 'layout', layouts)),
    scale: numbers(settings, 'scale', [1], nonzero).at(0) ?? 1,
    mean: numbers(settings, 'mean', [0]),
    std: numbers(settings, 'std', [1], nonzero),
    ...given('padding', wholeNumber(settings, 'padding', 0)),
    maxLength: wholeNumber(settings, 'max-length', 1) ?? Infinity,
    warmUp: wholeNumber(settings, 'warm-up', 0) ?? 0,
    count: wholeNumber(settings, 'count', 1) ?? Infinity,
    ...given('vocabulary', text('vocabulary')),
    level: oneOf(settings, 'level', ['characters', 'words']) ?? 'characters',
    ...given('unknown', wholeNumber(settings, 'unknown', 0)),
    ...given('end', wholeNumber(settings, 'end', 0)),
    text: text('text') ?? 'text',
    label: text('label') ?? 'label',
  };
}

function oneOf<T extends string>(
  settings: SampleSettings,
  name: string,
  values: readonly T[],
): T | undefined {
  const text = settings[name];
  if (text === undefined) return undefined;
  const value = values.find((one) => one === text);
  if (value === undefined) throw meaningless(name, text, values.join(' or '));
  return value;
}

function wholeNumber(settings: SampleSettings, name: string, least: number): number | undefined {
  const text = settings[name];
  if (text === undefined) return undefined;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  if (value < least) throw meaningless(name, text, `a whole number from ${least} up`);
  return value;
}

const nonzero = (value: number): boolean => value !== 0;

function numbers(
  settings: SampleSettings,
  name: string,
  usual: readonly number[],
  allowed: (value: number) => boolean = () => true,
): readonly number[] {
  const text = settings[name];
  if (text === undefined) return usual;
  const values = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (!values.every((value) => Number.isFinite(value) && allowed(value))) {
    throw meaningless(name, text, 'a number, or one a feature: 0.5,0.4,0.6');
  }
  return values;
}

function meaningless(name: string, text: string, expected: string): SsmError {
  return new SsmError(
    'bad-request',
    `The setting ${name} of the sample data is ${expected}, not "${text.slice(0, 40)}".`,
  );
}
