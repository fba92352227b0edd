import type { CurveTexts } from '../../src/protocol/measureTexts';
import { fillText, showCount, showName } from '../../src/protocol/shown';
import type { CurveAction, CurveState } from '../../src/protocol/webview';
import { connect } from '../api';
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
  });
}

/** What is kept at each order, and a button that compresses to the order that is chosen. */
function draw(state: CurveState, host: Host<CurveTexts, CurveState, CurveAction>): readonly Node[] {
  const { texts, language } = host;
  const { points, notes } = state;
  const { evaluation } = points[points.length - 1];
  const remembered = points.findIndex(({ order }) => order === host.recall().chosen);
  const first = remembered < 0 ? points.length - 1 : remembered;
  const compress = button(
    fillText(texts.compressTo, String(points[first].order)),
    () => {
      const { chosen = points[first].order } = host.recall();
      host.act('compress', chosen);
    },
    'primary',
  );
  host.remember({ chosen: points[first].order });
  const chart = tradeoffNodes(state, host, {
    first,
    onChoose(index) {
      const { order } = points[index];
      compress.textContent = fillText(texts.compressTo, String(order));
      host.remember({ chosen: order });
    },
    onTake(index) {
      host.act('compress', points[index].order);
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
        element(
          'p',
          { class: 'subtitle' },
          fillText(texts.lead, showCount(evaluation.sequences, language)),
        ),
        element(
          'p',
          { class: 'subtitle' },
          fillText(texts.dataLine, showName(evaluation.data, 300)),
        ),
      ),
      element('div', { class: 'buttons' }, compress),
    ),
    section(
      'tradeoff',
      texts.tradeoff,
      element('p', { class: 'remark hint' }, texts.hint),
      ...chart,
    ),
    ...(notes.length === 0 ? [] : [notesSection(texts.notes, notes)]),
  ];
}

function notesSection(title: string, notes: readonly string[]): HTMLElement {
  const lines = notes.map((note) => element('li', {}, showName(note, 600)));
  return section('notes', title, element('ul', {}, ...lines));
}
