import { SsmError } from '../core/errors';
import type { RecordedSetting, SettingValue } from '../formats/checkpoint';
import type {
  HyperParameter,
  HyperValue,
  HyperValues,
  ResolvedHyperParameter,
} from './hyperParameters';
import { describesModel } from './modelSettings';

/** A configuration file beside a checkpoint. */
export interface Configuration {
  /** Its name as a person is shown it. */
  readonly file: string;
  readonly settings: readonly RecordedSetting[];
}

/** Everything that may tell the value of a hyper-parameter. */
export interface HyperEvidence {
  /** What the checkpoint itself records. */
  readonly recorded: readonly RecordedSetting[];
  readonly configurations: readonly Configuration[];
  /** Earlier answers of the person for this file. Keys are `name`, or `layer:name` for one layer. */
  readonly remembered: HyperValues;
  /** What the person says now; the same keys. */
  readonly given: HyperValues;
}

export const noEvidence: HyperEvidence = {
  recorded: [],
  configurations: [],
  remembered: {},
  given: {},
};

/** A hyper-parameter that nothing tells. */
export interface OpenHyperParameter {
  readonly parameter: HyperParameter;
  /** What was found and why it does not answer the question. */
  readonly remarks: readonly string[];
}

export interface HyperResolution {
  readonly resolved: Readonly<Record<string, ResolvedHyperParameter>>;
  readonly open: readonly OpenHyperParameter[];
  /** Contradictions that were decided, for the person. */
  readonly remarks: readonly string[];
}

/**
 * The values of a layer's (or a network's) hyper-parameters and where each came from: what the person gives, else what
 * the checkpoint records, else its configuration, else an earlier answer. Nothing is guessed: where nobody tells, or
 * one source contradicts itself, the question stays open.
 *
 * @param layer the layer's name, for answers that are meant for it alone
 * @throws SsmError `bad-request` where the person gives a value that is not among the options
 */
export function resolveHyperParameters(
  parameters: readonly HyperParameter[],
  evidence: HyperEvidence,
  layer = '',
): HyperResolution {
  const resolved: Record<string, ResolvedHyperParameter> = {};
  const open: OpenHyperParameter[] = [];
  const remarks: string[] = [];
  // Those that matter always come first: the conditions of the others look at them.
  for (const parameter of [...parameters].sort(conditionsLast)) {
    if (parameter.when?.(valuesOfResolved(resolved)) === false) continue;
    const found = weigh(parameter, evidence, layer);
    if (found.answer === undefined) open.push({ parameter, remarks: found.remarks });
    else {
      resolved[parameter.name] = found.answer;
      remarks.push(...found.remarks);
    }
  }
  return { resolved, open, remarks };
}

function conditionsLast(a: HyperParameter, b: HyperParameter): number {
  return Number(a.when !== undefined) - Number(b.when !== undefined);
}

/** The bare values, as families take them. */
export function valuesOfResolved(
  resolved: Readonly<Record<string, ResolvedHyperParameter>>,
): HyperValues {
  return Object.fromEntries(Object.entries(resolved).map(([name, { value }]) => [name, value]));
}

/** The option that a text means, spelled as the family spells it; undefined where it means none. */
export function acceptValue(parameter: HyperParameter, text: string): HyperValue | undefined {
  const typed = text.trim();
  if (parameter.options.length === 0) {
    return /^\d{1,15}$/.test(typed) && Number(typed) >= 1 ? String(Number(typed)) : undefined;
  }
  const values = parameter.options.map(({ value }) => value);
  const number = parameter.positiveNumbers === true ? Number(typed) : NaN;
  return (
    values.find((value) => value === typed) ??
    values.find((value) => value.toLowerCase() === typed.toLowerCase()) ??
    (number > 0 && Number.isFinite(number) ? String(number) : undefined)
  );
}

/** What a parameter can be, in words: `zoh, bilinear`. */
export function describeOptions({ options, positiveNumbers }: HyperParameter): string {
  if (options.length === 0) return 'a whole number from 1 up';
  const values = options.map(({ value }) => value);
  return [...values, ...(positiveNumbers === true ? ['a positive number'] : [])].join(', ');
}

/** The answer of a person for a layer: the one for it alone, else the one for all. */
function answerOf(answers: HyperValues, name: string, layer: string): HyperValue | undefined {
  return [`${layer}:${name}`, name]
    .filter((key) => Object.hasOwn(answers, key))
    .map((key) => answers[key])
    .at(0);
}

interface Weighed {
  readonly answer?: ResolvedHyperParameter;
  readonly remarks: readonly string[];
}

/** One value that a source records. */
interface Reading {
  readonly value: HyperValue;
  readonly where: string;
}

function weigh(parameter: HyperParameter, evidence: HyperEvidence, layer: string): Weighed {
  const { name } = parameter;
  const inFile = readings(parameter, evidence.recorded);
  const beside = evidence.configurations.map(({ file, settings }) =>
    readings(parameter, settings, file),
  );
  const inConfigurations = {
    known: beside.flatMap(({ known }) => known),
    unknown: beside.flatMap(({ unknown }) => unknown),
  };
  const all = [...inFile.known, ...inConfigurations.known];
  const against = (value: HyperValue): string[] => contradictions(parameter, value, all);

  const given = answerOf(evidence.given, name, layer);
  if (given !== undefined) {
    const value = acceptGiven(parameter, given);
    return { answer: { value, from: 'given' }, remarks: against(value) };
  }
  for (const [from, { known }] of [
    ['file', inFile],
    ['configuration', inConfigurations],
  ] as const) {
    const first = known.at(0);
    if (first === undefined) continue;
    if (known.some(({ value }) => value !== first.value)) break; // it contradicts itself
    return { answer: { ...first, from }, remarks: against(first.value) };
  }
  const remembered = acceptValue(parameter, answerOf(evidence.remembered, name, layer) ?? '');
  if (remembered !== undefined) {
    return { answer: { value: remembered, from: 'remembered' }, remarks: [] };
  }
  return { remarks: [...inFile.unknown, ...inConfigurations.unknown, ...disagreement(all)] };
}

function acceptGiven(parameter: HyperParameter, given: HyperValue): HyperValue {
  const value = acceptValue(parameter, given);
  if (value !== undefined) return value;
  throw new SsmError(
    'bad-request',
    `${parameter.name} cannot be "${cut(given)}". Possible: ${describeOptions(parameter)}.`,
  );
}

function contradictions(
  { name }: HyperParameter,
  value: HyperValue,
  all: readonly Reading[],
): string[] {
  const others = all.filter((reading) => reading.value !== value).map(describe);
  return others.length === 0 ? [] : [`${name} is taken as ${value}, although ${join(others)}.`];
}

function disagreement(all: readonly Reading[]): string[] {
  return all.length === 0 ? [] : [`The records contradict each other: ${join(all.map(describe))}.`];
}

function describe({ value, where }: Reading): string {
  return `${where} is ${value}`;
}

function join(parts: readonly string[]): string {
  return [...new Set(parts)].join(', ');
}

/** What the settings of one place say of a parameter: values that it can have, and remarks on those that it cannot. */
function readings(
  parameter: HyperParameter,
  settings: readonly RecordedSetting[],
  file?: string,
): { known: Reading[]; unknown: string[] } {
  const known: Reading[] = [];
  const unknown: string[] = [];
  const parse = parameter.parse ?? defaultParse;
  for (const setting of settings) {
    if (!isNamed(setting.path, parameter.settings)) continue;
    // whatever stands in a configuration file stands in a configuration
    const path = file === undefined ? setting.path : ['config', ...setting.path];
    if (!describesModel({ ...setting, path })) continue;
    const text = parse(setting.value);
    if (text === undefined) continue;
    const shown = setting.path.join('.');
    const where = file === undefined ? shown : `${shown} in ${file}`;
    const value = acceptValue(parameter, text);
    if (value !== undefined) known.push({ value, where });
    else unknown.push(`${where} is "${cut(text)}", which is not known here.`);
  }
  return { known, unknown };
}

/** Whether a path ends with one of the names; a name may itself be a path, `layer.disc`. */
function isNamed(path: readonly string[], names: readonly string[]): boolean {
  return names.some((name) => {
    const parts = name.split('.');
    return parts.every((part, i) => path[path.length - parts.length + i] === part);
  });
}

/** Null says that the original code's default holds, which is not for us to know. */
function defaultParse(recorded: SettingValue): HyperValue | undefined {
  return recorded === null ? undefined : String(recorded);
}

function cut(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}
