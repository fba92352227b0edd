import type { Evaluation } from '../../src/protocol/evaluation';
import type { EvaluationTexts } from '../../src/protocol/measureTexts';
import { fillText, showCount, showName, showSeconds } from '../../src/protocol/shown';
import { showInterval } from '../../src/protocol/shownMeasures';
import type { EvaluationState } from '../../src/protocol/webview';
import { connect, keepScroll } from '../api';
import type { Host } from '../api';
import { balanceTable, measureCsv, measureTable } from '../measures/measureTable';
import { button } from '../ui/controls';
import { element, facts, nameText, section, table } from '../ui/dom';
import '../styles/base.css';
import '../styles/report.css';
import '../styles/measures.css';

type EvaluationHost = Host<EvaluationTexts, EvaluationState, never>;

const root = document.getElementById('root');
if (root !== null) void show(root);

async function show(page: HTMLElement): Promise<void> {
  const host = await connect<EvaluationTexts, EvaluationState, never>();
  host.watch((state) => {
    host.remember({ panel: state.panel });
    page.replaceChildren(...draw(state, host));
    document.body.dataset.state = 'ready';
    keepScroll(host);
  });
}

function draw(state: EvaluationState, host: EvaluationHost): readonly Node[] {
  const { texts } = host;
  const { evaluation, architecture, notes, seconds } = state;
  const lines = notes.map((note) => element('li', {}, showName(note, 600)));
  return [
    heading(state, host),
    ...remarks(state, host),
    section(
      'measures',
      texts.measure,
      measureTable(evaluation, texts.measure, host),
      ...balanceTable(evaluation, host),
    ),
    ...layers(evaluation, host),
    ...(notes.length === 0 ? [] : [section('notes', texts.notes, element('ul', {}, ...lines))]),
    element(
      'div',
      {},
      facts([
        [texts.architecture, showName(architecture)],
        [texts.time, showSeconds(seconds, true)],
      ]),
    ),
  ];
}

/** Why the figures are better than new data would show, where they are. */
function remarks(
  { seen, evaluation }: EvaluationState,
  { texts, language }: EvaluationHost,
): readonly Node[] {
  if (seen === undefined) return [];
  const count = (value: number): string => showCount(value, language);
  const text =
    seen.calibratedWith > 0
      ? fillText(texts.notHeldOut, count(seen.calibratedWith), count(evaluation.sequences))
      : texts.chosenOn;
  if (seen.calibratedWith === 0 && !seen.chosenOn) return [];
  return [element('p', { class: 'banner', role: 'note' }, text)];
}

function heading(
  { fileName, originalName, evaluation }: EvaluationState,
  { texts, language, save }: EvaluationHost,
): HTMLElement {
  const { sequences, data } = evaluation;
  const compared =
    originalName === undefined ? [] : [fillText(texts.against, showName(originalName))];
  const lead = fillText(texts.lead, showCount(sequences, language), showName(data, 300));
  return element(
    'header',
    {},
    element(
      'div',
      {},
      element('h1', {}, nameText(fillText(texts.title, showName(fileName)))),
      ...[...compared, lead].map((line) => element('p', { class: 'subtitle' }, line)),
    ),
    element(
      'div',
      { class: 'buttons' },
      button(texts.saveCsv, () => {
        const content = measureCsv(evaluation);
        save({ name: 'evaluation', extension: 'csv', content, encoding: 'utf8' });
      }),
    ),
  );
}

/** What each layer's output misses of the original's. */
function layers({ layers: errors }: Evaluation, { texts, language }: EvaluationHost): Node[] {
  if (errors === undefined || errors.length === 0) return [];
  const rows = table(
    texts.measuredLayers,
    [
      { heading: texts.layer, cell: ({ name }) => nameText(showName(name), showName(name, 1000)) },
      {
        ...{ heading: texts.layerError, numeric: true },
        help: `${texts.layerErrorHelp} ${texts.intervalHelp}`,
        cell: ({ error }) => showInterval('outputError', error, language),
      },
    ],
    errors,
  );
  return [section('layers', texts.measuredLayers, rows)];
}
