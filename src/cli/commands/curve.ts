import type { CurveResult } from '../../protocol/worker';
import { showSeconds } from '../../protocol/shown';
import { traceCurve } from '../../worker/calibrate/curve';
import { calibrationOf, refuseUnknownNetwork, type DataOptions } from '../calibration';
import { showMeasure } from '../measures';
import { createProgressDisplay } from '../progress';
import { formatTable } from '../table';
import type { Terminal } from '../terminal';
import { count } from '../text';

export interface CurveOptions extends DataOptions {
  readonly data: string;
  readonly orders?: readonly number[];
  /** Answers to what the file does not tell. */
  readonly set?: Readonly<Record<string, string>>;
  readonly json?: boolean;
}

/** `ssm curve FILE --data DATA`: what each order would keep. Writes nothing. */
export async function curveCommand(
  file: string,
  { orders, set: given = {}, json = false, ...data }: CurveOptions,
  terminal: Terminal,
): Promise<void> {
  await refuseUnknownNetwork(file, given, terminal);
  const display = createProgressDisplay(terminal);
  const calibration = calibrationOf(data) ?? { data: data.data };
  const result = await traceCurve(
    { file, calibration, answers: { given }, ...(orders === undefined ? {} : { orders }) },
    { signal: terminal.signal, onProgress: display.show },
  ).finally(() => {
    display.end();
  });
  const lines = json ? [JSON.stringify(result, undefined, 2)] : describe(result);
  for (const line of lines) terminal.print(line);
}

const measureTitles = {
  accuracy: 'Accuracy',
  loss: 'Cross entropy',
  auc: 'Area under ROC curve',
  nrmse: 'Normalised RMSE',
} as const;

function describe({
  points,
  orderBefore,
  parametersBefore,
  seconds,
  notes,
}: CurveResult): string[] {
  const ids = points.at(0)?.evaluation.measures.map(({ id }) => id) ?? [];
  const figuresOf = ({ evaluation }: CurveResult['points'][number]): string[] => [
    ...ids.map((id) => {
      const measure = evaluation.measures.find((one) => one.id === id);
      return measure === undefined ? '' : showMeasure(measure.model, id === 'accuracy');
    }),
    evaluation.outputError === undefined ? '' : showMeasure(evaluation.outputError, true),
  ];
  const originals = ids.map((id) => {
    const measure = points.at(0)?.evaluation.measures.find((one) => one.id === id);
    return measure?.original === undefined ? '' : showMeasure(measure.original, id === 'accuracy');
  });
  return [
    ...formatTable(
      [
        ['Order', 'Parameters', ...ids.map((id) => measureTitles[id]), 'Error of the output'],
        ...points.map((point) => [
          count(point.order),
          count(point.parameters),
          ...figuresOf(point),
        ]),
        [count(orderBefore), count(parametersBefore), ...originals, 'the original'],
      ],
      ['right', 'right', ...ids.map(() => 'left' as const), 'left'],
    ),
    '',
    `Measured on ${count(points.at(0)?.evaluation.sequences ?? 0)} held-out sequences in ${showSeconds(seconds, true)}; in brackets 95 % confidence intervals.`,
    ...notes,
  ];
}
