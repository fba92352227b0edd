import { mimoTarget } from '../objective/mimoProjection';
import { realNorm2 } from '../objective/realPart';
import { createTarget } from '../objective/varpro';
import { errorCurve } from '../solve/errorCurve';
import { reduceRealPoles } from '../solve/realPoleSolver';
import { modalError2 } from '../objective/modalError';
import { balanceReal } from '../start/realBalanced';
import { sharedElimination } from '../start/backwardElimination';
import { mimoElimination } from '../start/mimoExchange';
import { checkedModal, floorLogPoles } from '../systems/check';
import type { DiagonalSystem } from '../systems/diagonal';
import { kernelBatch } from '../systems/kernels';
import type { IndependentSystems, LayerSystems, TiedSystems } from '../systems/layer';
import { type ModalSystem, systemOf } from '../systems/modal';
import { discrete } from '../systems/timeSpan';

/** How the errors of a curve were found. */
export type CurveMethod = 'search' | 'elimination';

/** Squared h² errors of the channels of a layer at several numbers of slots, and their squared norms. */
export interface OrderCurve {
  /** `search`: the best systems found at each order. `elimination`: with poles of the original, so not below it. */
  readonly method: CurveMethod;
  readonly slots: readonly number[];
  /** One list a number of slots, one value a channel; NaN where it could not be found. */
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
}

/**
 * Error against order in one pass over all orders. Kernels with poles of their own are searched for one by one; where
 * poles are shared, modes are deleted from all channels together, the weights of the others solved anew: what the solver
 * reaches is at least as good. Of a layer with quadratic outputs the linear part counts.
 * @throws SsmError `bad-parameters` or `unstable` for systems that are not finite or do not decay
 */
export function orderCurve({ systems, channels, slots, horizon }: OrderCurveRequest): OrderCurve {
  const orders = [...new Set(slots)].sort((a, b) => a - b);
  switch (systems.kind) {
    case 'independent':
      return joinCurves(channels.map((k) => kernelCurve(systems, k, orders, horizon)));
    case 'tied':
      return tiedCurve(systems, orders, horizon);
    default:
      return outputsCurve(systems.system, orders, horizon);
  }
}

/** Curves of different channels at the same numbers of slots as one. */
export function joinCurves(curves: readonly OrderCurve[]): OrderCurve {
  const [{ method, slots }] = curves;
  const join = (parts: readonly Float64Array[]): Float64Array =>
    Float64Array.from(parts.flatMap((part) => [...part]));
  return {
    method,
    slots,
    squaredErrors: slots.map((_, i) => join(curves.map((curve) => curve.squaredErrors[i]))),
    squaredNorms: join(curves.map(({ squaredNorms }) => squaredNorms)),
  };
}

/** Whether the channels of a layer can be asked for one by one. */
export function isSeparable(systems: LayerSystems): boolean {
  return systems.kind === 'independent';
}

function kernelCurve(
  { batch, poles }: IndependentSystems,
  kernel: number,
  slots: readonly number[],
  horizon: number,
): OrderCurve {
  const { system, unit } = scaled(systemOf(batch, kernel));
  const target = createTarget(system, horizon);
  const errors = (): readonly number[] => {
    if (!(target.norm2 > 0)) return slots.map(() => 0);
    if (poles === 'complex') {
      return errorCurve(balanceReal(target), slots).map(({ error2 }) => error2);
    }
    return slots.map((r) => {
      const reduced = reduceRealPoles(system, { slots: r, horizon, solver: 'newton' });
      return Math.max(0, modalError2(target, reduced));
    });
  };
  return {
    method: 'search',
    slots,
    squaredErrors: errors().map((error2) => Float64Array.of(error2 * unit * unit)),
    squaredNorms: Float64Array.of(target.norm2 * unit * unit),
  };
}

/** Every group loses its own modes; a group's kernels lose them together. */
function tiedCurve(systems: TiedSystems, slots: readonly number[], horizon: number): OrderCurve {
  const batch = kernelBatch(systems);
  const squaredErrors = slots.map(() => new Float64Array(batch.count).fill(NaN));
  const squaredNorms = new Float64Array(batch.count);
  for (const { kernels } of systems.groups) {
    const targets = Array.from(kernels, (k) =>
      createTarget(checkedModal(systemOf(batch, k)), horizon),
    );
    const totals = new Float64Array(kernels.length);
    sharedElimination(targets, slots[0], (left, costs) => {
      costs.forEach((cost, i) => (totals[i] += cost));
      const at = slots.indexOf(left);
      if (at >= 0) kernels.forEach((k, i) => (squaredErrors[at][k] = totals[i]));
    });
    kernels.forEach((k, i) => (squaredNorms[k] = targets[i].norm2));
  }
  return { method: 'elimination', slots, squaredErrors, squaredNorms };
}

function outputsCurve(
  given: DiagonalSystem,
  slots: readonly number[],
  horizon: number,
): OrderCurve {
  const system = { ...given, poles: floorLogPoles(given.poles) };
  const outputs = system.C.rows;
  const totals = new Float64Array(outputs);
  const squaredErrors = slots.map(() => new Float64Array(outputs).fill(NaN));
  mimoElimination(mimoTarget(system, horizon), slots[0], (left, costs) => {
    costs.forEach((cost, i) => (totals[i] += cost));
    const at = slots.indexOf(left);
    if (at >= 0) squaredErrors[at].set(totals);
  });
  const span = discrete(horizon);
  const squaredNorms = Float64Array.from({ length: outputs }, (_, i) =>
    realNorm2({ ...system, C: outputRow(system, i) }, span),
  );
  return { method: 'elimination', slots, squaredErrors, squaredNorms };
}

function outputRow({ C }: DiagonalSystem, i: number): DiagonalSystem['C'] {
  const row = (part: Float64Array): Float64Array => part.subarray(i * C.cols, (i + 1) * C.cols);
  return { rows: 1, cols: C.cols, re: row(C.re), im: row(C.im) };
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
