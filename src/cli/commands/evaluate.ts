import type { EvaluateResult } from '../../protocol/evaluation';
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
  readonly json?: boolean;
}

/** `ssm evaluate FILE --data DATA`: figures of a model, and of the original beside it. */
export async function evaluateCommand(
  file: string,
  { data, dataOption: dataSettings = {}, against, set: given = {}, json = false }: EvaluateOptions,
  terminal: Terminal,
): Promise<void> {
  const summary = await describeNetwork(file, { given }, terminal.signal);
  const questions = 'questions' in summary ? summary.questions : [];
  for (const line of describeQuestions(questions)) terminal.remark(line);
  refuseOpen(questions);
  const display = createProgressDisplay(terminal);
  const result = await evaluateFile(
    { file, data, dataSettings, given, ...(against === undefined ? {} : { against }) },
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
        ...balanceRows(evaluation),
        ['Network', architecture],
        ['Time', showSeconds(seconds, true)],
        ...notes.map((note) => ['Note', showName(note, 1000)]),
      ],
      ['left', 'left'],
    ),
  ];
}
