import { throwIfCancelled } from '../errors';
import type { ComplexVector } from '../linalg/complex';
import { type Target, VariableProjection, createTarget } from '../objective/varpro';
import { backwardElimination } from '../start/backwardElimination';
import { type FixedPointOptions, poleChange } from '../start/fixedPoint';
import { fillPoles } from '../start/fillSlots';
import { balanceReal, realBalancedPoles } from '../start/realBalanced';
import { asSlots, realProjection, upperHalf } from '../start/realProjection';
import { reflect } from '../start/reflect';
import { checkOrder, checkSpan, checkedModal } from '../systems/check';
import type { Modes } from '../systems/diagonal';
import type { ModalSystem } from '../systems/modal';
import { poleSetOf } from '../systems/poleSet';
import { discrete } from '../systems/timeSpan';
import type { ReducedSystem, StopReason } from './solver';

const ridge = 1e-12;

/**
 * The two-sided fixed-point iteration on the real system that a layer is: the full system closed under conjugation,
 * reduced to 2 slots states. Each stable iterate is fitted into slots (a pair of real poles shares one, math reference
 * 2.3), its weights are solved anew for the real h² error over `horizon`, and the best of them is returned. Iterates
 * that lose stability go on from their mirror image. For comparison with the recommended solver.
 * @param iterationHorizon span of the Gramians: Infinity for IRKA, the horizon itself for the time-limited form
 */
export function fixedPointSolver(
  system: ModalSystem,
  slots: number,
  horizon: number,
  iterationHorizon: number,
  { iterations = 100, tolerance = 1e-6, signal }: FixedPointOptions,
): ReducedSystem {
  const full = checkedModal(system);
  checkSpan(discrete(horizon));
  checkOrder(slots, full.poles.re.length);
  const target = createTarget(full, horizon);
  if (!(target.norm2 > 0)) return silent(full, slots);
  const found = realBalancedPoles(balanceReal(target), slots);
  const spare = backwardElimination(target, slots);
  const { weightRe, weightIm } = target;
  const modes = { poles: poleSetOf(full.poles, iterationHorizon), weightRe, weightIm };
  const search = bestOf(target, slots);
  const start = fillPoles(finitePoles(found.poles), spare, slots);
  search.offer(start);
  let current = upperHalf(start);
  let stop: StopReason = 'iteration-limit';
  let lost = 0;
  for (let k = 0; k < iterations && stop === 'iteration-limit'; k++) {
    throwIfCancelled(signal);
    const projected = realProjection(modes, current);
    if (projected === undefined) {
      stop = 'stalled';
      break;
    }
    const { poles, count } = reflect(projected);
    if (count === 0) search.offer(fillPoles(asSlots(target, poles, slots), spare, slots));
    else lost++;
    const next = upperHalf(poles);
    if (poleChange(current, next, 'discrete') < tolerance) stop = 'converged';
    current = next;
  }
  const { best, objective } = search.found();
  const notes = notesOf(found.reflected, lost);
  return { ...best, trace: { start: 'balanced truncation', stop, objective, notes } };
}

/** A system whose real response is 0 keeps its first poles, at weight 0. */
function silent({ poles }: ModalSystem, slots: number): ReducedSystem {
  const none = { re: new Float64Array(slots), im: new Float64Array(slots) };
  return {
    poles: { re: poles.re.slice(0, slots), im: poles.im.slice(0, slots) },
    weights: none,
    trace: { start: 'the system itself', stop: 'exact', objective: [0], notes: [] },
  };
}

/** Keeps the poles of the least real h² error, with their optimal weights, and the errors of all that were offered. */
function bestOf(target: Target, slots: number) {
  const projection = new VariableProjection(target, slots, ridge);
  const objective: number[] = [];
  let least = Infinity;
  let best: Modes | undefined;
  return {
    offer(poles: ComplexVector): void {
      const value = projection.value(poleSetOf(poles, target.poles.horizon));
      objective.push(value);
      if (best !== undefined && !(value < least)) return;
      least = value;
      const weights = { re: projection.weightRe.slice(), im: projection.weightIm.slice() };
      best = { poles, weights };
    },
    found: () => ({ best: best!, objective }),
  };
}

function notesOf(atStart: number, later: number): string[] {
  const notes = ['The result is the stable iterate of the least error, fitted into slots.'];
  if (atStart > 0) notes.push(`${atStart} unstable poles of the start were reflected inside.`);
  if (later > 0) {
    notes.push(`${later} iterates lost stability; their unstable poles were reflected inside.`);
  }
  return notes;
}

/** Without poles that are not finite: what balancing gives for responses that cancel to rounding errors. */
function finitePoles({ re, im }: ComplexVector): ComplexVector {
  const kept = Array.from(re.keys()).filter(
    (i) => Number.isFinite(re[i]) && Number.isFinite(im[i]),
  );
  return {
    re: Float64Array.from(kept, (i) => re[i]),
    im: Float64Array.from(kept, (i) => im[i]),
  };
}
