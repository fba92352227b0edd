import { showName } from '../../src/protocol/shown';

/** A column as it is copied. */
export interface TextColumn<T> {
  readonly heading: string;
  readonly numeric?: boolean;
  /** In full precision; undefined where there is nothing. */
  readonly value: (item: T) => number | string | undefined;
  /** As it is shown, where that is not the value itself. */
  readonly text?: (item: T) => string;
}

/**
 * The rows as comma-separated values (RFC 4180), numbers in full precision. Texts that a spreadsheet would take for a
 * formula begin with an apostrophe: names come from files of others.
 */
export function csvOf<T>(columns: readonly TextColumn<T>[], items: readonly T[]): string {
  const rows = items.map((item) => columns.map(({ value }) => csvCell(value(item))));
  return [columns.map(({ heading }) => csvCell(heading)), ...rows]
    .map((cells) => `${cells.join(',')}\n`)
    .join('');
}

/** A cell of a CSV file; nothing where there is nothing. */
export function csvCell(value: number | string | undefined): string {
  if (typeof value !== 'string') return value === undefined ? '' : String(value);
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** The rows as a table of GitHub's Markdown, as they are shown. */
export function markdownOf<T>(columns: readonly TextColumn<T>[], items: readonly T[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  const shown = ({ text, value }: TextColumn<T>, item: T): string =>
    text?.(item) ?? String(value(item) ?? '');
  return [
    line(columns.map(({ heading }) => plain(heading))),
    line(columns.map(({ numeric }) => (numeric === true ? '---:' : '---'))),
    ...items.map((item) => line(columns.map((column) => plain(shown(column, item))))),
  ].join('');
}

/** Text that Markdown takes for nothing else. */
function plain(text: string): string {
  return showName(text, 300).replace(/[\\`*_{}[\]!|<>~]/g, String.raw`\$&`);
}
