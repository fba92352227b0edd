import { spreadOf } from '../../core/describe/spread';
import type { ChartCurves } from '../../protocol/layerCharts';
import type { LayerRecord } from '../../protocol/report';
import { chartCurves } from './numbers';

interface Searched {
  readonly norm: number;
  readonly trace: LayerRecord['systems'][number]['trace'];
}

/**
 * How the search of a report went: squared error over squared norm (of a continuous objective over its value at the
 * start) against iterations, of the one search that found the channel or spread over all. Searches that ended earlier
 * count with their last value. Undefined where nothing iterated.
 */
export function convergenceOf(
  record: LayerRecord,
  channel: number | undefined,
): ChartCurves | undefined {
  const histories = searches(record, channel)
    .map(relativeHistory)
    .filter((history) => history.length > 0);
  const length = histories.reduce((most, history) => Math.max(most, history.length), 0);
  if (length < 2) return undefined;
  const rows = histories.map((history) =>
    Float64Array.from({ length }, (_, k) => history[Math.min(k, history.length - 1)]),
  );
  const x = Float64Array.from({ length }, (_, k) => k);
  return chartCurves({ x, curves: [{ id: 'error', ...spreadOf(rows) }] });
}

/** Kernels that share poles are searched for together; a system with several outputs is searched for as a whole. */
function searches(
  { systems, groups = [] }: LayerRecord,
  channel: number | undefined,
): readonly Searched[] {
  if (groups.length > 0) {
    return groups
      .filter(({ kernels }) => channel === undefined || kernels.includes(channel))
      .map(({ kernels, trace }) => ({
        norm: Math.hypot(...kernels.map((kernel) => systems[kernel]?.norm ?? 0)),
        trace,
      }));
  }
  return channel === undefined || systems.length === 1
    ? systems
    : systems.slice(channel, channel + 1);
}

function relativeHistory({ norm, trace }: Searched): readonly number[] {
  if (trace.stop === 'exact') return [];
  const unit = trace.quantity === 'continuous-H2' ? (trace.objective[0] ?? 0) : norm ** 2;
  return unit > 0 ? trace.objective.map((value) => value / unit) : [];
}

/** The channel with the greatest relative error; none where the layer is one system. */
export function worstChannel({
  systems,
}: LayerRecord): { readonly channel: number; readonly error: number } | undefined {
  if (systems.length < 2) return undefined;
  const errors = systems.map(({ error, norm }) => (norm > 0 ? error / norm : 0));
  const error = errors.reduce((most, value) => Math.max(most, value), 0);
  return error > 0 ? { channel: errors.indexOf(error), error } : undefined;
}
