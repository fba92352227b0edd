/**
 * Figures of numbers that come in parts; of their moduli where they are complex. Extremes, mean and norm are over the
 * finite ones alone.
 */
export interface NumberSummary {
  readonly finite: number;
  readonly nan: number;
  readonly infinite: number;
  /** Null where no number is finite, as the next two. */
  readonly least: number | null;
  readonly greatest: number | null;
  readonly mean: number | null;
  /** Euclidean norm; 0 of nothing. */
  readonly norm: number;
}

export const emptySummary: NumberSummary = {
  finite: 0,
  nan: 0,
  infinite: 0,
  least: null,
  greatest: null,
  mean: null,
  norm: 0,
};

/** So many numbers are added up before their sum is added to that of the others, which keeps rounding small. */
const block = 4096;

/**
 * The summary with more numbers in it.
 *
 * @param components 2 where `values` holds pairs (re, im)
 */
export function extendSummary(
  summary: NumberSummary,
  values: Float64Array,
  components: number,
): NumberSummary {
  let joined = summary;
  for (let from = 0; from < values.length; from += block * components) {
    const part = values.subarray(from, from + block * components);
    joined = join(joined, summarise(components === 2 ? moduli(part) : part));
  }
  return joined;
}

function moduli(pairs: Float64Array): Float64Array {
  return Float64Array.from({ length: pairs.length / 2 }, (_, i) =>
    Math.hypot(pairs[2 * i], pairs[2 * i + 1]),
  );
}

function summarise(values: Float64Array): NumberSummary {
  let [least, greatest, sum, finite, nan] = [Infinity, -Infinity, 0, 0, 0];
  for (const value of values) {
    if (Number.isFinite(value)) {
      finite++;
      sum += value;
      if (value < least) least = value;
      if (value > greatest) greatest = value;
    } else if (Number.isNaN(value)) nan++;
  }
  const infinite = values.length - finite - nan;
  if (finite === 0) return { ...emptySummary, nan, infinite };
  const scale = Math.max(Math.abs(least), Math.abs(greatest));
  const norm = scale > 0 ? scale * scaledNorm(values, scale) : 0;
  return { finite, nan, infinite, least, greatest, mean: sum / finite, norm };
}

/** Norm of the finite values in units of the largest, so that squares neither overflow nor vanish. */
function scaledNorm(values: Float64Array, scale: number): number {
  let squares = 0;
  for (const value of values) if (Number.isFinite(value)) squares += (value / scale) ** 2;
  return Math.sqrt(squares);
}

function join(a: NumberSummary, b: NumberSummary): NumberSummary {
  const finite = a.finite + b.finite;
  const both = (of: (a: number, b: number) => number, x: number | null, y: number | null) =>
    x === null ? y : y === null ? x : of(x, y);
  return {
    finite,
    nan: a.nan + b.nan,
    infinite: a.infinite + b.infinite,
    least: both(Math.min, a.least, b.least),
    greatest: both(Math.max, a.greatest, b.greatest),
    mean: both((x, y) => x + (y - x) * (b.finite / finite), a.mean, b.mean),
    norm: Math.hypot(a.norm, b.norm),
  };
}
