import type { CurveTexts } from '../../src/protocol/measureTexts';
import { fillText, showCount, showName, showShare } from '../../src/protocol/shown';
import type { CurveAction, CurveState, TracingState } from '../../src/protocol/webview';
import type { TradeoffPoint } from '../../src/protocol/worker';
import { connect, keepScroll } from '../api';
import type { Host } from '../api';
import { tradeoffView } from '../measures/tradeoff';
import { button, progressRing } from '../ui/controls';
import { element, nameText, section } from '../ui/dom';
import '../styles/base.css';
import '../styles/report.css';
import '../styles/measures.css';
import '../styles/virtual.css';

type CurveHost = Host<CurveTexts, CurveState | TracingState, CurveAction>;

const root = document.getElementById('root');
if (root !== null) void show(root);

async function show(page: HTMLElement): Promise<void> {
  const host: CurveHost = await connect();
  let drawn: Drawn | undefined;
  let marked: number | undefined;
  let stays = false;
  for (const turnedTo of ['pointerdown', 'keydown']) {
    addEventListener(turnedTo, () => {
      if (!stays) host.act('stay');
      stays = true;
    });
  }
  host.watch((state) => {
    if (state.behind === true) document.body.dataset.behind = ''; // for good: nothing jumps when the question goes
    if ('tracing' in state) {
      page.replaceChildren(...drawTracing(state, host));
      document.body.dataset.state = 'failed' in state.tracing ? 'failed' : 'tracing';
      return;
    }
    if (state.panel !== undefined) {
      host.remember({ panel: state.panel });
      stays = true;
    }
    if (drawn === undefined) {
      drawn = draw(state, host); // what was traced stays
      page.replaceChildren(...drawn.nodes);
      document.body.dataset.state = 'ready';
      keepScroll(host);
    }
    if (state.marked !== undefined && state.marked !== marked) drawn.mark(state.marked);
    marked = state.marked; // the same once more must not undo what was chosen here since
  });
}

interface Drawn {
  readonly nodes: readonly Node[];
  /** Chooses the point of an order, if there is one. */
  readonly mark: (order: number) => void;
}

/** How far the curve is, or why there is none. */
function drawTracing(
  { fileName, tracing }: TracingState,
  { texts, language }: CurveHost,
): readonly Node[] {
  const title = element('h1', {}, nameText(fillText(texts.title, showName(fileName))));
  const lead = element('p', { class: 'subtitle' }, texts.leadTracing);
  const heading = element('header', {}, element('div', {}, title, lead));
  if ('failed' in tracing) {
    return [heading, element('p', { role: 'alert' }, showName(tracing.failed, 600))];
  }
  const { fraction, stage } = tracing;
  const far = fillText(texts.tracing, showShare(Math.floor(100 * fraction) / 100, language));
  const told = element('span', { class: 'found' }, [far, stage].filter(Boolean).join(' · '));
  return [heading, element('p', { class: 'computation' }, progressRing(far), told)];
}

/** What is kept at each order, and a button that compresses to the order that is chosen. */
function draw(state: CurveState, host: CurveHost): Drawn {
  const { texts } = host;
  const { points, notes } = state;
  const shared = points.some(({ layerOrders }) => layerOrders !== undefined);
  const placeOf = (key: number | undefined): number =>
    points.findIndex((point) => keyOf(point) === key);
  const remembered = placeOf(state.marked ?? host.recall().chosen);
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
  const chart = tradeoffView(state, host, {
    first,
    onChoose(index) {
      compress.textContent = labelOf(points[index]);
      host.remember({ chosen: keyOf(points[index]) });
    },
    onTake(index) {
      host.act('compress', keyOf(points[index]));
    },
  });
  const nodes = [
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
      ...chart.nodes,
    ),
    ...(notes.length === 0 ? [] : [notesSection(texts.notes, notes)]),
  ];
  const mark = (order: number): void => {
    const place = placeOf(order);
    if (place >= 0) chart.choose(place);
  };
  return { nodes, mark };
}

/** By what a point is found again: its order, or its parameters where orders are shared out. */
function keyOf({ order, parameters, layerOrders }: TradeoffPoint): number {
  return layerOrders === undefined ? order : parameters;
}

/** How the figures were obtained. */
function leadsOf(
  points: readonly TradeoffPoint[],
  { texts, language }: Pick<CurveHost, 'texts' | 'language'>,
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
