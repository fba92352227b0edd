import { button } from './controls';
import { element } from './dom';
import { csvOf, markdownOf, type TextColumn } from './tableText';

interface CopyTexts {
  readonly copy: string;
  readonly csv: string;
  readonly copyCsv: string;
  readonly markdown: string;
  readonly copyMarkdown: string;
  readonly copied: string;
}

/** Buttons that copy a table as it is filtered and sorted, and say that they did. */
export function copyButtons<T>(
  texts: CopyTexts,
  columns: () => readonly TextColumn<T>[],
  items: () => readonly T[],
  copy: (text: string) => Promise<unknown>,
): HTMLElement {
  const done = element('span', { class: 'found', role: 'status' });
  const copyAs = (label: string, name: string, write: typeof csvOf<T>): HTMLElement =>
    button(
      label,
      () => {
        void copy(write(columns(), items())).then(() => {
          done.textContent = texts.copied;
          setTimeout(() => (done.textContent = ''), 2000);
        });
      },
      'secondary',
      name,
    );
  return element(
    'div',
    { class: 'copies' },
    done,
    element('span', { 'aria-hidden': 'true' }, texts.copy),
    copyAs(texts.csv, texts.copyCsv, csvOf),
    copyAs(texts.markdown, texts.copyMarkdown, markdownOf),
  );
}
