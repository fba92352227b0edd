import type { EvaluateResult, Evaluation, SeenRecord } from '../../protocol/evaluation';
import { showName, showSeconds } from '../../protocol/shown';
import { describeNetwork } from '../../worker/describeNetwork';
import { evaluateFile } from '../../worker/evaluate/evaluateFile';
import { balanceRows, figureTable, layerTable } from '../figures';
import { createProgressDisplay } from '../progress';
import { describeQuestions, refuseOpen } from '../questions';
import { formatTable } from '../table';
import type { Terminal } from '../terminal';
import { count } from '../text';

export interface EvaluateOptions {
  readonly data: string;
  readonly dataOption?: Readonly<Record<string, string>>;
  readonly against?: string;
  /** Answers to what the files do not tell. */
  readonly set?: Readonly<Record<string, string>>;
  /** Only sequences that the model was not calibrated with. */
  readonly heldOut?: boolean;
  readonly json?: boolean;
}

/** `ssm evaluate FILE --data DATA`: figures of a model, and of the original beside it. */
export async function evaluateCommand(
  file: string,
  options: EvaluateOptions,
  terminal: Terminal,
): Promise<void> {
  const { data, dataOption: dataSettings = {}, against, set: given = {} } = options;
  const { heldOut = false, json = false } = options;
  const summary = await describeNetwork(file, { given }, terminal.signal);
  const questions = 'questions' in summary ? summary.questions : [];
  for (const line of describeQuestions(questions)) terminal.remark(line);
  refuseOpen(questions);
  const display = createProgressDisplay(terminal);
  const result = await evaluateFile(
    { file, data, dataSettings, given, heldOut, ...(against === undefined ? {} : { against }) },
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
  const lines = json ? [JSON.stringify(result, undefined, 2)] : describeEvaluated(result);
  for (const line of lines) terminal.print(line);
}

/** The result as text: the figures first, each with its 95 % interval, then what they rest on. */
export function describeEvaluated({
  evaluation,
  architecture,
  notes,
  seen,
  seconds,
}: EvaluateResult): string[] {
  return [
    ...figureTable(evaluation),
    ...layerTable(evaluation),
    '',
    ...formatTable(
      [
        ['Data', showName(evaluation.data, 200)],
        [
          'Judged',
          `${count(evaluation.sequences)} sequences; in brackets 95 % confidence intervals`,
        ],
        ...seenRows(evaluation, seen),
        ...balanceRows(evaluation),
        ['Network', architecture],
        ['Time', showSeconds(seconds, true)],
        ...notes.map((note) => ['Note', showName(note, 1000)]),
      ],
      ['left', 'left'],
    ),
  ];
}

/** Why the figures are better than new data would show, where they are. */
function seenRows({ sequences }: Evaluation, seen: SeenRecord | undefined): string[][] {
  if (seen === undefined) return [];
  if (seen.calibratedWith > 0) {
    const part = `${count(seen.calibratedWith)} of the ${count(sequences)} sequences`;
    return [
      ['Not held out', `${part} were used to calibrate the model; leave them out with --held-out`],
    ];
  }
  return seen.chosenOn
    ? [['Held out', 'but the order of the model was chosen by what these sequences showed']]
    : [['Held out', 'none of these sequences was used to calibrate the model']];
}
