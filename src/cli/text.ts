import { showBytes, showCount, showScientific } from '../protocol/shown';

/** The command line speaks one language, so that scripts can rely on its output. */
const language = 'en-US';

export function count(value: number): string {
  return showCount(value, language);
}

export function bytes(value: number): string {
  return showBytes(value, language);
}

/** 34314, 21000 → "34,314 → 21,000 (-38.8 %)" */
export function change(before: number, after: number): string {
  const percent = before === 0 ? 0 : (100 * (after - before)) / before;
  const sign = percent > 0 ? '+' : '';
  return `${count(before)} → ${count(after)} (${sign}${percent.toFixed(1)} %)`;
}

/** An upper bound with three digits, rounded up so that it stays one: 0.031201 → "3.13e-2" */
export function upperBound(value: number): string {
  return showScientific(value, 3);
}
