import type { TradeoffTexts } from '../../src/protocol/measureTexts';
import { fillText, showCount, showShare } from '../../src/protocol/shown';
import type { TradeoffPoint } from '../../src/protocol/worker';
import type { Host } from '../api';
import { chartView } from '../charts/chartView';
import type { Plot, PlotSeries } from '../charts/plot';
import { element } from '../ui/dom';
import { pickedBefore, rememberedPicker } from '../ui/rememberedPicker';
import {
  figureAt,
  levelOf,
  quantitiesOf,
  showKnown,
  showQuantity,
  tradeoffCsv,
} from './quantities';
import type { QuantityId } from './quantities';

export type TradeoffHost = Pick<
  Host<TradeoffTexts, unknown, string>,
  'texts' | 'language' | 'save' | 'recall' | 'remember'
>;

/** Orders, ascending, with what was measured at each, and the parameters of the original. */
export interface Tradeoff {
  readonly points: readonly TradeoffPoint[];
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

/** What is in the page, and how one of the orders is chosen in the person's stead. */
export interface TradeoffView {
  readonly nodes: readonly Node[];
  readonly choose: (index: number) => void;
}

/** The trade-off as a chart, in words, as a table, and to take away. Without `choosing` it can only be looked at. */
export function tradeoffView(
  tradeoff: Tradeoff,
  host: TradeoffHost,
  choosing?: Choosing,
): TradeoffView {
  const { points } = tradeoff;
  const { texts } = host;
  const quantities = quantitiesOf(points);
  if (quantities.length === 0) return { nodes: [], choose: () => undefined };
  const overs = oversOf(points);
  const quantityItems = quantities.map((id) => ({ id, label: texts[id] }));
  const overItems = overs.map((id) => ({ id, label: texts[id] }));
  const shown = {
    quantity: quantities[pickedBefore('tradeoff-quantity', quantityItems, host)],
    over: overs[pickedBefore('tradeoff-over', overItems, host)],
    chosen: choosing?.first,
  };
  const readout = element('p', { class: 'chosen' });
  const tell = (): void => {
    if (shown.chosen === undefined) return;
    readout.textContent = tellPoint(tradeoff, shown.quantity, shown.chosen, host);
  };
  const show = (): void => {
    view.show(plotOf(tradeoff, shown, quantities, host));
    tell();
  };
  const pickQuantity = rememberedPicker(
    ...(['tradeoff-quantity', texts.quantity, quantityItems, host] as const),
    (i) => {
      shown.quantity = quantities[i];
      show();
    },
  );
  const pickOver = rememberedPicker(
    ...(['tradeoff-over', texts.over, overItems, host] as const),
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
  return { nodes: [view.element], choose: view.choose };
}

/** Sizes of orders shared out differ in parameters; their largest orders may be the same. */
function oversOf(points: readonly TradeoffPoint[]): readonly Over[] {
  return points.some(({ layerOrders }) => layerOrders !== undefined)
    ? ['parameters']
    : ['order', 'parameters'];
}

/** More than these are told as a range. */
const mostOrders = 8;

/** "16", or "16, 24" of the layers in their order, or the range of many. */
function orderText({ order, layerOrders }: TradeoffPoint): string {
  if (layerOrders === undefined) return String(order);
  const orders = Object.values(layerOrders);
  return orders.length <= mostOrders
    ? orders.join(', ')
    : `${Math.min(...orders)} – ${Math.max(...orders)}`;
}

interface View {
  readonly quantity: QuantityId;
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
    return [showQuantity(quantity, value, language), orderText(point)];
  });
  const level = levelOf(points, quantity);
  const original =
    level === undefined
      ? []
      : [fillText(texts.originalAt, showQuantity(quantity, level, language))];
  const text = fillText(texts.summary, texts[quantity], texts[over], ...ends);
  return [text, ...original].join(' ');
}

function tellPoint(
  { points, parametersBefore }: Tradeoff,
  quantity: QuantityId,
  index: number,
  { texts, language }: TradeoffHost,
): string {
  const { parameters, layerOrders } = points[index];
  const figure = figureAt(points[index], quantity);
  const value = figure === undefined ? '–' : showKnown(quantity, figure, language);
  const less = parametersBefore > 0 ? 1 - parameters / parametersBefore : 0;
  return fillText(
    layerOrders === undefined ? texts.pointAt : texts.pointAtOrders,
    orderText(points[index]),
    `${texts[quantity]} ${value}`,
    showCount(parameters, language),
    showShare(less, language),
  );
}

/** Points joined by a line in a band of their intervals, over the dashed level of the original. */
function plotOf(
  tradeoff: Tradeoff,
  view: View,
  quantities: readonly QuantityId[],
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
    ...(points.every(({ evaluation }) => evaluation === undefined)
      ? {} // what was not measured has no interval
      : {
          low: figures.map(({ low }) => low),
          high: figures.map(({ high }) => high),
          bandLabel: texts.interval,
        }),
  };
  const level = levelOf(points, quantity);
  const original: PlotSeries[] =
    level === undefined
      ? []
      : [
          {
            ...{ role: 'level', form: 'bare', x, y: x.map(() => level) },
            label: fillText(texts.originalLevel, showQuantity(quantity, level, language)),
          },
        ];
  return {
    x: { title: texts[over], ...axisOver(x), show: (value) => showCount(value, language) },
    y: {
      ...{ title: texts[quantity], scale: 'linear', grace: '5%' },
      ...(staysPositive(figures) ? { min: 0 } : {}),
      show: (value) => showQuantity(quantity, value, language),
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
  points: readonly TradeoffPoint[],
  quantities: readonly QuantityId[],
  { texts, language }: TradeoffHost,
): Plot['table'] {
  return {
    headings: [
      oversOf(points).includes('order') ? texts.order : texts.layerOrders,
      texts.parameters,
      ...quantities.map((id) => texts[id]),
    ],
    rows: points.map((point) => [
      orderText(point),
      showCount(point.parameters, language),
      ...quantities.map((id) => {
        const figure = figureAt(point, id);
        return figure === undefined ? '–' : showKnown(id, figure, language);
      }),
    ]),
  };
}
