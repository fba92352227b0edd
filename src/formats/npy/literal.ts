import { SsmError } from '../../core/errors';

/** A value in the header of a .npy file, which is written as a Python literal. */
export type Literal =
  string | number | boolean | null | readonly Literal[] | ReadonlyMap<string, Literal>;

const MAX_DEPTH = 8;
const SPACE = /[ \t\n\r]*/y;
/** NumPy's names have no escapes. */
const STRING = /'[^'\\\n]*'|"[^"\\\n]*"/y;
/** Python 2 marked long numbers by an L. */
const INTEGER = /(-?\d{1,16})L?/y;
const WORD = /True|False|None/y;

/**
 * Reads the Python literals that NumPy writes: dictionaries with text keys, tuples, lists, plain strings, whole numbers,
 * True, False, None. Nothing else is understood, nothing is evaluated. Faults are `bad-file` at `place`.
 */
export function parseLiteral(text: string, place: string): Literal {
  let at = 0;

  const fail = (message: string): SsmError =>
    new SsmError('bad-file', message, { place: `${place}, header character ${at}` });

  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    at += found?.[0].length ?? 0;
    return found;
  };

  const skip = (character: string): boolean => {
    match(SPACE);
    if (text[at] !== character) return false;
    at++;
    match(SPACE);
    return true;
  };

  const string = (): string => {
    const found = match(STRING);
    if (found === null) throw fail('A text was expected.');
    return found[0].slice(1, -1);
  };

  const dictionary = (depth: number): Map<string, Literal> => {
    const entries = new Map<string, Literal>();
    while (!skip('}')) {
      const key = string();
      if (entries.has(key)) throw fail('A key occurs twice.');
      if (!skip(':')) throw fail('A colon was expected.');
      entries.set(key, value(depth + 1));
      if (skip(',')) continue;
      if (!skip('}')) throw fail('A comma or closing brace was expected.');
      break;
    }
    return entries;
  };

  const sequence = (closing: string, depth: number): Literal[] => {
    const items: Literal[] = [];
    while (!skip(closing)) {
      items.push(value(depth + 1));
      if (skip(',')) continue;
      if (!skip(closing)) throw fail('A comma or a closing bracket was expected.');
      break;
    }
    return items;
  };

  const value = (depth: number): Literal => {
    if (depth > MAX_DEPTH) throw fail('Values are nested too deeply.');
    if (skip('{')) return dictionary(depth);
    if (skip('(')) return sequence(')', depth);
    if (skip('[')) return sequence(']', depth);
    if (text[at] === "'" || text[at] === '"') return string();
    const integer = match(INTEGER);
    if (integer !== null) return Number(integer[1]);
    const word = match(WORD)?.[0];
    if (word === undefined) throw fail('A value was expected.');
    return word === 'None' ? null : word === 'True';
  };

  match(SPACE);
  const root = value(0);
  match(SPACE);
  if (at !== text.length) throw fail('Something follows the value.');
  return root;
}

export function isDictionary(value: Literal): value is ReadonlyMap<string, Literal> {
  return value instanceof Map;
}

export function isSequence(value: Literal | undefined): value is readonly Literal[] {
  return Array.isArray(value);
}
