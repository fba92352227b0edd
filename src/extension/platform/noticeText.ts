import { showName } from '../../protocol/shown';

/**
 * A text for a notification. VS Code makes links of `[label](target)` in them, commands included, and the text may hold
 * the name of a hostile file or tensor: the brackets are kept apart by a space.
 */
export function noticeText(text: string): string {
  return showName(text, 600).replace(/\](?=\()/g, '] ');
}

/** A text for a quick pick, which makes icons of `$(name)`. */
export function pickText(text: string): string {
  return showName(text).replace(/\$(?=\()/g, '$ ');
}
