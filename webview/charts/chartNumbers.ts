import { fillText, showCount, showName, showNumber } from '../../src/protocol/shown';
import { element, nameText, table } from '../ui/dom';
import type { ChartHost } from './chartFrame';
import type { PlotTable } from './contents';

/** No longer table is put into the page; a file holds all. */
const mostRows = 1000;

/** The numbers of a chart behind a disclosure, made when they are asked for; it opens as the page was left. */
export function chartNumbers(
  name: string,
  { texts, language, recall, remember }: ChartHost,
): {
  readonly element: HTMLElement;
  show(numbers: PlotTable): void;
} {
  const place = element('div', { class: 'tall' });
  const disclosure = element('details', {}, element('summary', {}, texts.showTable), place);
  let shown: PlotTable = { headings: [], rows: [] };

  const fill = (): void => {
    if (!disclosure.open) return;
    const { headings, rows } = shown;
    const columns = headings.map((heading, i) => ({
      heading,
      numeric: i > 0,
      cell: (row: PlotTable['rows'][number]) => cellOf(row[i]),
    }));
    const first = rows.slice(0, mostRows);
    const counts = [first.length, rows.length].map((count) => showCount(count, language));
    const more =
      rows.length > first.length
        ? element('p', { class: 'remark' }, fillText(texts.moreRows, ...counts))
        : '';
    place.replaceChildren(table(texts.showTable, columns, first), more);
  };
  disclosure.open = recall().tables?.includes(name) === true;
  disclosure.addEventListener('toggle', () => {
    const others = (recall().tables ?? []).filter((other) => other !== name);
    remember({ tables: disclosure.open ? [...others, name] : others });
    fill();
  });
  return {
    element: disclosure,
    show(numbers) {
      shown = numbers;
      fill();
    },
  };
}

function cellOf(value: number | string | undefined): HTMLElement | string {
  return typeof value === 'string' ? nameText(showName(value)) : showCell(value);
}

/** Four digits; a dash where there is no number. */
function showCell(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? '–' : showNumber(value, 4);
}
