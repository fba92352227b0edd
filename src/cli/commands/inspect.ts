import { showName, showShape } from '../../protocol/shown';
import type { CheckpointSummary } from '../../protocol/worker';
import { inspectCheckpoint } from '../../worker/inspect';
import { formatTable } from '../table';
import type { Terminal } from '../terminal';
import { bytes, count } from '../text';

export interface InspectOptions {
  readonly json?: boolean;
}

/** `ssm inspect FILE`: what the header of a checkpoint tells. */
export async function inspectCommand(
  file: string,
  { json = false }: InspectOptions,
  terminal: Terminal,
): Promise<void> {
  const summary = await inspectCheckpoint(file, terminal.signal);
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
  const rows = layers.map(({ name, familyTitle, order, slots, channels, parameters }) => [
    showName(name, 80),
    familyTitle,
    count(order),
    count(slots),
    count(channels),
    count(parameters),
  ]);
  return formatTable(
    [['Layer', 'Family', 'Order', 'Slots', 'Channels', 'Parameters'], ...rows],
    ['left', 'left', 'right', 'right', 'right', 'right'],
  );
}

function facts(summary: CheckpointSummary): string[][] {
  const { path, format, choices, horizon, notes } = summary;
  const smallest = choices.at(0);
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
    ...notes.map((note) => ['Note', showName(note, 1000)]),
  ];
}
