import type { Evaluation, MeasuredFigure } from '../protocol/evaluation';
import { showName } from '../protocol/shown';
import { showMeasure } from './measures';
import { formatTable } from './table';
import { count } from './text';

const titles = {
  accuracy: 'Accuracy',
  loss: 'Cross entropy',
  auc: 'Area under ROC curve',
  nrmse: 'Normalised RMSE',
} as const;

/** The figures of an evaluation, each with its 95 % interval. */
export function figureTable({ measures, agreement, outputError }: Evaluation): string[] {
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

/** What each layer's output misses; nothing where there was no original. */
export function layerTable({ layers = [] }: Evaluation): string[] {
  if (layers.length === 0) return [];
  const rows = layers.map(({ name, error }) => [showName(name, 80), showMeasure(error, true)]);
  return [
    '',
    ...formatTable([['Layer', 'Relative error of its output'], ...rows], ['left', 'left']),
  ];
}

/** How often each class is predicted. */
export function balanceRows({ balance: found }: Evaluation): string[][] {
  if (found === undefined || found.model.length > 20) return [];
  const list = (counts: readonly number[]): string => counts.map(count).join(' ');
  return [
    ['Predicted', list(found.model)],
    ...(found.original === undefined ? [] : [['by the original', list(found.original)]]),
    ...(found.labels === undefined ? [] : [['Labels', list(found.labels)]]),
  ];
}
