import type { Chart } from 'chart.js';

export interface Zoom {
  /** Makes the range of both axes, or of one, smaller (factor below 1) or larger about a point in pixels. */
  scale(factor: number, at: { readonly x: number; readonly y: number }, axes: ZoomAxes): void;
  /** Moves what is seen by so many pixels. */
  pan(dx: number, dy: number): void;
  /** What is seen, undefined while it is everything. */
  seen(): Seen | undefined;
  /** Shows what was seen of the chart, or one like it, before. */
  show(seen: Seen): void;
  reset(): void;
}

/** The range of each axis that is in view, [from, to]. */
export type Seen = Readonly<Record<'x' | 'y', readonly [number, number]>>;

export type ZoomAxes = 'x' | 'y' | 'both';

/** Whether a remembered value is what was seen of a chart. */
export function isSeen(value: unknown): value is Seen {
  const { x, y } = (value ?? {}) as Partial<Record<keyof Seen, unknown>>;
  return [x, y].every((range) => Array.isArray(range) && range.every(Number.isFinite));
}

type Limits = Record<'x' | 'y', { min: number | undefined; max: number | undefined }>;

/** Never more than so much less than everything is seen. */
const mostZoom = 1e4;

/** Zoom of a chart by the ranges of its axes. `onChange` hears whether less is seen than everything. */
export function chartZoom(
  chart: Chart<'line'> | Chart<'bar'>,
  onChange: (zoomed: boolean) => void,
): Zoom {
  let whole: Limits | undefined;

  /** A value as a place along its axis, evenly spaced, and back. */
  const place = (axis: 'x' | 'y', value: number): number => (isLog(axis) ? Math.log(value) : value);
  const back = (axis: 'x' | 'y', at: number): number => (isLog(axis) ? Math.exp(at) : at);
  const isLog = (axis: 'x' | 'y'): boolean => chart.scales[axis].type === 'logarithmic';
  const set = (axis: 'x' | 'y', min: number | undefined, max: number | undefined): void => {
    const options = chart.options.scales?.[axis];
    if (options === undefined) return;
    Object.assign(options, { min, max });
  };
  const begin = (): Limits => {
    if (whole !== undefined) return whole;
    const limits = (axis: 'x' | 'y') => {
      const { min, max } = chart.scales[axis];
      return { min, max };
    };
    return (whole = { x: limits('x'), y: limits('y') });
  };
  const show = (axis: 'x' | 'y', from: number, to: number): void => {
    const { min = 0, max = 1 } = begin()[axis];
    const [least, greatest] = [place(axis, min), place(axis, max)];
    const size = Math.min(to - from, greatest - least);
    if (size < (greatest - least) / mostZoom) return;
    const start = Math.min(Math.max(from, least), greatest - size);
    set(axis, back(axis, start), back(axis, start + size));
  };
  const done = (): void => {
    chart.update();
    onChange(whole !== undefined);
  };

  return {
    scale(factor, at, axes) {
      if (whole === undefined && factor > 1) return; // everything is seen already
      begin();
      for (const axis of ['x', 'y'] as const) {
        if (axes !== 'both' && axes !== axis) continue;
        const scale = chart.scales[axis];
        const centre = place(axis, scale.getValueForPixel(at[axis]) ?? scale.min);
        const [from, to] = [place(axis, scale.min), place(axis, scale.max)];
        show(axis, centre - (centre - from) * factor, centre + (to - centre) * factor);
      }
      done();
    },
    pan(dx, dy) {
      if (whole === undefined) return;
      for (const [axis, shift] of [
        ['x', dx],
        ['y', dy],
      ] as const) {
        if (shift === 0) continue;
        const { min, max, left, right, top, bottom } = chart.scales[axis];
        const [from, to] = [place(axis, min), place(axis, max)];
        const pixels = axis === 'x' ? right - left : top - bottom;
        const by = ((to - from) * shift) / pixels;
        show(axis, from - by, to - by);
      }
      done();
    },
    seen() {
      if (whole === undefined) return undefined;
      const { x, y } = chart.scales;
      return { x: [x.min, x.max], y: [y.min, y.max] };
    },
    show(seen) {
      for (const axis of ['x', 'y'] as const) {
        const [from, to] = seen[axis].map((value) => place(axis, value));
        if (from < to) show(axis, from, to); // not where a logarithm has none
      }
      done();
    },
    reset() {
      if (whole === undefined) return;
      for (const axis of ['x', 'y'] as const) set(axis, whole[axis].min, whole[axis].max);
      whole = undefined;
      done();
    },
  };
}
