import type { BoundRecord, BoundResult, LayerContribution } from '../../protocol/bound';
import { showScientific, showName, showSeconds, showShare } from '../../protocol/shown';
import { boundFile } from '../../worker/bound/boundFile';
import { describeNetwork } from '../../worker/describeNetwork';
import { createProgressDisplay } from '../progress';
import { describeQuestions, refuseOpen } from '../questions';
import { formatTable } from '../table';
import type { Terminal } from '../terminal';
import { count } from '../text';

export interface BoundCommandOptions {
  readonly against: string;
  readonly data?: string;
  readonly dataOption?: Readonly<Record<string, string>>;
  readonly sequences?: number;
  readonly length?: number;
  readonly inputBound?: number;
  readonly set?: Readonly<Record<string, string>>;
  readonly csv?: boolean;
  readonly json?: boolean;
}

/** `ssm bound COMPRESSED --against ORIGINAL`: bounds of the output error and the layers' contributions. */
export async function boundCommand(
  file: string,
  options: BoundCommandOptions,
  terminal: Terminal,
): Promise<void> {
  const { dataOption: dataSettings = {}, set: given = {}, csv = false, json = false } = options;
  const { against, data, sequences, length, inputBound } = options;
  const summary = await describeNetwork(file, { given }, terminal.signal);
  const questions = 'questions' in summary ? summary.questions : [];
  for (const line of describeQuestions(questions)) terminal.remark(line);
  refuseOpen(questions);
  const display = createProgressDisplay(terminal);
  const result = await boundFile(
    {
      ...{ file, against, dataSettings, given },
      ...(data === undefined ? {} : { data }),
      ...(sequences === undefined ? {} : { sequences }),
      ...(length === undefined ? {} : { length }),
      ...(inputBound === undefined ? {} : { inputBound }),
    },
    {
      signal: terminal.signal,
      onProgress: ({ sequencesDone, sequencesTotal }) => {
        display.show({
          fraction: sequencesDone / sequencesTotal,
          text: `${count(sequencesDone)} of ${count(sequencesTotal)} sequences`,
        });
      },
    },
  ).finally(() => {
    display.end();
  });
  const lines = json
    ? [JSON.stringify(result, undefined, 2)]
    : csv
      ? boundCsv(result.record)
      : describeBound(result);
  for (const line of lines) terminal.print(line);
}

/** The result as text: the layers by weight, then the sums and what they are worth. */
export function describeBound({ record, architecture, seconds }: BoundResult): string[] {
  const { measured, calibrated, layers } = record;
  const order = [...layers].sort((a, b) => b.share - a.share);
  const rows = order.map((layer) => [
    showName(layer.name, 80),
    showShare(layer.share),
    figure(layer.certified.contribution),
    ...(layer.calibrated ? [figure(layer.calibrated.contribution)] : []),
    ...(layer.measured
      ? [figure(layer.measured.telescoping), figure(layer.measured.firstOrder)]
      : []),
  ]);
  const header = [
    'Layer',
    'Share',
    'certified',
    ...(calibrated ? ['calibrated'] : []),
    ...(measured ? ['measured', 'first order'] : []),
  ];
  const totals = [
    'Output error',
    '',
    figure(record.certified.bound),
    ...(calibrated ? [figure(calibrated.bound)] : []),
    ...(measured ? [figure(measured.error), figure(measured.firstOrder)] : []),
  ];
  const facts = [
    ['Shares', rankings[record.rankedBy]],
    ['certified', `for every sequence of up to ${count(record.length)} positions`],
    ...(calibrated
      ? [
          [
            'calibrated',
            `for inputs that meet the conditions recorded on ${calibrated.sequences} sequences`,
          ],
        ]
      : []),
    ...(measured
      ? [
          [
            'measured',
            `on ${count(measured.sequences)} sequences; the output itself: ${figure(measured.output)}`,
          ],
          ['first order', "an estimate by the original's gradients"],
        ]
      : []),
    [
      'Norm',
      record.perPosition ? 'root mean square over the positions' : 'Euclidean, of the output',
    ],
    ['Network', architecture],
    ['Time', showSeconds(seconds, true)],
    ...record.remarks.map((remark) => ['Note', remark]),
  ];
  return [
    ...formatTable(
      [header, ...rows, totals],
      ['left', 'right', 'right', 'right', 'right', 'right'],
    ),
    '',
    ...formatTable(facts, ['left', 'left']),
  ];
}

const rankings = {
  certified: 'of the certified bound',
  calibrated: 'of the calibrated bound',
  measured: 'of what is measured, layer after layer',
} as const;

const columns: readonly (readonly [
  string,
  (layer: LayerContribution) => number | null | undefined,
])[] = [
  ['share', ({ share }) => share],
  ['certified', ({ certified }) => certified.contribution],
  ['calibrated', ({ calibrated }) => calibrated?.contribution],
  ['measured', ({ measured }) => measured?.telescoping],
  ['measured_alone', ({ measured }) => measured?.alone],
  ['first_order', ({ measured }) => measured?.firstOrder],
  ['local', ({ certified }) => certified.local],
  ['downstream', ({ certified }) => certified.downstream],
  ['norm_constant', ({ certified }) => certified.norm?.constant],
  ['norm_scale', ({ certified }) => certified.norm?.scale],
  ['input_row', ({ certified }) => certified.inputRow],
  ['gain', ({ certified }) => certified.gain],
  ['error_gain', ({ certified }) => certified.errorGain],
  ['h2_error', ({ certified }) => certified.h2Error],
  ['activation', ({ certified }) => certified.activation],
  ['mixing', ({ certified }) => certified.mixing],
  ['block_gain', ({ certified }) => certified.blockGain],
];

/** A line a layer, in the order of the network; empty where there is no figure, `inf` where there is no bound. */
export function boundCsv({ layers }: BoundRecord): string[] {
  const cell = (value: number | null | undefined): string =>
    value === undefined ? '' : value === null ? 'inf' : String(value);
  return [
    ['layer', ...columns.map(([name]) => name)].join(','),
    ...layers.map((layer) =>
      [quoted(layer.name), ...columns.map(([, of]) => cell(of(layer)))].join(','),
    ),
  ];
}

/** A name in quotes; one that a spreadsheet could take for a formula begins with an apostrophe. */
function quoted(name: string): string {
  const shown = showName(name, 200);
  const safe = /^[=+\-@]/.test(shown) ? `'${shown}` : shown;
  return `"${safe.replaceAll('"', '""')}"`;
}

function figure(value: number | null): string {
  return value === null ? 'none' : showScientific(value, 3);
}
