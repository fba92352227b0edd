import type { ComplexVector } from '../linalg/complex';
import { mimoProjection, mimoTarget } from '../objective/mimoProjection';
import { modalError2 } from '../objective/modalError';
import { sharedProjection } from '../objective/sharedProjection';
import { createTarget } from '../objective/varpro';
import { boundedNewton } from '../solve/boundedNewton';
import { curveStarts, errorCurve } from '../solve/errorCurve';
import { mimoSearch, mimoValue } from '../solve/mimoSearch';
import { reduceRealPoles } from '../solve/realPoleSolver';
import { coordinatesOf, sharedProblem } from '../solve/sharedProblem';
import { mimoElimination } from '../start/mimoExchange';
import { modalTruncation, pickModes } from '../start/modal';
import { balanceReal } from '../start/realBalanced';
import { eliminationStart } from '../start/sharedStarts';
import { checkedModal, floorLogPoles } from '../systems/check';
import type { DiagonalSystem } from '../systems/diagonal';
import type { IndependentSystems, LayerSystems, TiedSystems } from '../systems/layer';
import { type ModalSystem, systemOf } from '../systems/modal';
import { channelModes, channelSteps } from '../systems/tied';
import { discrete } from '../systems/timeSpan';

/** Squared h² errors of the channels of a layer at several numbers of slots, and their squared norms. */
export interface OrderCurve {
  readonly slots: readonly number[];
  /** One list a number of slots, one value a channel; a system with matrices B and C counts as one. */
  readonly squaredErrors: readonly Float64Array[];
  readonly squaredNorms: Float64Array;
}

/** What is asked for a curve. */
export interface OrderCurveRequest {
  readonly systems: LayerSystems;
  /** Kernels to look at, where they can be reduced apart from each other; all others are always seen together. */
  readonly channels: readonly number[];
  /** Numbers of slots, each below that of the layer. */
  readonly slots: readonly number[];
  readonly horizon: number;
  /** Of one kernel with complex poles: where an engine came to from `orderStarts`. */
  readonly searched?: readonly (readonly ComplexVector[])[] | undefined;
}

/** One kernel with starts for its search at each number of slots, ascending; undefined for one that is zero. */
export interface OrderStarts {
  /** h² norm over the horizon. */
  readonly norm: number;
  readonly starts: readonly (readonly ComplexVector[])[];
}

/** Steps from a start where poles are shared: enough to come near what the solver, which has more starts, reaches. */
const sharedSteps = 6;
const outputSteps = 15;
/** Systems with more modes than this are not searched for: one step takes too long. */
const mostSearched = 128;
/** Bounds the weights where poles nearly coincide. */
const ridge = 1e-8;

/**
 * Error against order. Kernels with poles of their own are searched for one by one, all orders in one pass. Where poles
 * are shared the search is shorter than the solver's: what compressing reaches is as good or better. Of a layer with
 * quadratic outputs the linear part counts.
 * @throws SsmError `bad-parameters` or `unstable` for systems that are not finite or do not decay
 */
export function orderCurve(request: OrderCurveRequest): OrderCurve {
  const { systems, channels, horizon, searched } = request;
  const orders = ordersOf(request);
  switch (systems.kind) {
    case 'independent':
      return joinCurves(
        channels.map((k) => kernelCurve(systems, k, { orders, horizon, searched })),
      );
    case 'tied':
      return tiedCurve(systems, orders, horizon);
    default:
      return outputsCurve(systems.system, orders, horizon);
  }
}

/** What an engine may search from before `orderCurve`, for the first of the channels asked for. */
export function orderStarts(
  { batch }: IndependentSystems,
  { channels, slots, horizon }: Pick<OrderCurveRequest, 'channels' | 'slots' | 'horizon'>,
): OrderStarts | undefined {
  const { system, unit } = scaled(systemOf(batch, channels[0]));
  const target = createTarget(system, horizon);
  if (!(target.norm2 > 0)) return undefined;
  const starts = curveStarts(balanceReal(target), ordersOf({ slots }));
  return { norm: unit * Math.sqrt(target.norm2), starts };
}

/** Numbers of slots, each once and ascending. */
export function ordersOf({ slots }: Pick<OrderCurveRequest, 'slots'>): number[] {
  return [...new Set(slots)].sort((a, b) => a - b);
}

/** Curves of different channels at the same numbers of slots as one. */
export function joinCurves(curves: readonly OrderCurve[]): OrderCurve {
  const [{ slots }] = curves;
  const join = (parts: readonly Float64Array[]): Float64Array =>
    Float64Array.from(parts.flatMap((part) => [...part]));
  return {
    slots,
    squaredErrors: slots.map((_, i) => join(curves.map((curve) => curve.squaredErrors[i]))),
    squaredNorms: join(curves.map(({ squaredNorms }) => squaredNorms)),
  };
}

/** Curves of the same channels at different numbers of slots as one, ascending. */
export function joinOrders(curves: readonly OrderCurve[]): OrderCurve {
  const sorted = [...curves].sort((a, b) => a.slots[0] - b.slots[0]);
  return {
    slots: sorted.flatMap(({ slots }) => slots),
    squaredErrors: sorted.flatMap(({ squaredErrors }) => squaredErrors),
    squaredNorms: sorted[0].squaredNorms,
  };
}

/** Whether the channels of a layer can be asked for one by one. */
export function isSeparable(systems: LayerSystems): boolean {
  return systems.kind === 'independent';
}

function kernelCurve(
  { batch, poles }: IndependentSystems,
  kernel: number,
  how: Pick<OrderCurveRequest, 'horizon' | 'searched'> & { readonly orders: readonly number[] },
): OrderCurve {
  const { orders: slots, horizon, searched } = how;
  const { system, unit } = scaled(systemOf(batch, kernel));
  const target = createTarget(system, horizon);
  const errors = (): readonly number[] => {
    if (!(target.norm2 > 0)) return slots.map(() => 0);
    if (poles === 'complex') {
      return errorCurve(balanceReal(target), slots, { searched }).map(({ error2 }) => error2);
    }
    return slots.map((r) => {
      const reduced = reduceRealPoles(system, { slots: r, horizon, solver: 'newton' });
      return Math.max(0, modalError2(target, reduced));
    });
  };
  return {
    slots,
    squaredErrors: errors().map((error2) => Float64Array.of(error2 * unit * unit)),
    squaredNorms: Float64Array.of(target.norm2 * unit * unit),
  };
}

/** Every group has poles of its own, which its kernels share. */
function tiedCurve(systems: TiedSystems, slots: readonly number[], horizon: number): OrderCurve {
  const count = systems.groups.reduce((sum, { kernels }) => sum + kernels.length, 0);
  const squaredErrors = slots.map(() => new Float64Array(count));
  const squaredNorms = new Float64Array(count);
  for (const { kernels, system } of systems.groups) {
    const targets = Array.from(kernels, (_, row) =>
      createTarget(checkedModal(channelModes(system, row)), horizon),
    );
    const shared = { targets, steps: targets.map((_, row) => channelSteps(system, row)) };
    slots.forEach((r, i) => {
      const { poles } = eliminationStart(system, shared, r);
      const projection = sharedProjection(shared, r, ridge);
      const problem = sharedProblem(system, projection);
      const { x } = boundedNewton(problem, coordinatesOf(poles), sharedSteps);
      projection.value(x);
      kernels.forEach((k, row) => (squaredErrors[i][k] = projection.channelValues[row]));
    });
    kernels.forEach((k, row) => (squaredNorms[k] = targets[row].norm2));
  }
  return { slots, squaredErrors, squaredNorms };
}

function outputsCurve(
  given: DiagonalSystem,
  slots: readonly number[],
  horizon: number,
): OrderCurve {
  const system = { ...given, poles: floorLogPoles(given.poles) };
  const target = mimoTarget(system, horizon);
  const small = system.poles.re.length <= mostSearched;
  const squaredErrors = slots.map((r) => {
    const projection = mimoProjection(target, r, ridge);
    const starts = [
      pickModes(system, mimoElimination(target, r)),
      modalTruncation(system, r, discrete(horizon)),
    ];
    const [best] = starts.sort((a, b) => mimoValue(projection, a) - mimoValue(projection, b));
    return Float64Array.of(mimoSearch(projection, best, small ? outputSteps : 0).value);
  });
  return { slots, squaredErrors, squaredNorms: Float64Array.of(target.norm2) };
}

/** The system with weights of at most 1, and the unit they were divided by. */
function scaled(given: ModalSystem): { readonly system: ModalSystem; readonly unit: number } {
  const system = checkedModal(given);
  const { re, im } = system.weights;
  const largest = re.reduce((most, x, n) => Math.max(most, Math.hypot(x, im[n])), 0);
  if (!(largest > 0)) return { system, unit: 1 };
  const weights = { re: re.map((x) => x / largest), im: im.map((y) => y / largest) };
  return { system: { ...system, weights }, unit: largest };
}
