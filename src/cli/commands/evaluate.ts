import type { EvaluateResult, Evaluation, MeasuredFigure } from '../../protocol/evaluation';
import { showName, showSeconds } from '../../protocol/shown';
import { describeNetwork } from '../../worker/describeNetwork';
import { evaluateFile } from '../../worker/evaluate/evaluateFile';
import { showMeasure } from '../measures';
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
    ...figures(evaluation),
    ...layerTable(evaluation),
    '',
    ...formatTable(
      [
        ['Data', showName(evaluation.data, 200)],
        [
          'Judged',
          `${count(evaluation.sequences)} sequences; in brackets 95 % confidence intervals`,
        ],
        ...balance(evaluation),
        ['Network', architecture],
        ['Time', showSeconds(seconds, true)],
        ...notes.map((note) => ['Note', showName(note, 1000)]),
      ],
      ['left', 'left'],
    ),
  ];
}

const titles = {
  accuracy: 'Accuracy',
  loss: 'Cross entropy',
  auc: 'Area under ROC curve',
  nrmse: 'Normalised RMSE',
} as const;

function figures({ measures, agreement, outputError }: Evaluation): string[] {
  const compared = measures.some(({ original }) => original !== undefined);
  const show = (figure: MeasuredFigure | undefined, id: keyof typeof titles): string =>
    figure === undefined ? '' : showMeasure(figure, id === 'accuracy');
  const rows = measures.map(({ id, model, original, difference }) => [
    titles[id],
    show(model, id),
    ...(compared ? [show(original, id), show(difference, id)] : []),
  ]);
  const further = [
    ...(agreement === undefined
      ? []
      : [['Same prediction as the original', showMeasure(agreement, true)]]),
    ...(outputError === undefined
      ? []
      : [['Relative error of the output', showMeasure(outputError, true)]]),
  ];
  const header = ['', 'Model', ...(compared ? ['Original', 'Difference'] : [])];
  return formatTable(
    [...(rows.length > 0 ? [header] : []), ...rows, ...further],
    ['left', 'left', 'left', 'left'],
  );
}

function layerTable({ layers = [] }: Evaluation): string[] {
  if (layers.length === 0) return [];
  const rows = layers.map(({ name, error }) => [showName(name, 80), showMeasure(error, true)]);
  return [
    '',
    ...formatTable([['Layer', 'Relative error of its output'], ...rows], ['left', 'left']),
  ];
}

function balance({ balance: found }: Evaluation): string[][] {
  if (found === undefined || found.model.length > 20) return [];
  const list = (counts: readonly number[]): string => counts.map(count).join(' ');
  return [
    ['Predicted', list(found.model)],
    ...(found.original === undefined ? [] : [['by the original', list(found.original)]]),
    ...(found.labels === undefined ? [] : [['Labels', list(found.labels)]]),
  ];
}
