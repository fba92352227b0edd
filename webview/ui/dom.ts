type Child = Node | string | undefined;

/** An element with attributes and children. Strings become text nodes, never HTML. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/** A heading and, beside it, how the figures under it were obtained. */
export function obtained(heading: string, how: string): HTMLElement {
  return element('span', {}, heading, ' ', element('span', { class: 'evidence' }, how));
}

/** A section with a heading. */
export function section(
  id: string,
  heading: string | HTMLElement,
  ...children: readonly Child[]
): HTMLElement {
  return element(
    'section',
    { id, 'aria-labelledby': `${id}-heading` },
    element('h2', { id: `${id}-heading` }, heading),
    ...children,
  );
}

export interface Column<T> {
  readonly heading: string;
  /** Explains the heading in a tooltip. */
  readonly help?: string;
  readonly numeric?: boolean;
  readonly cell: (item: T) => Child;
}

/** A table of more rows scrolls within its own frame, under its headings. */
const manyRows = 40;

/**
 * A plain table; wide ones scroll sideways within their own frame, beside their first column. The first column heads its row. One of few columns is
 * no wider than it has to be, so that the eye finds the way from a name to its value.
 */
export function table<T>(
  label: string,
  columns: readonly Column<T>[],
  items: readonly T[],
): HTMLElement {
  const kind = ({ numeric }: Column<T>): Record<string, string> =>
    numeric === true ? { class: 'numeric' } : {};
  const head = columns.map((column) =>
    element(
      'th',
      { scope: 'col', ...kind(column), ...(column.help ? { title: column.help } : {}) },
      column.heading,
    ),
  );
  const rows = items.map((item) =>
    element(
      'tr',
      {},
      ...columns.map((column, i) =>
        i === 0
          ? element('th', { scope: 'row' }, column.cell(item))
          : element('td', kind(column), column.cell(item)),
      ),
    ),
  );
  return element(
    'div',
    {
      class: items.length > manyRows ? 'frame long' : 'frame',
      role: 'region',
      'aria-label': label,
      tabindex: '0',
    },
    element(
      'table',
      { 'aria-label': label, ...(columns.length <= 3 ? { class: 'compact' } : {}) },
      element('thead', {}, element('tr', {}, ...head)),
      element('tbody', {}, ...rows),
    ),
  );
}

/** A name from a file: kept apart from the direction of the text around it, complete in the tooltip. */
export function nameText(shown: string, full = shown): HTMLElement {
  return element('bdi', { class: 'name', title: full }, shown);
}

/** Terms and what they are. */
export function facts(entries: readonly (readonly [string, Child])[]): HTMLElement {
  return element(
    'dl',
    { class: 'facts' },
    ...entries.map(([term, value]) =>
      element('div', {}, element('dt', {}, term), element('dd', {}, value)),
    ),
  );
}

/** A figure and what has to be said of it, each on a line of its own. */
export function withAside(text: string, ...asides: readonly string[]): HTMLElement {
  return element(
    'span',
    {},
    text,
    ...asides.map((aside) => element('span', { class: 'aside' }, aside)),
  );
}
