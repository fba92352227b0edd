import type { CurvePoint } from '../../src/protocol/calibration';
import type { TradeoffTexts } from '../../src/protocol/measureTexts';
import { fillText, showCount, showShare } from '../../src/protocol/shown';
import { showFigure, showInterval } from '../../src/protocol/shownMeasures';
import type { FigureId } from '../../src/protocol/shownMeasures';
import type { Host } from '../api';
import { chartView } from '../charts/chartView';
import type { Plot, PlotSeries } from '../charts/plot';
import { picker } from '../ui/controls';
import { element } from '../ui/dom';
import { figureAt, levelOf, quantitiesOf, tradeoffCsv } from './quantities';

export type TradeoffHost = Pick<
  Host<TradeoffTexts, unknown, string>,
  'texts' | 'language' | 'save'
>;

/** Orders, ascending, with what was measured at each, and the parameters of the original. */
export interface Tradeoff {
  readonly points: readonly CurvePoint[];
  readonly parametersBefore: number;
}

/** How a person chooses one of the orders. */
export interface Choosing {
  /** The index chosen at first. */
  readonly first: number;
  readonly onChoose: (index: number) => void;
  /** Enter was pressed. */
  readonly onTake: (index: number) => void;
}

type Over = 'order' | 'parameters';

/** The trade-off as a chart, in words, as a table, and to take away. Without `choosing` it can only be looked at. */
export function tradeoffNodes(
  tradeoff: Tradeoff,
  host: TradeoffHost,
  choosing?: Choosing,
): readonly Node[] {
  const { points } = tradeoff;
  const { texts } = host;
  const quantities = quantitiesOf(points);
  const first = quantities.at(0);
  if (first === undefined) return [];
  const shown = { quantity: first, over: 'order' as Over, chosen: choosing?.first };
  const readout = element('p', { class: 'chosen' });
  const tell = (): void => {
    if (shown.chosen === undefined) return;
    readout.textContent = tellPoint(tradeoff, shown.quantity, shown.chosen, host);
  };
  const show = (): void => {
    view.show(plotOf(tradeoff, shown, quantities, host));
    tell();
  };
  const pickQuantity = picker(
    'tradeoff-quantity',
    texts.quantity,
    quantities.map((id) => texts[id]),
    (i) => {
      shown.quantity = quantities[i];
      show();
    },
  );
  const overs = ['order', 'parameters'] as const;
  const pickOver = picker(
    'tradeoff-over',
    texts.over,
    overs.map((over) => texts[over]),
    (i) => {
      shown.over = overs[i];
      show();
    },
  );
  const view = chartView('tradeoff', plotOf(tradeoff, shown, quantities, host), host, {
    controls: [pickQuantity, pickOver],
    ...(choosing === undefined
      ? {}
      : {
          below: readout,
          choosing: {
            ...choosing,
            onChoose: (index: number) => {
              shown.chosen = index;
              tell();
              choosing.onChoose(index);
            },
          },
        }),
  });
  tell();
  requestAnimationFrame(() => {
    view.draw();
  });
  return [view.element];
}

interface View {
  readonly quantity: FigureId;
  readonly over: Over;
}

/** Says in words what the chart shows. */
function summaryOf(
  { points }: Tradeoff,
  { quantity, over }: View,
  { texts, language }: TradeoffHost,
): string {
  const ends = [points[0], points[points.length - 1]].flatMap((point) => {
    const value = figureAt(point, quantity)?.model.value ?? null;
    return [showFigure(quantity, value, language), String(point.order)];
  });
  const level = levelOf(points, quantity);
  const original =
    level === undefined ? [] : [fillText(texts.originalAt, showFigure(quantity, level, language))];
  const text = fillText(texts.summary, texts[quantity], texts[over], ...ends);
  return [text, ...original].join(' ');
}

function tellPoint(
  { points, parametersBefore }: Tradeoff,
  quantity: FigureId,
  index: number,
  { texts, language }: TradeoffHost,
): string {
  const { order, parameters } = points[index];
  const figure = figureAt(points[index], quantity);
  const value = figure === undefined ? '–' : showInterval(quantity, figure.model, language);
  const less = parametersBefore > 0 ? 1 - parameters / parametersBefore : 0;
  return fillText(
    texts.pointAt,
    String(order),
    `${texts[quantity]} ${value}`,
    showCount(parameters, language),
    showShare(less, language),
  );
}

/** Points joined by a line in a band of their intervals, over the dashed level of the original. */
function plotOf(
  tradeoff: Tradeoff,
  view: View,
  quantities: readonly FigureId[],
  host: TradeoffHost,
): Plot {
  const { quantity, over } = view;
  const { texts, language } = host;
  const { points } = tradeoff;
  const figures = points.map((point) => {
    const { value, low, high } = figureAt(point, quantity)?.model ?? {};
    const y = value ?? 0;
    return { y, low: low ?? y, high: high ?? y };
  });
  const x = points.map((point) => point[over]);
  const measured: PlotSeries = {
    ...{ role: 'original', label: texts.compressed, form: 'joined', x },
    y: figures.map(({ y }) => y),
    low: figures.map(({ low }) => low),
    high: figures.map(({ high }) => high),
    bandLabel: texts.interval,
  };
  const level = levelOf(points, quantity);
  const original: PlotSeries[] =
    level === undefined
      ? []
      : [
          {
            ...{ role: 'level', form: 'bare', x, y: x.map(() => level) },
            label: fillText(texts.originalLevel, showFigure(quantity, level, language)),
          },
        ];
  return {
    x: { title: texts[over], ...axisOver(x), show: (value) => showCount(value, language) },
    y: {
      ...{ title: texts[quantity], scale: 'linear', grace: '5%' },
      ...(staysPositive(figures) ? { min: 0 } : {}),
      show: (value) => showFigure(quantity, value, language),
    },
    series: [measured, ...original],
    places: points.length,
    read: (index) => [tellPoint(tradeoff, quantity, index, host)],
    summary: summaryOf(tradeoff, view, host),
    table: numbersOf(points, quantities, host),
    csv: () => tradeoffCsv(points),
  };
}

/** Ticks where the points are, and nowhere else; a little room at both sides, so that points at the ends are whole. */
function axisOver(places: readonly number[]): Pick<Plot['x'], 'scale' | 'min' | 'max' | 'ticks'> {
  const [least, greatest] = [Math.min(...places), Math.max(...places)];
  const ticks = places;
  if (greatest > 4 * least) {
    return { scale: 'logarithmic', ticks, min: least / 1.12, max: greatest * 1.12 };
  }
  const room = greatest > least ? 0.03 * (greatest - least) : Math.max(1, 0.1 * greatest);
  return { scale: 'linear', ticks, min: least - room, max: greatest + room };
}

/** Whether room below the least value would reach below 0, where nothing that is measured can lie. */
function staysPositive(
  figures: readonly { readonly low: number; readonly high: number }[],
): boolean {
  const least = Math.min(...figures.map(({ low }) => low));
  const greatest = Math.max(...figures.map(({ high }) => high));
  return least >= 0 && least < 0.06 * (greatest - least);
}

function numbersOf(
  points: readonly CurvePoint[],
  quantities: readonly FigureId[],
  { texts, language }: TradeoffHost,
): Plot['table'] {
  return {
    headings: [texts.order, texts.parameters, ...quantities.map((id) => texts[id])],
    rows: points.map((point) => [
      String(point.order),
      showCount(point.parameters, language),
      ...quantities.map((id) => {
        const figure = figureAt(point, id);
        return figure === undefined ? '–' : showInterval(id, figure.model, language);
      }),
    ]),
  };
}
