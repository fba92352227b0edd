import { element } from './dom';

export interface VirtualColumn<T> {
  readonly heading: string;
  /** Explains the heading in a tooltip. */
  readonly help?: string;
  readonly numeric?: boolean;
  /** A CSS grid track: `1fr`, `12ch`. */
  readonly width: string;
  readonly cell: (item: T) => HTMLElement | string;
  /** What rows are sorted by; rows without one come last either way. Without this the column does not sort. */
  readonly value?: (item: T) => number | string | undefined;
}

/** Which column the rows are sorted by, and how. */
export interface Sort {
  readonly column: string;
  readonly descending: boolean;
}

export interface ListOptions<T> {
  /** Unique in the page. */
  readonly id: string;
  readonly label: string;
  readonly columns: readonly VirtualColumn<T>[];
  /** Rows scroll in a frame of their own, not with the page. */
  readonly framed?: boolean;
  readonly sort?: Sort | undefined;
  /** Hears of another order of the rows; undefined for that of the file. */
  readonly onSort?: (sort: Sort | undefined) => void;
  /** Hears which row is current. */
  readonly onCurrent?: (item: T) => void;
  /** A row was clicked, or Enter pressed in it. */
  readonly onOpen?: (item: T) => void;
}

export interface VirtualList<T> {
  readonly element: HTMLElement;
  /** Shows these items from now on. The current row stays with its item where that is among them. */
  show(items: readonly T[]): void;
  /** The items in the order shown. */
  shown(): readonly T[];
  /** Makes an item's row the current one, in view. */
  goTo(item: T): void;
  /** Draws the rows anew, since what their cells show has changed. */
  refresh(): void;
}

const rowHeight = 24;
const overscan = 12;

/** How wide rows are at least. Told rather than left to the browser, which would lay out every row to find it. */
function leastWidth(columns: readonly { readonly width: string }[]): string {
  const characters = columns
    .map(({ width }) => Number(/([\d.]+)ch/.exec(width)?.[1] ?? 0))
    .reduce((sum, one) => sum + one, 0);
  return `calc(${characters}ch + ${columns.length - 1} * var(--column-gap) + 8px)`;
}

/**
 * A table of any length: only the rows in view exist. One row is current; arrow keys, Page Up and Down, Home and End move
 * it. A click on a heading sorts, another turns the order round, a third brings back the order of the file.
 */
export function virtualList<T>(options: ListOptions<T>): VirtualList<T> {
  const { id, label, columns, framed = false } = options;
  const body = element('div', { class: 'rows', role: 'rowgroup' });
  const headRow = element('div', { class: 'heads', role: 'rowgroup' });
  const grid = element(
    'div',
    {
      class: framed ? 'virtual framed' : 'virtual',
      role: 'grid',
      tabindex: '0',
      'aria-label': label,
      'aria-colcount': String(columns.length),
    },
    headRow,
    body,
  );
  grid.style.setProperty('--tracks', columns.map(({ width }) => width).join(' '));
  grid.style.setProperty('--least', leastWidth(columns));
  let given: readonly T[] = [];
  let items: readonly T[] = [];
  let sort = options.sort;
  let current = 0;
  /** The rows in the page, by their places. */
  const rows = new Map<number, HTMLElement>();

  function row(cells: readonly HTMLElement[]): HTMLElement {
    return element('div', { class: 'row', role: 'row' }, ...cells);
  }

  function drawHead(): void {
    const header = row(columns.map((column) => headCell(column, sort, sortBy)));
    header.classList.add('head');
    header.setAttribute('aria-rowindex', '1');
    headRow.replaceChildren(header);
  }

  function sortBy(column: string): void {
    const again = sort?.column === column;
    if (again && sort?.descending === true) sort = undefined;
    else sort = { column, descending: again };
    options.onSort?.(sort);
    arrange(items.at(current));
    drawHead();
    const button = [...headRow.querySelectorAll('button')].find(
      (one) => one.dataset.column === column,
    );
    button?.focus();
  }

  function itemRow(index: number): HTMLElement {
    const item = items[index];
    const made = row(
      columns.map(({ numeric, cell }) =>
        element('div', { role: 'gridcell', ...numericClass(numeric) }, cell(item)),
      ),
    );
    made.id = `${id}-${index}`;
    made.setAttribute('aria-rowindex', String(index + 2));
    made.setAttribute('aria-selected', String(index === current));
    made.style.top = `${index * rowHeight}px`;
    return made;
  }

  /** Where rows can be seen, in pixels of the page's window. */
  function view(): { readonly top: number; readonly bottom: number } {
    if (!framed) return { top: 0, bottom: window.innerHeight };
    const { top, bottom } = grid.getBoundingClientRect();
    return { top: Math.max(0, top), bottom: Math.min(window.innerHeight, bottom) };
  }

  /** The rows in view and some more on either side, so that scrolling does not show gaps. */
  function draw(): void {
    const { top, bottom } = view();
    const start = body.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor((top - start) / rowHeight) - overscan);
    const last = Math.min(items.length, Math.ceil((bottom - start) / rowHeight) + overscan);
    for (const [index, made] of rows) {
      if (index >= first && index < last) continue;
      made.remove();
      rows.delete(index);
    }
    const missing = Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i).filter(
      (index) => !rows.has(index),
    );
    // in the order of the rows, as they are read out
    const before = rows.size > 0 && missing.some((index) => index < Math.min(...rows.keys()));
    const made = missing.map((index): [number, HTMLElement] => [index, itemRow(index)]);
    for (const [index, one] of made) rows.set(index, one);
    const elements = made.map(([, one]) => one);
    if (before) body.prepend(...elements);
    else body.append(...elements);
    if (current >= first && current < last)
      grid.setAttribute('aria-activedescendant', `${id}-${current}`);
    else grid.removeAttribute('aria-activedescendant');
  }

  function reveal(): void {
    const { top, bottom } = view();
    const from = body.getBoundingClientRect().top + current * rowHeight;
    const headHeight = rowHeight;
    const scroller = framed ? grid : window;
    if (from < top + headHeight) scroller.scrollBy(0, from - top - headHeight);
    else if (from + rowHeight > bottom) scroller.scrollBy(0, from + rowHeight - bottom);
  }

  function move(to: number): void {
    rows.get(current)?.setAttribute('aria-selected', 'false');
    current = Math.min(items.length - 1, Math.max(0, to));
    rows.get(current)?.setAttribute('aria-selected', 'true');
    reveal();
    draw();
    options.onCurrent?.(items[current]);
  }

  /** Sorts the given items; `keep` stays the current one. */
  function arrange(keep: T | undefined): void {
    const column = columns.find(({ heading }) => heading === sort?.column);
    items = sorted(given, column?.value, sort?.descending ?? false);
    current = Math.max(0, keep === undefined ? 0 : items.indexOf(keep));
    rows.clear();
    body.replaceChildren();
    body.style.height = `${items.length * rowHeight}px`;
    grid.setAttribute('aria-rowcount', String(items.length + 1));
    draw();
  }

  grid.addEventListener('keydown', (event) => {
    if (event.target !== grid || items.length === 0) return;
    const { top, bottom } = view();
    const page = Math.max(1, Math.floor((bottom - top) / rowHeight) - 2);
    const target: Partial<Record<string, number>> = {
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      PageDown: current + page,
      PageUp: current - page,
      Home: 0,
      End: items.length - 1,
      Enter: current,
    };
    const to = target[event.key];
    if (to === undefined) return;
    event.preventDefault();
    move(to);
    if (event.key === 'Enter') options.onOpen?.(items[current]);
  });
  body.addEventListener('click', (event) => {
    const clicked = (event.target as HTMLElement).closest<HTMLElement>('[aria-rowindex]');
    if (clicked === null) return;
    move(Number(clicked.getAttribute('aria-rowindex')) - 2);
    options.onOpen?.(items[current]);
  });
  // a list that was taken out of the page stops listening at the next scroll
  const listening = new AbortController();
  const onView = (): void => {
    if (grid.isConnected) draw();
    else listening.abort();
  };
  const sideways = framed ? grid : body;
  // names stay in view only while that is needed: it costs frames
  const onSideways = (): void => void grid.classList.toggle('sideways', sideways.scrollLeft > 0);
  sideways.addEventListener('scroll', onSideways, { passive: true });
  window.addEventListener('scroll', onView, { passive: true, signal: listening.signal });
  window.addEventListener('resize', onView, { signal: listening.signal });
  if (framed) grid.addEventListener('scroll', onView, { passive: true });
  else {
    // rows wider than the page scroll sideways by themselves, and their headings with them
    body.addEventListener('scroll', () => (headRow.scrollLeft = body.scrollLeft), {
      passive: true,
    });
  }
  drawHead();

  return {
    element: grid,
    show(newItems) {
      const keep = items.at(current);
      given = newItems;
      arrange(keep);
    },
    shown: () => items,
    goTo(item) {
      const index = items.indexOf(item);
      if (index >= 0) move(index);
    },
    refresh() {
      arrange(items.at(current));
    },
  };
}

function numericClass(numeric = false): { readonly class: string } {
  return { class: numeric ? 'numeric' : '' };
}

function headCell<T>(
  { heading, help, numeric, value }: VirtualColumn<T>,
  sort: Sort | undefined,
  sortBy: (column: string) => void,
): HTMLElement {
  const cell = element('div', {
    role: 'columnheader',
    ...numericClass(numeric),
    ...(help === undefined ? {} : { title: help }),
  });
  if (value === undefined) {
    cell.append(heading);
    return cell;
  }
  const direction =
    sort?.column !== heading ? 'none' : sort.descending ? 'descending' : 'ascending';
  cell.setAttribute('aria-sort', direction);
  const button = element('button', { type: 'button', class: 'sort' }, heading);
  button.dataset.column = heading;
  button.dataset.direction = direction;
  button.addEventListener('click', () => {
    sortBy(heading);
  });
  cell.append(button);
  return cell;
}

function sorted<T>(
  items: readonly T[],
  value: VirtualColumn<T>['value'],
  descending: boolean,
): readonly T[] {
  if (value === undefined) return items;
  const collator = new Intl.Collator(undefined, { numeric: true });
  const sign = descending ? -1 : 1;
  const keyed = items.map((item) => ({ item, key: value(item) }));
  keyed.sort((a, b) => {
    if (a.key === undefined || b.key === undefined) {
      return Number(a.key === undefined) - Number(b.key === undefined);
    }
    if (typeof a.key === 'number' && typeof b.key === 'number') return sign * (a.key - b.key);
    return sign * collator.compare(String(a.key), String(b.key));
  });
  return keyed.map(({ item }) => item);
}
