import { showName } from '../../protocol/shown';

/**
 * A hostile text (file name, tensor name, note) for Markdown: nothing in it is markup, a link, an icon or a column of a
 * table, and what is not seen is written as an escape.
 */
export function markdownText(text: string, limit = 200): string {
  return showName(text, limit).replace(/[!-/:-@[-`{-~]/g, '\\$&');
}
