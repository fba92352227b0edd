import type { CurveTexts } from '../../src/protocol/measureTexts';
import { fillText, showCount, showName } from '../../src/protocol/shown';
import type { CurveAction, CurveState } from '../../src/protocol/webview';
import type { TradeoffPoint } from '../../src/protocol/worker';
import { connect, keepScroll } from '../api';
import type { Host } from '../api';
import { tradeoffNodes } from '../measures/tradeoff';
import { button } from '../ui/controls';
import { element, nameText, section } from '../ui/dom';
import '../styles/base.css';
import '../styles/report.css';
import '../styles/measures.css';

const root = document.getElementById('root');
if (root !== null) void show(root);

async function show(page: HTMLElement): Promise<void> {
  const host = await connect<CurveTexts, CurveState, CurveAction>();
  host.watch((state) => {
    host.remember({ panel: state.panel });
    page.replaceChildren(...draw(state, host));
    document.body.dataset.state = 'ready';
    keepScroll(host);
  });
}

/** What is kept at each order, and a button that compresses to the order that is chosen. */
function draw(state: CurveState, host: Host<CurveTexts, CurveState, CurveAction>): readonly Node[] {
  const { texts } = host;
  const { points, notes } = state;
  const shared = points.some(({ layerOrders }) => layerOrders !== undefined);
  const remembered = points.findIndex((point) => keyOf(point) === host.recall().chosen);
  const first = remembered < 0 ? points.length - 1 : remembered;
  const labelOf = ({ order }: TradeoffPoint): string =>
    shared ? texts.compressToOrders : fillText(texts.compressTo, String(order));
  const compress = button(
    labelOf(points[first]),
    () => {
      const { chosen = keyOf(points[first]) } = host.recall();
      host.act('compress', chosen);
    },
    'primary',
  );
  host.remember({ chosen: keyOf(points[first]) });
  const chart = tradeoffNodes(state, host, {
    first,
    onChoose(index) {
      compress.textContent = labelOf(points[index]);
      host.remember({ chosen: keyOf(points[index]) });
    },
    onTake(index) {
      host.act('compress', keyOf(points[index]));
    },
  });
  return [
    element(
      'header',
      {},
      element(
        'div',
        {},
        element('h1', {}, nameText(fillText(texts.title, showName(state.fileName)))),
        ...leadsOf(points, host).map((text) => element('p', { class: 'subtitle' }, text)),
      ),
      element('div', { class: 'buttons' }, compress),
    ),
    section(
      'tradeoff',
      shared ? texts.tradeoffSizes : texts.tradeoff,
      element('p', { class: 'remark hint' }, texts.hint),
      ...chart,
    ),
    ...(notes.length === 0 ? [] : [notesSection(texts.notes, notes)]),
  ];
}

/** By what a point is found again: its order, or its parameters where orders are shared out. */
function keyOf({ order, parameters, layerOrders }: TradeoffPoint): number {
  return layerOrders === undefined ? order : parameters;
}

/** How the figures were obtained. */
function leadsOf(
  points: readonly TradeoffPoint[],
  { texts, language }: Pick<Host<CurveTexts, CurveState, CurveAction>, 'texts' | 'language'>,
): string[] {
  const { evaluation, layerOrders } = points[points.length - 1];
  if (evaluation === undefined) {
    return [layerOrders === undefined ? texts.leadEstimated : texts.leadForetold];
  }
  return [
    fillText(texts.lead, showCount(evaluation.sequences, language)),
    fillText(texts.dataLine, showName(evaluation.data, 300)),
  ];
}

function notesSection(title: string, notes: readonly string[]): HTMLElement {
  const lines = notes.map((note) => element('li', {}, showName(note, 600)));
  return section('notes', title, element('ul', {}, ...lines));
}
