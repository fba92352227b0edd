import { fillText, showCount } from '../../src/protocol/shown';
import type { ChartTexts } from '../../src/protocol/chartTexts';
import type { Host } from '../api';
import { button } from '../ui/controls';
import { element, table } from '../ui/dom';
import { legend } from './legend';
import { csvOfTable } from './plot';
import type { Plot, PlotTable } from './plot';
import { seriesChart } from './seriesChart';
import type { SeriesChart } from './seriesChart';

export type ChartHost = Pick<Host<ChartTexts, unknown, string>, 'texts' | 'language' | 'save'>;

/** Choosing one of the places of a chart, by keys, a click or a drag. */
export interface Choosing {
  readonly first: number;
  readonly onChoose: (place: number) => void;
}

/** What stands with a chart: a control before its legend, a text right below it. */
export interface ChartFrame {
  readonly control?: HTMLElement;
  readonly below?: HTMLElement;
}

export interface ChartView {
  readonly element: HTMLElement;
  /** Draws it once it is in the page. */
  draw(): void;
  destroy(): void;
}

/** No longer table is put into the page; a file holds all. */
const mostRows = 1000;

/**
 * A chart with its legend, the buttons that reset and save it, and its numbers as a table. It is a slider over its
 * places: arrow keys move from one to the next and read it out; plus and minus zoom, 0 shows everything again. The wheel
 * zooms only while the chart is focused, so that scrolling the page is not caught.
 *
 * @param name of the files that are saved
 */
export function chartView(
  name: string,
  plot: Plot,
  host: ChartHost,
  { control, below }: ChartFrame = {},
  choosing?: Choosing,
): ChartView {
  const { texts } = host;
  const canvas = element('canvas', { 'aria-hidden': 'true' });
  const holder = element(
    'div',
    {
      class: plot.square === true ? 'chart plot square' : 'chart plot',
      ...{ role: 'slider', tabindex: '0', 'aria-orientation': 'horizontal' },
      ...{ 'aria-label': plot.summary, 'aria-valuemin': '0' },
      'aria-valuemax': String(Math.max(0, plot.places - 1)),
    },
    canvas,
  );
  let chart: SeriesChart | undefined;
  let place = choosing?.first ?? 0;
  const tell = (): void => {
    holder.setAttribute('aria-valuenow', String(place));
    holder.setAttribute('aria-valuetext', plot.places === 0 ? '' : plot.read(place).join('; '));
  };
  const go = (to: number): void => {
    place = Math.min(plot.places - 1, Math.max(0, to));
    tell();
    choosing?.onChoose(place);
    chart?.mark(place);
  };
  tell();
  const reset = button(texts.resetZoom, () => {
    chart?.zoom.reset();
  });
  reset.setAttribute('hidden', '');
  addKeys(holder, () => chart, { places: plot.places, place: () => place, go });
  addPointer(holder, () => chart, choosing === undefined ? undefined : go, plot.square === true);

  const save = [
    button(texts.saveCsv, () => {
      host.save({ name, extension: 'csv', content: csvOfTable(plot.table), encoding: 'utf8' });
    }),
    button(texts.savePng, () => {
      if (chart === undefined) return;
      host.save({ name, extension: 'png', content: chart.png(), encoding: 'base64' });
    }),
  ];
  return {
    element: element(
      'div',
      { class: 'chart-view' },
      element(
        'div',
        { class: 'controls' },
        control,
        legend(plot.series),
        element('div', { class: 'buttons' }, reset, ...save),
      ),
      holder,
      below,
      numbers(plot.table, host),
    ),
    draw() {
      chart = seriesChart(canvas, plot, {
        chosen: () => (choosing === undefined ? undefined : place),
        onZoom: (zoomed) => {
          reset.toggleAttribute('hidden', !zoomed);
        },
      });
    },
    destroy() {
      chart?.destroy();
    },
  };
}

interface Walk {
  readonly places: number;
  readonly place: () => number;
  readonly go: (to: number) => void;
}

function addKeys(
  holder: HTMLElement,
  chart: () => SeriesChart | undefined,
  { places, place, go }: Walk,
): void {
  const page = Math.max(1, Math.round(places / 10));
  holder.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = place();
    const target: Partial<Record<string, number>> = {
      ...{ ArrowRight: at + 1, ArrowUp: at + 1, ArrowLeft: at - 1, ArrowDown: at - 1 },
      ...{ PageUp: at + page, PageDown: at - page, Home: 0, End: places - 1 },
    };
    const to = target[event.key];
    const shown = chart();
    if (to !== undefined && places > 0) go(to);
    else if (shown === undefined) return;
    else if (event.key === '+' || event.key === '=')
      shown.zoom.scale(0.7, shown.pixelsOf(at), 'both');
    else if (event.key === '-') shown.zoom.scale(1 / 0.7, shown.pixelsOf(at), 'both');
    else if (event.key === '0') shown.zoom.reset();
    else if (event.key === 'Escape') shown.mark(undefined);
    else return;
    event.preventDefault();
  });
  holder.addEventListener('blur', () => {
    chart()?.mark(undefined);
  });
}

/** A wheel zooms along the horizontal axis, with Shift along the other; a drag chooses, or moves what is seen. */
function addPointer(
  holder: HTMLElement,
  chart: () => SeriesChart | undefined,
  choose: ((place: number) => void) | undefined,
  square: boolean,
): void {
  const at = ({ clientX, clientY }: MouseEvent): { x: number; y: number } => {
    const { left, top } = holder.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  };
  holder.addEventListener(
    'wheel',
    (event) => {
      const shown = chart();
      if (shown === undefined || document.activeElement !== holder) return;
      event.preventDefault();
      // with Shift held some systems turn the wheel's movement sideways
      const turned = event.deltaY === 0 ? event.deltaX : event.deltaY;
      shown.zoom.scale(
        1.2 ** Math.sign(turned),
        at(event),
        square ? 'both' : event.shiftKey ? 'y' : 'x',
      );
    },
    { passive: false },
  );
  holder.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    holder.focus();
    let last = at(event);
    if (choose !== undefined) choose(chart()?.placeAt(last.x) ?? 0);
    const dragging = new AbortController();
    const { signal } = dragging;
    const onMove = (moved: PointerEvent): void => {
      const now = at(moved);
      if (choose !== undefined) choose(chart()?.placeAt(now.x) ?? 0);
      else chart()?.zoom.pan(now.x - last.x, now.y - last.y);
      last = now;
    };
    window.addEventListener('pointermove', onMove, { signal });
    for (const end of ['pointerup', 'pointercancel'] as const) {
      window.addEventListener(
        end,
        () => {
          dragging.abort();
        },
        { signal },
      );
    }
  });
}

/** The numbers, made when they are asked for. */
function numbers({ headings, rows }: PlotTable, { texts, language }: ChartHost): HTMLElement {
  const place = element('div', { class: 'tall' });
  const disclosure = element('details', {}, element('summary', {}, texts.showTable), place);
  disclosure.addEventListener('toggle', () => {
    if (!disclosure.open || place.childElementCount > 0) return;
    const columns = headings.map((heading, i) => ({
      heading,
      numeric: i > 0,
      cell: (row: readonly number[]) => showNumber(row[i]),
    }));
    const shown = rows.slice(0, mostRows);
    const more =
      rows.length > shown.length
        ? element(
            'p',
            { class: 'remark' },
            fillText(
              texts.moreRows,
              showCount(shown.length, language),
              showCount(rows.length, language),
            ),
          )
        : '';
    place.replaceChildren(table(texts.showTable, columns, shown), more);
  });
  return disclosure;
}

/** Four digits; nothing where there is no number. */
export function showNumber(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '–';
  return String(Number(value.toPrecision(4)));
}
