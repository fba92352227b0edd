export interface Token {
  readonly kind: 'name' | 'number' | 'string' | 'symbol' | 'newline';
  /** Of a string, what is between its quotes. */
  readonly text: string;
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

const blank = /(?:[ \t\f\r]|\\\r?\n)+/y;
const comment = /#[^\n]*/y;
const number = /\d[\w.]*/y;
const name = /[\p{L}_][\p{L}\p{N}_]*/uy;
const symbol = /[=!<>:]=|[^\s\w]/y;
const quote = /[rRbBuUfFtT]{0,2}("""|'''|"|')/y;

/**
 * The tokens of Python source: names, numbers, strings, symbols and line ends; comments and blanks are left out. Never
 * fails: what is no Python comes out as some tokens.
 */
export function pythonTokens(source: string): Token[] {
  const tokens: Token[] = [];
  let line = 0;
  let lineStart = 0;
  let at = 0;

  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  const push = (kind: Token['kind'], length: number, text: string): void => {
    tokens.push({ kind, text, line, start: at - lineStart, end: at + length - lineStart });
  };
  const advance = (length: number): void => {
    const end = at + length;
    for (let next = source.indexOf('\n', at); next !== -1 && next < end;) {
      line++;
      lineStart = next + 1;
      next = source.indexOf('\n', lineStart);
    }
    at = end;
  };

  while (at < source.length) {
    const skipped = match(blank) ?? match(comment);
    if (skipped !== undefined) {
      advance(skipped.length);
    } else if (source[at] === '\n') {
      push('newline', 1, '\n');
      advance(1);
    } else {
      const opening = match(quote);
      if (opening !== undefined) {
        const { length, text } = stringAt(source, at, opening);
        push('string', length, text);
        advance(length);
      } else {
        const word = match(name);
        const digits = word === undefined ? match(number) : undefined;
        const text = word ?? digits ?? match(symbol) ?? source[at];
        push(
          word !== undefined ? 'name' : digits !== undefined ? 'number' : 'symbol',
          text.length,
          text,
        );
        advance(text.length);
      }
    }
  }
  return tokens;
}

/** A string from its prefix to its closing quote, or to where it must end without one. */
function stringAt(
  source: string,
  start: number,
  opening: string,
): { length: number; text: string } {
  const quotes =
    opening.endsWith('"""') || opening.endsWith("'''") ? opening.slice(-3) : opening.slice(-1);
  const from = start + opening.length;
  let end = from;
  while (end < source.length && !source.startsWith(quotes, end)) {
    if (quotes.length === 1 && source[end] === '\n')
      return { length: end - start, text: source.slice(from, end) };
    end += source[end] === '\\' ? 2 : 1;
  }
  const inside = Math.min(end, source.length);
  return {
    length: Math.min(inside + quotes.length, source.length) - start,
    text: source.slice(from, inside),
  };
}
