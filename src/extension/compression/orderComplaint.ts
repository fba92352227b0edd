import * as vscode from 'vscode';
import type { Choices } from './choices';

const { t } = vscode.l10n;

/** Which orders there are, shortly when they are evenly spaced. */
export function orderComplaint({ orders }: Choices): string {
  const values = orders.map(({ order }) => order);
  const first = values.at(0);
  const second = values.at(1);
  const last = values.at(-1);
  if (first === undefined || last === undefined) return t('There is no smaller order.');
  const step = (second ?? first + 1) - first;
  return values.every((value, i) => value === first + i * step) && step > 1
    ? t('Possible orders: {0} to {1} in steps of {2}.', first, last, step)
    : t('Possible orders: {0} to {1}.', first, last);
}
