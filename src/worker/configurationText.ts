import { parseDocument } from 'yaml';
import { SsmError } from '../core/errors';
import type { RecordedSetting, SettingValue } from '../formats/checkpoint';
import { numberSetting, textSetting } from '../formats/settingValue';

/** Configurations of models are a few kilobytes; a parser needs a thousand bytes for each of theirs at worst. */
export const largestConfiguration = { json: 1_000_000, yaml: 128_000 } as const;

/** References that a text may make to what it named before, so that ten lines cannot stand for a billion. */
const mostAliases = 100;
const mostSettings = 2_000;
const deepest = 32;

export type ConfigurationLanguage = keyof typeof largestConfiguration;

/**
 * The settings of a configuration text as a flat list, in the order of the text. Nothing is executed: unknown tags
 * (`!!python/object…`) leave their plain contents.
 *
 * @throws SsmError `bad-file` where the text is not of the language, or larger or deeper than any configuration
 */
export function parseConfiguration(
  text: string,
  language: ConfigurationLanguage,
): RecordedSetting[] {
  const settings: RecordedSetting[] = [];
  const visit = (value: unknown, path: readonly string[]): void => {
    if (path.length > deepest) throw unfit(`It is nested deeper than ${deepest} levels.`);
    const inner = unwrapped(value);
    if (typeof inner === 'object' && inner !== null) {
      for (const [key, item] of Object.entries(inner)) visit(item, [...path, key]);
      return;
    }
    if (path.length === 0) return;
    if (settings.length === mostSettings) throw unfit(`It has more than ${mostSettings} settings.`);
    settings.push({ path, value: settingOf(inner) });
  };
  visit(language === 'json' ? parseJson(text) : parseYaml(text), []);
  return settings;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw unfit('It is not JSON.', error);
  }
}

function parseYaml(text: string): unknown {
  // looking for repeated keys would take time that grows with the square of their number
  const document = parseDocument(text, {
    logLevel: 'silent',
    prettyErrors: false,
    uniqueKeys: false,
  });
  if (document.errors.length > 0) throw unfit('It is not YAML.', document.errors[0]);
  try {
    return document.toJS({ maxAliasCount: mostAliases });
  } catch (error) {
    throw unfit('Its aliases stand for more than any configuration holds.', error);
  }
}

/** Weights & Biases write every setting as { desc, value }. */
function unwrapped(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'value')) return value;
  const others = Object.keys(value).filter((key) => key !== 'value' && key !== 'desc');
  return others.length === 0 ? (value as { value: unknown }).value : value;
}

function settingOf(value: unknown): SettingValue {
  switch (typeof value) {
    case 'string':
      return textSetting(value);
    case 'number':
      return numberSetting(value);
    case 'boolean':
      return value;
    default:
      return null;
  }
}

function unfit(message: string, cause?: unknown): SsmError {
  return new SsmError('bad-file', message, {}, { cause });
}
