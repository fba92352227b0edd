import type { ChartTexts } from '../../src/protocol/chartTexts';
import type { Host } from '../api';
import '../styles/charts.css';
import { button } from '../ui/controls';
import { element } from '../ui/dom';
import { chartNumbers } from './chartNumbers';
import { csvOfTable } from './contents';
import type { ChartContents, ChartHooks, DrawnChart } from './contents';
import { addKeys, addPointer } from './gestures';
import { isSeen } from './zoom';

export type ChartHost = Pick<
  Host<ChartTexts, unknown, string>,
  'texts' | 'language' | 'save' | 'recall' | 'remember'
>;

/** Choosing one of the places of a chart, by keys, a click or a drag. */
export interface Choosing {
  readonly first: number;
  readonly onChoose: (place: number) => void;
  /** Enter was pressed. */
  readonly onTake?: (place: number) => void;
}

/** What stands with a chart: controls before its legend, a text right below it. */
export interface ChartParts {
  readonly controls?: readonly (HTMLElement | undefined)[];
  readonly below?: HTMLElement;
  readonly choosing?: Choosing;
}

/** How contents are drawn, and the legend of it where it needs one. */
export interface ChartKind<T extends ChartContents> {
  readonly draw: (canvas: HTMLCanvasElement, contents: T, hooks: ChartHooks) => DrawnChart;
  readonly legend?: (contents: T) => HTMLElement;
}

export interface ChartView<T extends ChartContents> {
  readonly element: HTMLElement;
  /** Draws it once it is in the page. */
  draw(): void;
  /** Draws others in their place. */
  show(contents: T): void;
  /** Chooses one of its places, as the person does. */
  readonly choose: (place: number) => void;
  destroy(): void;
}

/**
 * A chart with its legend, the buttons that reset and save it, and its numbers as a table. It is a slider over its
 * places: arrow keys move from one to the next and read it out; plus and minus zoom, 0 shows everything again. The wheel
 * zooms only while the chart is focused, so that scrolling the page is not caught.
 *
 * @param name of the files that are saved
 */
export function chartFrame<T extends ChartContents>(
  name: string,
  first: T,
  kind: ChartKind<T>,
  host: ChartHost,
  { controls = [], below, choosing }: ChartParts = {},
): ChartView<T> {
  const { texts } = host;
  let contents = first;
  let chart: DrawnChart | undefined;
  let place = choosing?.first ?? 0;
  const canvas = element('canvas', { 'aria-hidden': 'true' });
  const holder = element(
    'div',
    { role: 'slider', tabindex: '0', 'aria-orientation': 'horizontal', 'aria-valuemin': '0' },
    canvas,
  );
  const key = element('div', { class: 'key' });
  const numbers = chartNumbers(name, host);

  const tell = (): void => {
    holder.setAttribute('aria-valuenow', String(place));
    holder.setAttribute(
      'aria-valuetext',
      contents.places === 0 ? '' : contents.read(place).join('; '),
    );
  };
  const describe = (): void => {
    holder.className = contents.square === true ? 'chart plot square' : 'chart plot';
    holder.style.height = contents.height === undefined ? '' : `${contents.height}px`;
    holder.setAttribute('aria-label', contents.summary);
    holder.setAttribute('aria-valuemax', String(Math.max(0, contents.places - 1)));
    key.replaceChildren(...(kind.legend === undefined ? [] : [kind.legend(contents)]));
    numbers.show(contents.table);
    tell();
  };
  const go = (to: number): void => {
    place = Math.min(contents.places - 1, Math.max(0, to));
    tell();
    choosing?.onChoose(place);
    chart?.mark(place);
  };
  const reset = button(texts.resetZoom, () => {
    chart?.zoom.reset();
  });
  reset.setAttribute('hidden', '');
  const drawn = (): DrawnChart | undefined => chart;
  const zoomed = (): ChartContents['zoomed'] => contents.zoomed;
  addKeys(holder, drawn, {
    places: () => contents.places,
    place: () => place,
    go,
    take: () => choosing?.onTake?.(place),
    zoomed,
  });
  addPointer(holder, drawn, choosing === undefined ? undefined : go, zoomed);
  describe();

  const keepZoom = (): void => {
    const others = Object.entries(host.recall().zooms ?? {}).filter(([other]) => other !== name);
    const seen = chart?.zoom.seen();
    const zooms = seen === undefined ? others : [...others, [name, seen] as const];
    host.remember({ zooms: Object.fromEntries(zooms) });
  };
  const draw = (): void => {
    const before = chart === undefined ? host.recall().zooms?.[name] : undefined;
    chart?.destroy();
    reset.setAttribute('hidden', '');
    chart = kind.draw(canvas, contents, {
      chosen: () => (choosing === undefined ? undefined : place),
      onZoom: (isZoomed) => {
        reset.toggleAttribute('hidden', !isZoomed);
        keepZoom();
      },
    });
    if (isSeen(before)) chart.zoom.show(before);
    else keepZoom();
  };
  const saveCsv = button(texts.saveCsv, () => {
    const content = contents.csv?.() ?? csvOfTable(contents.table);
    host.save({ name, extension: 'csv', content, encoding: 'utf8' });
  });
  const savePng = button(texts.savePng, () => {
    if (chart === undefined) return;
    host.save({ name, extension: 'png', content: chart.png(), encoding: 'base64' });
  });
  const bar = element(
    'div',
    { class: 'controls' },
    ...controls,
    key,
    element('div', { class: 'buttons' }, reset, saveCsv, savePng),
  );
  return {
    element: element('div', { class: 'chart-view' }, bar, holder, below, numbers.element),
    draw,
    show(next) {
      contents = next;
      place = Math.max(0, Math.min(place, contents.places - 1));
      describe();
      draw();
    },
    choose: go,
    destroy() {
      chart?.destroy();
    },
  };
}
