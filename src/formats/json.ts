import { SsmError } from '../core/errors';
import type { SettingValue } from './checkpoint';
import { numberSetting, textSetting } from './settingValue';

/** A JSON value together with the place [start, end) of its text. */
export type JsonNode = { readonly start: number; readonly end: number } & (
  | { readonly kind: 'object'; readonly members: ReadonlyMap<string, JsonNode> }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'literal'; readonly value: boolean | null }
);

const MAX_DEPTH = 64;
const NUMBER = /-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
const SPACE = ' \t\n\r';

/**
 * Strict JSON with the places of the values. Repeated keys are refused: readers disagree about which one counts. Faults
 * are `bad-file` with the character's place; `what` names the text in messages.
 */
export function parseJson(text: string, what: string): JsonNode {
  let at = 0;

  const fail = (message: string): SsmError =>
    new SsmError('bad-file', message, { place: `${what}, character ${at}` });

  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    at += found?.length ?? 0;
    return found;
  };

  const skipSpace = (): void => {
    while (at < text.length && SPACE.includes(text[at])) at++;
  };

  const skip = (character: string): boolean => {
    skipSpace();
    if (text[at] !== character) return false;
    at++;
    skipSpace();
    return true;
  };

  const string = (): string => {
    const token = match(STRING);
    if (token === undefined) throw fail('A string was expected.');
    try {
      return JSON.parse(token) as string;
    } catch {
      throw fail('The string has an unknown escape or a control character.');
    }
  };

  const members = (depth: number): Map<string, JsonNode> => {
    const found = new Map<string, JsonNode>();
    if (skip('}')) return found;
    do {
      const key = string();
      if (found.has(key)) throw fail(`The key ${JSON.stringify(key.slice(0, 80))} occurs twice.`);
      if (!skip(':')) throw fail('A colon was expected.');
      found.set(key, value(depth + 1));
    } while (skip(','));
    if (!skip('}')) throw fail('A comma or closing brace was expected.');
    return found;
  };

  const items = (depth: number): JsonNode[] => {
    const found: JsonNode[] = [];
    if (skip(']')) return found;
    do found.push(value(depth + 1));
    while (skip(','));
    if (!skip(']')) throw fail('A comma or closing bracket was expected.');
    return found;
  };

  const value = (depth: number): JsonNode => {
    if (depth > MAX_DEPTH) throw fail(`Values are nested deeper than ${MAX_DEPTH} levels.`);
    const start = at;
    if (skip('{')) return { kind: 'object', members: members(depth), start, end: at };
    if (skip('[')) return { kind: 'array', items: items(depth), start, end: at };
    if (text[at] === '"') return { kind: 'string', value: string(), start, end: at };
    const number = match(NUMBER);
    if (number !== undefined) return { kind: 'number', value: Number(number), start, end: at };
    for (const [word, literal] of LITERALS)
      if (text.startsWith(word, at)) {
        at += word.length;
        return { kind: 'literal', value: literal, start, end: at };
      }
    throw fail('A value was expected.');
  };

  skipSpace();
  const root = value(0);
  skipSpace();
  if (at !== text.length) throw fail('Something follows the value.');
  return root;
}

const LITERALS: readonly (readonly [string, boolean | null])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];

/** What a leaf records. */
export function jsonSetting(node: Exclude<JsonNode, { kind: 'object' | 'array' }>): SettingValue {
  if (node.kind === 'string') return textSetting(node.value);
  return node.kind === 'number' ? numberSetting(node.value) : node.value;
}
