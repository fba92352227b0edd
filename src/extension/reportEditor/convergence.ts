import type { ChannelRecord, LayerRecord } from '../../protocol/report';
import type { Convergence, ConvergenceCurve } from '../../protocol/webview';

type Quantity = Convergence['quantity'];

/** Something that was searched for by itself, and the norm that its error is relative to. */
type Searched = Pick<ChannelRecord, 'norm' | 'trace'>;

/**
 * How the solver's objective fell with its iterations: mean and standard deviation over the systems of the report and
 * of each layer; kernels that share poles are searched for jointly and count as one. Systems that were left as they are have no iteration and do not count. Undefined where no solver
 * iterated.
 */
export function convergenceOf(layers: readonly LayerRecord[]): Convergence | undefined {
  const systems = layers.flatMap(searchedIn);
  const quantity = systems.some(({ trace }) => trace.quantity === 'continuous-H2')
    ? 'continuous-H2'
    : 'discrete-h2';
  const all = curveOf(systems, quantity);
  if (all === undefined || all.mean.length < 2) return undefined;
  const curves = layers.flatMap((layer) => {
    const curve = curveOf(searchedIn(layer), quantity);
    return curve === undefined ? [] : [{ name: layer.name, curve }];
  });
  return { quantity, all, layers: curves.length > 1 ? curves : [] };
}

function searchedIn({ systems, groups = [] }: LayerRecord): readonly Searched[] {
  if (groups.length === 0) return systems;
  return groups.map(({ kernels, trace }) => ({
    norm: Math.hypot(...kernels.map((kernel) => systems[kernel]?.norm ?? 0)),
    trace,
  }));
}

function curveOf(systems: readonly Searched[], quantity: Quantity): ConvergenceCurve | undefined {
  const histories = systems.flatMap((system) => {
    const history = relativeHistory(system, quantity);
    return history === undefined ? [] : [history];
  });
  return histories.length === 0 ? undefined : statistics(histories);
}

/** Undefined for a system whose trace is another quantity, or that has nothing to be relative to. */
function relativeHistory({ norm, trace }: Searched, quantity: Quantity): number[] | undefined {
  const { objective, stop } = trace;
  if (stop === 'exact' || (trace.quantity ?? 'discrete-h2') !== quantity) return undefined;
  const unit = quantity === 'discrete-h2' ? norm ** 2 : (objective[0] ?? 0);
  return objective.length > 0 && unit > 0 ? objective.map((value) => value / unit) : undefined;
}

/** Mean and standard deviation (of the population) at every iteration; short histories go on with their last value. */
function statistics(histories: readonly (readonly number[])[]): ConvergenceCurve {
  const length = histories.reduce((longest, history) => Math.max(longest, history.length), 0);
  const mean: number[] = [];
  const deviation: number[] = [];
  for (let k = 0; k < length; k++) {
    const values = histories.map((history) => history[Math.min(k, history.length - 1)]);
    const average = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / values.length;
    mean.push(average);
    deviation.push(Math.sqrt(variance));
  }
  return { systems: histories.length, mean, deviation };
}
