import { element } from './dom';

export interface VirtualColumn<T> {
  readonly heading: string;
  readonly numeric?: boolean;
  /** A CSS grid track: `1fr`, `12ch`. */
  readonly width: string;
  readonly cell: (item: T) => HTMLElement | string;
}

export interface VirtualList<T> {
  readonly element: HTMLElement;
  /** Shows these items from now on. */
  show(items: readonly T[]): void;
}

const rowHeight = 24;
const overscan = 20;

/**
 * A table of any length that scrolls with the page: only the rows in view exist. One row is current; arrow keys, Page
 * Up and Down, Home and End move it.
 */
export function virtualList<T>(
  label: string,
  columns: readonly VirtualColumn<T>[],
): VirtualList<T> {
  const tracks = columns.map(({ width }) => width).join(' ');
  const header = row(
    columns.map((column) => ({ column, content: column.heading })),
    'columnheader',
  );
  header.classList.add('head');
  header.setAttribute('aria-rowindex', '1');
  const body = element('div', { class: 'rows', role: 'rowgroup' });
  const grid = element(
    'div',
    {
      class: 'virtual',
      role: 'grid',
      tabindex: '0',
      'aria-label': label,
      'aria-colcount': String(columns.length),
    },
    element('div', { role: 'rowgroup' }, header),
    body,
  );
  grid.style.setProperty('--tracks', tracks);
  let items: readonly T[] = [];
  let current = 0;
  let drawn = '';

  function row(
    cells: readonly { column: VirtualColumn<T>; content: HTMLElement | string }[],
    role: 'columnheader' | 'gridcell',
  ): HTMLElement {
    return element(
      'div',
      { class: 'row', role: 'row' },
      ...cells.map(({ column, content }) =>
        element('div', { role, class: column.numeric === true ? 'numeric' : '' }, content),
      ),
    );
  }

  function itemRow(index: number): HTMLElement {
    const item = items[index];
    const made = row(
      columns.map((column) => ({ column, content: column.cell(item) })),
      'gridcell',
    );
    made.id = `row-${index}`;
    made.setAttribute('aria-rowindex', String(index + 2));
    made.setAttribute('aria-selected', String(index === current));
    made.style.top = `${index * rowHeight}px`;
    return made;
  }

  /** The rows in view and some more on either side, so that scrolling does not show gaps. */
  function draw(): void {
    const top = -body.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor(top / rowHeight) - overscan);
    const last = Math.min(
      items.length,
      Math.ceil((top + window.innerHeight) / rowHeight) + overscan,
    );
    const wanted = `${first} ${last} ${current}`;
    if (wanted === drawn) return;
    drawn = wanted;
    const indices = Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i);
    body.replaceChildren(...indices.map(itemRow));
    if (current >= first && current < last)
      grid.setAttribute('aria-activedescendant', `row-${current}`);
    else grid.removeAttribute('aria-activedescendant');
  }

  function move(to: number): void {
    current = Math.min(items.length - 1, Math.max(0, to));
    const top = body.getBoundingClientRect().top + current * rowHeight;
    const header = rowHeight;
    if (top < header) window.scrollBy(0, top - header);
    else if (top + rowHeight > window.innerHeight) {
      window.scrollBy(0, top + rowHeight - window.innerHeight);
    }
    draw();
  }

  grid.addEventListener('keydown', (event) => {
    const page = Math.max(1, Math.floor(window.innerHeight / rowHeight) - 2);
    const target: Partial<Record<string, number>> = {
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      PageDown: current + page,
      PageUp: current - page,
      Home: 0,
      End: items.length - 1,
    };
    const to = target[event.key];
    if (to === undefined || items.length === 0) return;
    event.preventDefault();
    move(to);
  });
  body.addEventListener('click', (event) => {
    const clicked = (event.target as HTMLElement).closest<HTMLElement>('[aria-rowindex]');
    if (clicked !== null) move(Number(clicked.getAttribute('aria-rowindex')) - 2);
  });
  // a list that was taken out of the page stops listening at the next scroll
  const listening = new AbortController();
  const onView = (): void => {
    if (grid.isConnected) draw();
    else listening.abort();
  };
  window.addEventListener('scroll', onView, { passive: true, signal: listening.signal });
  window.addEventListener('resize', onView, { signal: listening.signal });

  return {
    element: grid,
    show(newItems) {
      items = newItems;
      current = 0;
      drawn = '';
      body.style.height = `${items.length * rowHeight}px`;
      grid.setAttribute('aria-rowcount', String(items.length + 1));
      draw();
    },
  };
}
