import type { Evaluation, PredictionBalance } from '../../src/protocol/evaluation';
import type { MeasureTexts } from '../../src/protocol/measureTexts';
import { fillText, showCount, showShare } from '../../src/protocol/shown';
import {
  balanceShift,
  figuresOf,
  isShare,
  showDifference,
  showInterval,
} from '../../src/protocol/shownMeasures';
import type { ShownMeasure } from '../../src/protocol/shownMeasures';
import { element, table } from '../ui/dom';
import type { Column } from '../ui/dom';

/** What a page needs to write figures down. */
export interface MeasureHost {
  readonly texts: MeasureTexts;
  readonly language: string;
}

/** All figures of an evaluation with their intervals; the original beside the model where it was run. */
export function measureTable(
  evaluation: Evaluation,
  label: string,
  { texts, language }: MeasureHost,
): HTMLElement {
  const measures = figuresOf(evaluation);
  const compared = evaluation.outputError !== undefined;
  const { intervalHelp: help } = texts;
  const columns: readonly Column<ShownMeasure>[] = [
    { heading: texts.measure, cell: ({ id }) => texts[id] },
    ...(compared
      ? [
          {
            ...{ heading: texts.original, help, numeric: true },
            cell: ({ id, original }: ShownMeasure) =>
              original === undefined ? '–' : showInterval(id, original, language),
          },
        ]
      : []),
    {
      ...{ heading: compared ? texts.compressed : texts.model, help, numeric: true },
      cell: ({ id, model }) => showInterval(id, model, language),
    },
    ...(compared
      ? [
          {
            ...{ heading: texts.difference, numeric: true },
            help: `${texts.differenceHelp} ${help}`,
            cell: (measure: ShownMeasure) => differenceText(measure, texts, language),
          },
        ]
      : []),
    {
      heading: texts.sequences,
      numeric: true,
      cell: ({ samples }) => showCount(samples, language),
    },
  ];
  return table(label, columns, measures);
}

/** "−0.4 [−1.1 – +0.3] points" */
function differenceText(
  { id, difference }: ShownMeasure,
  texts: MeasureTexts,
  language: string,
): string {
  if (difference === undefined) return '–';
  const [value, low, high] = [difference.value, difference.low, difference.high].map((one) =>
    showDifference(id, one, language),
  );
  const text = `${value} [${low} – ${high}]`;
  return isShare(id) ? fillText(texts.points, text) : text;
}

/** From this share of moved predictions on the balance is worth a look. */
const worthShowing = 0.02;
const mostClasses = 50;

/** How often each class is predicted; nothing where the compression moved hardly any prediction to another class. */
export function balanceTable(evaluation: Evaluation, host: MeasureHost): readonly Node[] {
  const { balance, sequences } = evaluation;
  const shift = balanceShift(evaluation);
  if (balance === undefined || shift < worthShowing || balance.model.length > mostClasses)
    return [];
  const { texts, language } = host;
  return [
    element('h3', {}, texts.balance),
    element('p', {}, fillText(texts.balanceShifted, showShare(shift, language))),
    table<number>(texts.balance, balanceColumns(balance, sequences, host), [
      ...balance.model.keys(),
    ]),
  ];
}

function balanceColumns(
  { model, original, labels }: PredictionBalance,
  sequences: number,
  { texts, language }: MeasureHost,
): Column<number>[] {
  const column = (heading: string, counts: readonly number[] | undefined): Column<number>[] =>
    counts === undefined
      ? []
      : [
          {
            heading,
            numeric: true,
            cell: (i) => `${showCount(counts[i], language)} (${showShare(counts[i] / sequences)})`,
          },
        ];
  return [
    { heading: texts.class, cell: (i) => fillText(texts.classLabel, String(i)) },
    ...column(texts.labels, labels),
    ...column(texts.original, original),
    ...column(texts.compressed, model),
  ];
}

/** The same figures as comma-separated values, at full precision. */
export function measureCsv(evaluation: Evaluation): string {
  const columns = ['model', 'original', 'difference'] as const;
  const header = columns.flatMap((name) => [name, `${name}_low`, `${name}_high`]);
  const rows = figuresOf(evaluation).map((measure) => {
    const values = columns.flatMap((name) => {
      const figure = measure[name];
      return [figure?.value, figure?.low, figure?.high].map(csvNumber);
    });
    return [measure.id, ...values, measure.samples].join(',');
  });
  return [['measure', ...header, 'sequences'].join(','), ...rows, ''].join('\n');
}

/** Empty where there is none, `inf` for infinity. */
export function csvNumber(value: number | null | undefined): string {
  return value === null ? 'inf' : value === undefined ? '' : String(value);
}
