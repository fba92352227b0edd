import { showPower, showTick } from './chartStyle';
import type { PlotAxis } from './plot';

/** Decades below the greatest value that an axis reaches at most: what is below is rounding. */
const mostDecades = 16;
/** Powers of ten are enough from so many decades on; of fewer, 2 and 5 are labelled too. */
const manyDecades = 2.5;
const mostTicks = 8;

/** Range and ticks of a logarithmic axis for values of which those above 0 count. */
export function logRange(
  values: readonly number[],
): Pick<PlotAxis, 'min' | 'max' | 'ticks' | 'show'> {
  const positive = values.filter((value) => value > 0);
  if (positive.length === 0) return {};
  const greatest = positive.reduce((a, b) => Math.max(a, b));
  const least = Math.max(
    positive.reduce((a, b) => Math.min(a, b)),
    greatest * 10 ** -mostDecades,
  );
  const [from, to] = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(greatest) + 1e-9)];
  const few = Math.log10(greatest / least) < manyDecades;
  const skip = Math.ceil((to - from + 1) / mostTicks);
  const powers = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const all = few
    ? powers.flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power))
    : powers.filter((power) => (to - power) % skip === 0).map((power) => 10 ** power);
  const min = few ? Math.max(...all.filter((tick) => tick <= least), 10 ** from) : 10 ** from;
  const max = Math.min(...all.filter((tick) => tick >= greatest * (1 - 1e-9)), 10 ** (to + 1));
  const ticks = all.filter((tick) => tick >= min * (1 - 1e-9) && tick <= max * (1 + 1e-9));
  return { min, max, ticks, show: few ? showTick : showPower };
}
