import type { SpreadCurve } from '../../core/describe/spread';
import type { DescribedPoles } from '../../core/describe/describeLayer';
import type { ChartCurve, ChartCurves, ChartPoles } from '../../protocol/layerCharts';

/** Six digits are more than a chart or a table of it shows. */
export function shorten(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(6)) : 0;
}

function shortened(values: ArrayLike<number>): number[] {
  return Array.from(values, shorten);
}

/** Curves as they travel to a page. */
export function chartCurves({
  x,
  curves,
}: {
  readonly x: Float64Array;
  readonly curves: readonly (SpreadCurve & Pick<ChartCurve, 'id'>)[];
}): ChartCurves {
  return {
    x: shortened(x),
    curves: curves.map(({ id, value, low, high, most }) => ({
      id,
      value: shortened(value),
      ...(low === undefined ? {} : { low: shortened(low) }),
      ...(high === undefined ? {} : { high: shortened(high) }),
      ...(most === undefined ? {} : { most: shortened(most) }),
    })),
  };
}

export function chartPoles({ re, im, logRe, logIm, channel }: DescribedPoles): ChartPoles {
  return {
    ...{ re: shortened(re), im: shortened(im), logRe: shortened(logRe), logIm: shortened(logIm) },
    channel: Array.from(channel),
  };
}
