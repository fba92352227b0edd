import { SsmError, throwIfCancelled } from '../errors';
import { hotLoops } from '../hotLoops';
import type { ComplexVector } from '../linalg/complex';
import { checkedModal } from '../systems/check';
import { emptyModalBatch, systemOf, type ModalBatch, type ModalSystem } from '../systems/modal';
import { createCandidates } from '../objective/insertion';
import { createTarget, type Target } from '../objective/varpro';
import { modeEnergies } from '../start/energyModal';
import { balanceReal } from '../start/realBalanced';
import { algorithm1Solver } from './algorithm1';
import { balancedSolver } from './balanced';
import { continuousHorizon } from './horizons';
import { irkaSolver } from './irka';
import { defaultEffort, newtonFrom, newtonSolver, newtonStarts, type NewtonStarts } from './newton';
import type { ReducedSystem, ReductionRequest, ReductionResult, SolverTrace } from './solver';
import { tfIrkaSolver } from './tfIrka';

/** What a caller may want to know and say while a batch is reduced. */
export interface ReductionHooks {
  /** Called after each system with the number done so far. */
  readonly onSystem?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Reduces every system of a batch to `slots` poles. Systems are independent; the result does not depend on how a batch
 * is cut into slices.
 * @throws SsmError `bad-request` for slots outside 1 … N or a horizon below 1, `bad-parameters` or `unstable` for systems
 *   that are not finite or do not decay, `cancelled`
 */
export function reduceBatch(
  batch: ModalBatch,
  request: ReductionRequest,
  hooks: ReductionHooks = {},
): ReductionResult {
  checkRequest(batch, request);
  return collected(batch, request.slots, (s) => {
    throwIfCancelled(hooks.signal);
    const result = reduceSystem(systemOf(batch, s), request);
    hooks.onSystem?.(s + 1);
    return result;
  });
}

function collected(
  batch: ModalBatch,
  slots: number,
  reduce: (index: number) => SystemReduction,
): ReductionResult {
  const reduced = emptyModalBatch(batch.count, slots);
  reduced.step.set(batch.step);
  const traces: SolverTrace[] = [];
  const hankelSingularValues: Float64Array[] = [];
  for (let s = 0; s < batch.count; s++) {
    const result = reduce(s);
    const at = s * slots;
    reduced.poleRe.set(result.poles.re, at);
    reduced.poleIm.set(result.poles.im, at);
    reduced.weightRe.set(result.weights.re, at);
    reduced.weightIm.set(result.weights.im, at);
    traces.push(result.trace);
    hankelSingularValues.push(result.hankelSingularValues);
  }
  return { reduced, traces, hankelSingularValues };
}

/** A squared norm below this share of the modes' own energies is rounding error: the modes cancel to the zero kernel. */
const vanishing = 1e-15;

/** One reduced system with what its reduction found out about the original on the way. */
export interface SystemReduction extends ReducedSystem {
  readonly hankelSingularValues: Float64Array;
}

/** Reduces one system with the solver asked for. A system that already has no more poles is returned as it is. */
export function reduceSystem(given: ModalSystem, request: ReductionRequest): SystemReduction {
  return hotLoops().scoped(() => reduceOne(given, request));
}

function reduceOne(given: ModalSystem, request: ReductionRequest): SystemReduction {
  const { slots, horizon } = request;
  const { system, scaledSystem, largest, target } = normalised(given, horizon);
  const { poles } = system;
  if (target === undefined) return vanished(system, slots);
  const balanced = balanceReal(target);
  const hankelSingularValues = balanced.values.map((value) => Math.abs(value) * largest);
  const solve = (): ReducedSystem => {
    if (slots === poles.re.length) return unchanged(system);
    switch (request.solver) {
      case 'newton':
        return rescaled(newtonSolver(balanced, slots), largest);
      case 'balanced':
        return rescaled(balancedSolver(balanced, slots), largest);
      case 'algorithm1':
        return algorithm1Solver(system, slots, horizon, { tau: tauOf(request, system.step) });
      case 'irka':
        return rescaled(irkaSolver(scaledSystem, slots, horizon), largest);
      case 'tf-irka':
        return rescaled(tfIrkaSolver(scaledSystem, slots, horizon), largest);
    }
  };
  return { ...solve(), hankelSingularValues };
}

/** A system with weights scaled to 1, where no product can over- or underflow; Algorithm 1 alone does without. */
interface Normalised {
  readonly system: ModalSystem;
  readonly scaledSystem: ModalSystem;
  /** The size of the largest weight: the scaled system times this is the system. */
  readonly largest: number;
  /** Of the scaled system; undefined where that is zero but for rounding. */
  readonly target: Target | undefined;
}

function normalised(given: ModalSystem, horizon: number): Normalised {
  const system = checkedModal(given);
  const { poles, weights } = system;
  const largest = weights.re.reduce(
    (most, re, n) => Math.max(most, Math.hypot(re, weights.im[n])),
    0,
  );
  const scaledSystem = withWeights(system, largest > 0 ? 1 / largest : 1);
  const target = createTarget(scaledSystem, horizon);
  const energy = modeEnergies(target).reduce((sum, value) => sum + value, 0);
  const isZero = !(target.norm2 > vanishing * poles.re.length * energy);
  return { system, scaledSystem, largest, target: isZero ? undefined : target };
}

function vanished(system: ModalSystem, slots: number): SystemReduction {
  const hankelSingularValues = new Float64Array(2 * system.poles.re.length);
  return { ...unchanged(withWeights(leadingModes(system, slots), 0)), hankelSingularValues };
}

/** The first half of reducing a system with the recommended solver: its starts, from which an engine may search. */
export interface PreparedSystem extends NewtonStarts {
  readonly hankelSingularValues: Float64Array;
  /** h² norm of the system over the horizon. */
  readonly norm: number;
}

/**
 * Finds the starts of every system of a batch for the recommended solver; `finishBatch` does the rest.
 * @returns undefined in the place of systems that are zero, which need no search
 * @throws SsmError as `reduceBatch`
 */
export function prepareBatch(
  batch: ModalBatch,
  request: ReductionRequest,
): (PreparedSystem | undefined)[] {
  checkRequest(batch, request);
  return Array.from({ length: batch.count }, (_, s) =>
    hotLoops().scoped(() => prepareSystem(systemOf(batch, s), request)),
  );
}

function prepareSystem(
  system: ModalSystem,
  { slots, horizon }: ReductionRequest,
): PreparedSystem | undefined {
  const { largest, target } = normalised(system, horizon);
  if (target === undefined) return undefined;
  const balanced = balanceReal(target);
  const starts = newtonStarts(balanced, slots, createCandidates(target));
  const hankelSingularValues = balanced.values.map((value) => Math.abs(value) * largest);
  return { ...starts, hankelSingularValues, norm: Math.sqrt(target.norm2) * largest };
}

/** Reduces systems whose starts are known and may have been searched from already. */
export function finishBatch(
  batch: ModalBatch,
  { slots, horizon }: ReductionRequest,
  prepared: readonly (PreparedSystem | undefined)[],
): ReductionResult {
  return collected(batch, slots, (s) => {
    const { system, largest, target } = normalised(systemOf(batch, s), horizon);
    const ready = prepared[s];
    if (target === undefined || ready === undefined) return vanished(system, slots);
    const found = hotLoops().scoped(() => newtonFrom(target, slots, ready, defaultEffort));
    return {
      ...rescaled(found, largest),
      hankelSingularValues: ready.hankelSingularValues,
    };
  });
}

function tauOf({ continuousHorizon: name, horizon }: ReductionRequest, step: number): number {
  return continuousHorizon(name ?? 'L Delta', horizon, step);
}

function leadingModes({ poles, weights, step }: ModalSystem, slots: number): ModalSystem {
  const lead = ({ re, im }: ComplexVector): ComplexVector => ({
    re: re.slice(0, slots),
    im: im.slice(0, slots),
  });
  return { poles: lead(poles), weights: lead(weights), step };
}

function withWeights(system: ModalSystem, factor: number): ModalSystem {
  return { ...system, weights: scaled(system.weights, factor) };
}

/** A result for the scaled system as one for the system itself. */
function rescaled(result: ReducedSystem, factor: number): ReducedSystem {
  const objective = result.trace.objective.map((value) => value * factor * factor);
  return {
    poles: result.poles,
    weights: scaled(result.weights, factor),
    trace: { ...result.trace, objective },
  };
}

function scaled({ re, im }: ComplexVector, factor: number): ComplexVector {
  return { re: re.map((value) => value * factor), im: im.map((value) => value * factor) };
}

function unchanged(system: ModalSystem): ReducedSystem {
  return {
    poles: system.poles,
    weights: system.weights,
    trace: { start: 'the system itself', stop: 'exact', objective: [0], notes: [] },
  };
}

function checkRequest(batch: ModalBatch, { slots, horizon }: ReductionRequest): void {
  if (batch.count === 0) throw new SsmError('bad-request', 'There is no system to reduce.');
  if (!Number.isInteger(slots) || slots < 1 || slots > batch.slots) {
    throw new SsmError(
      'bad-request',
      `Cannot keep ${slots} of ${batch.slots} poles: ask for 1 to ${batch.slots}.`,
    );
  }
  if (horizon !== Infinity && !(Number.isInteger(horizon) && horizon >= 1)) {
    throw new SsmError(
      'bad-request',
      `The horizon must be a whole number of steps from 1 up, or infinite, not ${horizon}.`,
    );
  }
}
