import type { SettingValue } from './checkpoint';

/** A longer text is no setting that a person made; its beginning is enough to see what it is. */
const LONGEST_TEXT = 1000;

/** A recorded text as it is shown: its beginning. */
export function textSetting(text: string): SettingValue {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}

/** A recorded number; infinities and NaN as Python spells them, since messages are JSON. */
export function numberSetting(value: number): SettingValue {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
}
