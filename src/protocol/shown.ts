/** How figures and names are written for a person: the same in every notification, table and tooltip. */

/** Formats by language: to make one takes longer than to write a row of a table. */
function remembering(options: Intl.NumberFormatOptions): (language?: string) => Intl.NumberFormat {
  const made = new Map<string | undefined, Intl.NumberFormat>();
  return (language) => {
    const known = made.get(language) ?? new Intl.NumberFormat(language, options);
    made.set(language, known);
    return known;
  };
}

const wholeNumbers = remembering({ maximumFractionDigits: 0 });
const oneDecimal = remembering({ maximumFractionDigits: 1 });
const threeDigits = remembering({ maximumSignificantDigits: 3 });

/** 1234567 → "1,234,567" */
export function showCount(count: number, language?: string): string {
  return wholeNumbers(language).format(count);
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Decimal units, three significant digits: 1234567 → "1.23 MB" */
export function showBytes(bytes: number, language?: string): string {
  const power = bytes < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(bytes) / 3));
  return `${threeDigits(language).format(bytes / 1000 ** power)} ${byteUnits[power as 0]}`;
}

/** Numbers from the one to below the other are written without a power of ten. */
const plainFrom = 1e-3;
const plainTo = 1e5;

/**
 * A number as people write it, rounded to so many digits: 40, 0.0123, 1.2 × 10⁶, 3 × 10⁻⁷. Zeros at the end are left
 * out; what is not finite is ∞ or NaN.
 */
export function showNumber(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value < 0 ? '−∞' : '∞';
  const [mantissa, exponent] = value.toExponential(digits - 1).split('e');
  const short = String(Number(mantissa));
  return isPlain(Math.abs(value)) || value === 0
    ? String(Number(`${short}e${exponent}`))
    : short === '1'
      ? powerOfTen(Number(exponent))
      : `${short} × ${powerOfTen(Number(exponent))}`;
}

/**
 * An error as people write it, rounded up, so that an upper bound stays one, to always so many digits: 0.0312 → "0.032",
 * 40 → "40", 1200000 → "1.2 × 10⁶", 0.00031 → "3.1 × 10⁻⁴"
 */
export function showError(error: number, digits = 2): string {
  if (!(error > 0 && error < Infinity)) return showScientific(error);
  const [mantissa, exponent] = showScientific(error, digits).split('e');
  const power = Number(exponent);
  const rounded = Number(`${mantissa}e${exponent}`);
  return isPlain(rounded)
    ? rounded.toFixed(Math.max(0, digits - 1 - power))
    : `${mantissa} × ${powerOfTen(power)}`;
}

/**
 * The same in one form for all sizes, as programs read it: 0.0312 → "3.2e-2", 0 → "0"
 * @param digits of the mantissa
 */
export function showScientific(error: number, digits = 2): string {
  if (!(error > 0)) return '0';
  if (error === Infinity) return '∞';
  const nearest = error.toExponential(digits - 1);
  const [mantissa, exponent] = nearest.split('e');
  const raised = Number(`${(Number(mantissa) + 10 ** (1 - digits)).toFixed(digits)}e${exponent}`);
  const shown = Number(nearest) >= error ? nearest : raised.toExponential(digits - 1);
  return shown.replace('e+', 'e');
}

/** -7 → "10⁻⁷" */
export function powerOfTen(power: number): string {
  const raised = String(power).replace(/./g, (sign) => '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'['-0123456789'.indexOf(sign)]);
  return `10${raised}`;
}

function isPlain(size: number): boolean {
  return size >= plainFrom && size < plainTo;
}

/** 0.4321 → "43.2 %" */
export function showShare(share: number, language?: string): string {
  return `${oneDecimal(language).format(100 * share)} %`;
}

/** Seconds as "5 s", "3 min 20 s", "2 h 5 min"; below ten seconds with one digit when `fine`. */
export function showSeconds(seconds: number, fine = false): string {
  if (fine && seconds < 10) return `${seconds.toFixed(seconds < 1 ? 2 : 1)} s`;
  const whole = Math.max(0, Math.ceil(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** [64, 1, 784] → "64 × 1 × 784"; a scalar → "scalar" */
export function showShape(shape: readonly number[]): string {
  return shape.length === 0 ? 'scalar' : shape.join(' × ');
}

/** Control characters, line and paragraph separators, and everything that turns the direction of writing. */
// eslint-disable-next-line no-control-regex
const unseen = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/**
 * A hostile string (tensor name, file name) so that what is seen is what is there: characters without a glyph or with
 * power over their neighbours are written as escapes, what is longer than `limit` is cut in the middle, and nothing is
 * two quotation marks.
 */
export function showName(name: string, limit = 200): string {
  if (name === '') return '""';
  const cut =
    name.length <= limit
      ? name
      : `${name.slice(0, Math.ceil(limit / 2))}…${name.slice(name.length - Math.floor(limit / 2))}`;
  return cut.replace(
    unseen,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Puts the values into the places {0}, {1}, … of a translated text. */
export function fillText(text: string, ...values: readonly string[]): string {
  return text.replace(/\{(\d)\}/g, (place, index: string) => values[Number(index)] ?? place);
}
