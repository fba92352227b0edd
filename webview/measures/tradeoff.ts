import type { CurvePoint } from '../../src/protocol/calibration';
import type { TradeoffTexts } from '../../src/protocol/measureTexts';
import { fillText, showCount, showShare } from '../../src/protocol/shown';
import { showFigure, showInterval } from '../../src/protocol/shownMeasures';
import type { FigureId } from '../../src/protocol/shownMeasures';
import type { Host } from '../api';
import { button, picker } from '../ui/controls';
import { element, table } from '../ui/dom';
import type { Column } from '../ui/dom';
import { figureAt, levelOf, quantitiesOf, tradeoffCsv } from './quantities';
import { tradeoffChart } from './tradeoffChart';
import type { Plot, TradeoffChart } from './tradeoffChart';

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
  const shown = { quantity: quantities.at(0), over: 'order' as Over, chosen: choosing?.first };
  if (shown.quantity === undefined) return [];
  const canvas = element('canvas');
  const holder = element('div', { class: 'chart plot' }, canvas);
  const readout = element('p', { class: 'chosen' });
  const remark = element('p', { class: 'remark' });
  let chart: TradeoffChart | undefined;

  const draw = (): void => {
    const { quantity = 'outputError', over, chosen } = shown;
    describe(choosing === undefined ? canvas : holder, tradeoff, { quantity, over }, host);
    remark.textContent = explain(points, quantity, host);
    chart?.show(plotOf(tradeoff, { quantity, over }, host), chosen);
    tellChosen();
  };
  const tellChosen = (): void => {
    const { chosen, quantity } = shown;
    if (chosen === undefined || quantity === undefined) return;
    const text = tellPoint(tradeoff, quantity, chosen, host);
    readout.textContent = text;
    holder.setAttribute('aria-valuenow', String(chosen));
    holder.setAttribute('aria-valuetext', text);
  };
  const choose = (index: number): void => {
    shown.chosen = index;
    chart?.choose(index);
    tellChosen();
    choosing?.onChoose(index);
  };
  if (choosing !== undefined) {
    makeSlider(holder, points.length, () => shown.chosen ?? 0, { ...choosing, onChoose: choose });
    canvas.setAttribute('aria-hidden', 'true');
  } else canvas.setAttribute('role', 'img');
  draw();
  requestAnimationFrame(() => {
    const { quantity = 'outputError', over, chosen } = shown;
    const plot = plotOf(tradeoff, { quantity, over }, host);
    chart = tradeoffChart(canvas, plot, choosing === undefined ? undefined : choose);
    chart.choose(chosen);
  });

  const pickQuantity = picker(
    'tradeoff-quantity',
    texts.quantity,
    quantities.map((id) => texts[id]),
    (i) => {
      shown.quantity = quantities[i];
      draw();
    },
  );
  const overs = ['order', 'parameters'] as const;
  const pickOver = picker(
    'tradeoff-over',
    texts.over,
    overs.map((over) => texts[over]),
    (i) => {
      shown.over = overs[i];
      draw();
    },
  );
  return [
    element(
      'div',
      { class: 'controls' },
      pickQuantity,
      pickOver,
      element('div', { class: 'buttons' }, ...saveButtons(points, host, () => chart?.png())),
    ),
    holder,
    ...(choosing === undefined ? [] : [readout]),
    remark,
    element(
      'details',
      {},
      element('summary', {}, texts.showTable),
      numbersOf(tradeoff, quantities, host),
    ),
  ];
}

/** Arrow keys, Home and End choose the next, the first, the last point; Enter takes the one that is chosen. */
function makeSlider(
  holder: HTMLElement,
  count: number,
  chosen: () => number,
  { onChoose, onTake }: Pick<Choosing, 'onChoose' | 'onTake'>,
): void {
  const attributes = {
    ...{ role: 'slider', tabindex: '0', 'aria-orientation': 'horizontal' },
    ...{ 'aria-valuemin': '0', 'aria-valuemax': String(count - 1) },
  };
  for (const [name, value] of Object.entries(attributes)) holder.setAttribute(name, value);
  holder.addEventListener('keydown', (event) => {
    const at = chosen();
    const target: Partial<Record<string, number>> = {
      ...{ ArrowRight: at + 1, ArrowUp: at + 1, ArrowLeft: at - 1, ArrowDown: at - 1 },
      ...{ Home: 0, End: count - 1 },
    };
    const to = target[event.key];
    if (to !== undefined) onChoose(Math.min(count - 1, Math.max(0, to)));
    else if (event.key === 'Enter') onTake(at);
    else return;
    event.preventDefault();
  });
}

interface View {
  readonly quantity: FigureId;
  readonly over: Over;
}

/** Says in words what the chart shows. */
function describe(
  drawn: HTMLElement,
  { points }: Tradeoff,
  { quantity, over }: View,
  { texts, language }: TradeoffHost,
): void {
  const ends = [points[0], points[points.length - 1]].flatMap((point) => {
    const value = figureAt(point, quantity)?.model.value ?? null;
    return [showFigure(quantity, value, language), String(point.order)];
  });
  const level = levelOf(points, quantity);
  const original =
    level === undefined ? [] : [fillText(texts.originalAt, showFigure(quantity, level, language))];
  const text = fillText(texts.summary, texts[quantity], texts[over], ...ends);
  drawn.setAttribute('aria-label', [text, ...original].join(' '));
}

function explain(
  points: readonly CurvePoint[],
  quantity: FigureId,
  { texts, language }: TradeoffHost,
): string {
  const level = levelOf(points, quantity);
  if (level === undefined) return texts.explain;
  return `${texts.explain} ${fillText(texts.explainLevel, showFigure(quantity, level, language))}`;
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

function plotOf(tradeoff: Tradeoff, { quantity, over }: View, host: TradeoffHost): Plot {
  const { texts, language } = host;
  const points = tradeoff.points.map((point) => {
    const { value, low, high } = figureAt(point, quantity)?.model ?? {};
    const y = value ?? 0;
    return { x: point[over], y, low: low ?? y, high: high ?? y };
  });
  const level = levelOf(tradeoff.points, quantity);
  const [least, greatest] = [points[0].x, points[points.length - 1].x];
  return {
    points,
    ...(level === undefined ? {} : { level }),
    axes: { x: texts[over], y: texts[quantity] },
    showX: (x) => showCount(x, language),
    showY: (y) => showFigure(quantity, y, language),
    tell: (index) => tellPoint(tradeoff, quantity, index, host),
    doubling: greatest > 4 * least,
  };
}

function numbersOf(
  { points }: Tradeoff,
  quantities: readonly FigureId[],
  { texts, language }: TradeoffHost,
): HTMLElement {
  const columns: Column<CurvePoint>[] = [
    { heading: texts.order, cell: ({ order }) => String(order) },
    {
      heading: texts.parameters,
      numeric: true,
      cell: ({ parameters }) => showCount(parameters, language),
    },
    ...quantities.map((id) => ({
      ...{ heading: texts[id], help: texts.intervalHelp, numeric: true },
      cell: (point: CurvePoint) => {
        const figure = figureAt(point, id);
        return figure === undefined ? '–' : showInterval(id, figure.model, language);
      },
    })),
  ];
  return table(texts.showTable, columns, points);
}

function saveButtons(
  points: readonly CurvePoint[],
  { texts, save }: TradeoffHost,
  png: () => string | undefined,
): HTMLElement[] {
  return [
    button(texts.saveCsv, () => {
      const content = tradeoffCsv(points);
      save({ name: 'tradeoff', extension: 'csv', content, encoding: 'utf8' });
    }),
    button(texts.savePng, () => {
      const content = png();
      if (content === undefined) return;
      save({ name: 'tradeoff', extension: 'png', content, encoding: 'base64' });
    }),
  ];
}
