import { showName, showShape } from '../../protocol/shown';
import type { CheckpointSummary, LayerSummary } from '../../protocol/worker';
import { inspectCheckpoint } from '../../worker/inspect';
import { describeLayersHyper } from '../hyper';
import { describeQuestions } from '../questions';
import { formatTable } from '../table';
import type { Terminal } from '../terminal';
import { bytes, count } from '../text';

export interface InspectOptions {
  readonly json?: boolean;
  /** Answers to what the file does not tell. */
  readonly set?: Readonly<Record<string, string>>;
  readonly fields?: readonly string[];
}

/** `ssm inspect FILE`: what the header of a checkpoint tells. */
export async function inspectCommand(
  file: string,
  { json = false, set: given = {}, fields }: InspectOptions,
  terminal: Terminal,
): Promise<void> {
  const summary = await inspectCheckpoint(file, terminal.signal, {
    answers: { given },
    ...(fields === undefined ? {} : { fields }),
  });
  const lines = json ? [JSON.stringify(summary, undefined, 2)] : describeCheckpoint(summary);
  for (const line of lines) terminal.print(line);
}

/** The summary as text: tensors first, since there may be many, and what matters most at the end. */
export function describeCheckpoint(summary: CheckpointSummary): string[] {
  return [
    ...tensorTable(summary),
    '',
    ...(summary.layers.length > 0
      ? layerTable(summary)
      : ['No state-space layer of a known family.']),
    '',
    ...refusals(summary),
    ...questions(summary),
    ...formatTable(facts(summary), ['left', 'left']),
  ];
}

function tensorTable({ tensors }: CheckpointSummary): string[] {
  const rows = tensors.map(({ name, dtype, shape, role }) => [
    showName(name, 80),
    dtype,
    showShape(shape),
    role === 'model' ? '' : role,
  ]);
  return formatTable([['Tensor', 'Type', 'Shape', ''], ...rows], ['left', 'left', 'left', 'left']);
}

function layerTable({ layers }: CheckpointSummary): string[] {
  const rows = layers.map(({ name, familyTitle, order, slots, channels, tying, ...layer }) => [
    showName(name, 80),
    familyTitle,
    count(order),
    count(slots),
    count(channels),
    count(layer.parameters),
    poles[tying],
    Object.entries(layer.facts)
      .map(([fact, value]) => showName(`${fact} ${value}`, 60))
      .join(', '),
  ]);
  return formatTable(
    [['Layer', 'Family', 'Order', 'Slots', 'Channels', 'Parameters', 'Poles', ''], ...rows],
    ['left', 'left', 'right', 'right', 'right', 'right', 'left', 'left'],
  );
}

const poles: Readonly<Record<LayerSummary['tying'], string>> = {
  independent: 'own per channel',
  tied: 'shared by channels',
  mimo: 'one set, matrices B and C',
  lqo: 'one set, quadratic outputs',
};

function refusals({ refusals: refused }: CheckpointSummary): string[] {
  if (refused.length === 0) return [];
  return [
    'Recognised, but not to be reduced:',
    ...refused.map(
      ({ names, reason }) =>
        `    ${showName(reason, 1000)}` +
        (names.length === 0 ? '' : ` (${showName(names.join(', '), 300)})`),
    ),
    '',
  ];
}

function questions({ questions: open }: CheckpointSummary): string[] {
  if (open.length === 0) return [];
  const lead = 'Not told by the file or a configuration beside it, and asked for by compress:';
  return [lead, ...describeQuestions(open).map((line) => `    ${line}`), ''];
}

function facts(summary: CheckpointSummary): string[][] {
  const { path, format, choices, horizon, notes } = summary;
  const smallest = choices.at(0);
  const untyings = summary.layers.flatMap(({ untying }) => untying?.description ?? []);
  return [
    ['File', showName(path)],
    ['Format', format],
    ['Bytes', `${count(summary.bytes)} (${bytes(summary.bytes)})`],
    ['Parameters', count(summary.parameters)],
    ...(smallest === undefined
      ? []
      : [
          ['Smallest', `order ${smallest.order}, ${count(smallest.parameters)} parameters`],
          ['Horizon', `${count(horizon.steps)} steps (${horizon.from})`],
        ]),
    ...describeLayersHyper(summary.layers).map((text) => ['Taken', text]),
    ...[...new Set(untyings)].map((text) => ['Untie', showName(text, 300)]),
    ...summary.configurations.map((configuration) => ['Beside', showName(configuration.file)]),
    ...notes.map((note) => ['Note', showName(note, 1000)]),
  ];
}
