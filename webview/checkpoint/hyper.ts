import { fillText, showName } from '../../src/protocol/shown';
import type { CheckpointTexts } from '../../src/protocol/texts';
import type {
  CheckpointSummary,
  HyperSummary,
  OpenQuestion,
  QuestionOption,
} from '../../src/protocol/worker';
import { button } from '../ui/controls';
import { element, nameText, section, table } from '../ui/dom';
import type { CheckpointHost } from './view';

/** The open questions with a button that asks them. */
export function questionSection(
  { questions, fieldQuestion }: CheckpointSummary,
  { texts, act }: CheckpointHost,
): readonly Node[] {
  if (questions.length === 0 && fieldQuestion === undefined) return [];
  const rows = table<OpenQuestion>(
    texts.questions,
    [
      { heading: texts.question, cell: ({ title }) => title },
      { heading: texts.name, cell: ({ name }) => nameText(name) },
      { heading: texts.possible, cell: (question) => possible(question, texts) },
      { heading: texts.layer, cell: ({ layers }) => layerNames(layers) },
    ],
    questions,
  );
  const ask = button(texts.answer, () => {
    act('answer');
  });
  const lead = element('p', { class: 'lead' }, texts.questionsLead);
  return [
    section(
      'questions',
      texts.questions,
      lead,
      fieldQuestion === undefined
        ? undefined
        : element('p', { class: 'lead' }, showName(fieldQuestion.question, 1000)),
      questions.length === 0 ? undefined : rows,
      element('p', {}, ask),
    ),
  ];
}

function possible(
  { options, positiveNumbers, usual, remarks }: OpenQuestion,
  texts: CheckpointTexts,
): string {
  const describe = ({ value, implausible }: QuestionOption): string => {
    if (implausible !== undefined) {
      return fillText(texts.hardlyMeant, value, showName(implausible, 200));
    }
    return value === usual ? fillText(texts.usual, value) : value;
  };
  const numbers =
    options.length === 0 ? [texts.anyWhole] : positiveNumbers ? [texts.anyPositive] : [];
  const what = [...options.map(describe), ...numbers].join(', ');
  return [what, ...remarks.map((remark) => showName(remark, 300))].join('. ');
}

/** What is known beyond the tensors, and from where; layers with the same values together. */
export function takenSection(
  { layers }: CheckpointSummary,
  { texts }: CheckpointHost,
): readonly Node[] {
  const groups = new Map<string, { hyper: HyperSummary; layers: string[] }>();
  for (const layer of layers) {
    for (const hyper of layer.hyper) {
      const key = JSON.stringify(hyper);
      const group = groups.get(key) ?? { hyper, layers: [] };
      group.layers.push(layer.name);
      groups.set(key, group);
    }
  }
  if (groups.size === 0) return [];
  const rows = table(
    texts.taken,
    [
      { heading: texts.question, cell: ({ hyper }) => hyper.title },
      { heading: texts.value, cell: ({ hyper }) => hyper.label },
      { heading: texts.takenFrom, cell: ({ hyper }) => origin(hyper, texts) },
      { heading: texts.layer, cell: ({ layers: names }) => layerNames(names) },
    ],
    [...groups.values()],
  );
  return [section('taken', texts.taken, rows)];
}

function origin({ from, where }: HyperSummary, texts: CheckpointTexts): HTMLElement | string {
  if (where !== undefined) return nameText(showName(where, 120), showName(where, 1000));
  return {
    file: texts.fromFile,
    configuration: texts.fromConfiguration,
    given: texts.fromGiven,
    remembered: texts.fromRemembered,
  }[from];
}

/** What was recognised and is refused, with the reason. */
export function refusalSection(
  { refusals }: CheckpointSummary,
  { texts }: CheckpointHost,
): readonly Node[] {
  if (refusals.length === 0) return [];
  const items = refusals.map(({ names, reason }) =>
    element(
      'li',
      {},
      showName(reason, 1000),
      ...(names.length === 0 ? [] : [' (', layerNames(names), ')']),
    ),
  );
  return [section('refusals', texts.refusals, element('ul', {}, ...items))];
}

function layerNames(layers: readonly string[]): HTMLElement {
  const all = layers.map((name) => showName(name)).join(', ');
  return nameText(showName(all, 120), showName(all, 1000));
}
