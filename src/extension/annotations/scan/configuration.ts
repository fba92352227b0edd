import { clearSettings, orderOf } from './names';
import type { SourceScan, SourceSite } from './site';

/** `key: 64`, at the end of a line or before what separates values. The key may be quoted. */
const setting = /(["']?)([A-Za-z_]\w*)\1[ \t]*:[ \t]*(\d\w*)(?=[ \t]*(?:[,}\]]|\r?$))/g;
/** A quoted string, with the colon that makes it a key. */
const quoted = /(?:"(?:\\.|[^"\\])*"|'(?:''|[^'])*')([ \t]*:)?/g;

/** Finds where YAML sets the order of state-space layers. Comments, quoted values and literal blocks do not count. */
export function scanYaml(source: string): SourceScan {
  let blockIndent: number | undefined;
  return scanLines(source, (line) => {
    const indent = line.search(/\S/);
    if (blockIndent !== undefined && (indent === -1 || indent > blockIndent)) return '';
    const code = withoutValues(line).replace(/(?:^|\s)#.*$/, '');
    blockIndent = /[:-][ \t]+[|>][+-]?\d?[+-]?[ \t]*$/.test(code) ? indent : undefined;
    return code;
  });
}

/** Finds where JSON, with or without comments, sets the order of state-space layers. */
export function scanJson(source: string): SourceScan {
  return scanLines(source, (line) => withoutValues(line).replace(/\/\/.*$/, ''));
}

/** @param codeOf what of a line counts, each character at its column */
function scanLines(source: string, codeOf: (line: string) => string): SourceScan {
  const sites = source
    .split('\n')
    .flatMap((line, number) =>
      [...codeOf(line).matchAll(setting)].flatMap((match) => siteOf(match, number)),
    );
  return { sites, attributes: new Set() };
}

function siteOf(match: RegExpExecArray, line: number): SourceSite[] {
  const [whole, , key, value] = match;
  const order = orderOf(value);
  if (order === undefined || !clearSettings.has(key)) return [];
  return [{ kind: 'order', line, start: match.index, end: match.index + whole.length, order }];
}

/** The line with blanks in the place of quoted strings that are values, and of keys that are no names. */
function withoutValues(line: string): string {
  return line.replace(quoted, (found, colon: string | undefined) =>
    colon !== undefined && /^.\w+['"]/.test(found) ? found : ' '.repeat(found.length),
  );
}
