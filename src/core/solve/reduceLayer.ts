import { SsmError } from '../errors';
import { certifiedError, h2NormBelow } from '../norms/certified';
import { certifiedLqoError, lqoNormBounds } from '../norms/certifiedLqo';
import { certifiedMimoError, realNormBounds } from '../norms/certifiedMimo';
import { lqoErrorNorm } from '../objective/lqo';
import { modalError2 } from '../objective/modalError';
import { realNorm2, realObjective } from '../objective/realPart';
import { createTarget } from '../objective/varpro';
import { mimoTarget } from '../objective/mimoProjection';
import { balanceRealMimo } from '../start/mimoBalanced';
import { lqoHankel } from '../start/lqoBalanced';
import { balanceReal } from '../start/realBalanced';
import {
  checkCount,
  checkDiagonal,
  checkOrder,
  checkSpan,
  checkedModal,
  floorLogPoles,
} from '../systems/check';
import type { DiagonalSystem } from '../systems/diagonal';
import { type LayerPart, hasKernels, joinSystems, kernelBatch } from '../systems/kernels';
import type {
  IndependentSystems,
  LayerSystems,
  LqoLayer,
  MimoSystem,
  TiedSystems,
} from '../systems/layer';
import { type LqoSystem, checkLqo, realLqo } from '../systems/lqo';
import { type ModalBatch, emptyModalBatch, systemOf } from '../systems/modal';
import { discrete } from '../systems/timeSpan';
import { lqoBalancedFit, lqoSolver } from './lqoSolver';
import { mimoBalanced, mimoFixedPoint, mimoSolver } from './mimoSolver';
import { reduceRealPoles } from './realPoleSolver';
import { finishBatch, reduceBatch, type PreparedSystem } from './reduce';
import type { ReductionRequest, ReductionResult, SolverId, SolverTrace } from './solver';
import { tiedBalanced, tiedSolver } from './tiedSolver';

/** The joint search for the poles that some kernels share; its objective is the sum of their squared h² errors. */
export interface GroupTrace {
  readonly kernels: Int32Array;
  readonly trace: SolverTrace;
}

/**
 * A reduced layer and what is known of it. Lists have one entry a kernel, or the one of the layer for systems with
 * several inputs and outputs and for those with quadratic outputs.
 */
export interface LayerReduction {
  /** Of the same kind as the original, everything in the same order. */
  readonly reduced: LayerSystems;
  /** Kernels that share poles were not searched for one by one: theirs tell the squared error reached. */
  readonly traces: readonly SolverTrace[];
  /** How the search for shared poles went; only where poles are shared. */
  readonly groups?: readonly GroupTrace[];
  /** Hankel singular values of the originals over the horizon, descending. */
  readonly hankel: readonly Float64Array[];
  /** h² norms of the originals over the horizon, rounded down. */
  readonly norms: Float64Array;
  /** Estimated squared h² errors of the reduced systems over the horizon. */
  readonly squaredErrors: Float64Array;
}

/**
 * Reduces the systems of a layer, jointly where they share poles, to `request.slots` poles each. A layer may be cut
 * with `splitSystems` before: parts are reduced independently of each other.
 * @throws SsmError `bad-request` for slots outside 1 … N, a horizon below 1, or a method that the kind of layer does not
 *   admit; `bad-parameters` or `unstable` for systems that are not finite or do not decay
 */
export function reduceSystems(systems: LayerSystems, request: ReductionRequest): LayerReduction {
  checkSpan(discrete(request.horizon));
  switch (systems.kind) {
    case 'independent':
      return reduceIndependent(systems, request);
    case 'tied':
      return reduceTied(systems, request);
    case 'mimo':
      return reduceMimo(systems, request);
    case 'lqo':
      return reduceLqo(systems, request);
  }
}

/** The reduction of a layer from those of its parts (`splitSystems`), whose order is kept. */
export function joinReductions(
  parts: readonly LayerPart[],
  reductions: readonly LayerReduction[],
): LayerReduction {
  const traces: SolverTrace[] = [];
  const hankel: Float64Array[] = [];
  const count = parts.reduce((sum, { kernels }) => sum + kernels.length, 0);
  const [norms, squaredErrors] = [new Float64Array(count), new Float64Array(count)];
  const groups: GroupTrace[] = [];
  parts.forEach(({ kernels }, i) => {
    const part = reductions[i];
    kernels.forEach((kernel, k) => {
      traces[kernel] = part.traces[k];
      hankel[kernel] = part.hankel[k];
      norms[kernel] = part.norms[k];
      squaredErrors[kernel] = part.squaredErrors[k];
    });
    for (const { kernels: rows, trace } of part.groups ?? []) {
      groups.push({ kernels: rows.map((row) => kernels[row]), trace });
    }
  });
  const reduced = joinSystems(
    parts.map(({ kernels }, i) => ({ kernels, systems: reductions[i].reduced })),
  );
  const joined = { reduced, traces, hankel, norms, squaredErrors };
  return groups.length > 0 ? { ...joined, groups } : joined;
}

function reduceIndependent(systems: IndependentSystems, request: ReductionRequest): LayerReduction {
  const { batch, poles } = systems;
  const result = poles === 'real' ? reduceRealBatch(batch, request) : reduceBatch(batch, request);
  return describeIndependent(systems, request, result);
}

/** The second half of `reduceSystems` for kernels with complex poles of their own, after `prepareBatch`. */
export function finishSystems(
  systems: IndependentSystems,
  request: ReductionRequest,
  prepared: readonly (PreparedSystem | undefined)[],
): LayerReduction {
  return describeIndependent(systems, request, finishBatch(systems.batch, request, prepared));
}

function describeIndependent(
  systems: IndependentSystems,
  request: ReductionRequest,
  { reduced, traces, hankelSingularValues }: ReductionResult,
): LayerReduction {
  const { batch } = systems;
  return {
    reduced: { ...systems, batch: reduced },
    traces,
    hankel: hankelSingularValues,
    ...sizesOf(batch, reduced, request.horizon),
  };
}

function reduceRealBatch(batch: ModalBatch, request: ReductionRequest) {
  checkCount(batch.count);
  checkOrder(request.slots, batch.slots);
  const results = Array.from({ length: batch.count }, (_, s) =>
    reduceRealPoles(systemOf(batch, s), request),
  );
  const reduced = emptyModalBatch(batch.count, request.slots);
  reduced.step.set(batch.step);
  results.forEach(({ poles, weights }, s) => {
    reduced.poleRe.set(poles.re, s * request.slots);
    reduced.weightRe.set(weights.re, s * request.slots);
  });
  return {
    reduced,
    traces: results.map(({ trace }) => trace),
    hankelSingularValues: results.map(({ hankelSingularValues }) => hankelSingularValues),
  };
}

function reduceTied(systems: TiedSystems, request: ReductionRequest): LayerReduction {
  checkCount(systems.groups.length);
  const solve = request.solver === 'balanced' ? tiedBalanced : tiedSolver;
  if (request.solver !== 'balanced' && request.solver !== 'newton') {
    throw notFor(request.solver, 'reduces systems with poles of their own; this layer shares them');
  }
  const batch = kernelBatch(systems);
  checkOrder(request.slots, batch.slots);
  for (let s = 0; s < batch.count; s++) checkedModal(systemOf(batch, s));
  const traces = new Array<SolverTrace>(batch.count);
  const groups: GroupTrace[] = [];
  const reducedGroups = systems.groups.map(({ kernels, system }) => {
    const { reduced, trace, channelErrors2 } =
      request.slots === system.poles.re.length
        ? { reduced: system, trace: unchanged, channelErrors2: new Float64Array(kernels.length) }
        : solve(system, request.slots, request.horizon);
    const { start, stop } = trace;
    kernels.forEach((kernel, row) => {
      traces[kernel] = { start, stop, objective: [channelErrors2[row]], notes: [] };
    });
    groups.push({ kernels, trace });
    return { kernels, system: reduced };
  });
  const reduced: TiedSystems = { kind: 'tied', groups: reducedGroups };
  return {
    reduced,
    traces,
    groups,
    hankel: hankelValues(batch, request.horizon),
    ...sizesOf(batch, kernelBatch(reduced), request.horizon),
  };
}

/** The trace of systems that have no more poles than asked for. */
const unchanged: SolverTrace = {
  start: 'the system itself',
  stop: 'exact',
  objective: [0],
  notes: [],
};

/** Hankel singular values of every real kernel, two for every slot. */
function hankelValues(batch: ModalBatch, horizon: number): Float64Array[] {
  return Array.from({ length: batch.count }, (_, s) => {
    const target = createTarget(systemOf(batch, s), horizon);
    if (!(target.norm2 > 0)) return new Float64Array(2 * batch.slots);
    return balanceReal(target).values.map(Math.abs);
  });
}

function sizesOf(
  original: ModalBatch,
  reduced: ModalBatch,
  horizon: number,
): Pick<LayerReduction, 'norms' | 'squaredErrors'> {
  const systems = Array.from({ length: original.count }, (_, s) => systemOf(original, s));
  return {
    norms: Float64Array.from(systems, (system) => h2NormBelow(system, horizon)),
    // not from the traces: some solvers minimise something else, or return an iterate that is not their last
    squaredErrors: Float64Array.from(systems, (system, s) =>
      modalError2(createTarget(system, horizon), systemOf(reduced, s)),
    ),
  };
}

function reduceMimo({ system }: MimoSystem, request: ReductionRequest): LayerReduction {
  const { solver, slots, horizon } = request;
  const span = discrete(horizon);
  const full: DiagonalSystem = { ...system, poles: floorLogPoles(system.poles) };
  checkDiagonal(full);
  const solve = () => {
    if (slots === system.poles.re.length) return { reduced: system, trace: unchanged };
    switch (solver) {
      case 'newton':
        return mimoSolver(full, slots, horizon);
      case 'balanced':
        return mimoBalanced(full, slots, horizon);
      case 'irka':
        return mimoFixedPoint(full, slots, horizon, Infinity);
      case 'tf-irka':
        return mimoFixedPoint(full, slots, horizon, horizon);
      case 'algorithm1':
        throw notFor(solver, 'reduces systems with one input and one output; this layer has more');
    }
  };
  const { reduced, trace } = solve();
  const error2 = realNorm2(full, span) + realObjective(full, reduced, span);
  return {
    reduced: { kind: 'mimo', system: reduced },
    traces: [trace],
    hankel: [balanceRealMimo(full, mimoTarget(full, horizon)).hankel],
    norms: Float64Array.of(realNormBounds(full, horizon).below),
    squaredErrors: Float64Array.of(Math.max(0, error2)),
  };
}

function reduceLqo({ system }: LqoLayer, request: ReductionRequest): LayerReduction {
  const { solver, slots, horizon } = request;
  if (solver !== 'newton' && solver !== 'balanced') {
    throw notFor(solver, 'does not know quadratic outputs, which this layer has');
  }
  const span = discrete(horizon);
  const full: LqoSystem = { ...system, poles: floorLogPoles(system.poles) };
  checkLqo(full);
  const solve = solver === 'newton' ? lqoSolver : lqoBalancedFit;
  const { reduced, trace } =
    slots === system.poles.re.length
      ? { reduced: system, trace: unchanged }
      : solve(full, slots, span);
  const error = lqoErrorNorm(realLqo(full), realLqo(reduced), span);
  const { linear, quadratic } = lqoNormBounds(full, horizon);
  return {
    reduced: { kind: 'lqo', system: reduced },
    traces: [trace],
    hankel: [lqoHankel(realLqo(full), span)],
    norms: Float64Array.of(Math.hypot(linear.below, quadratic.below) * (1 - Number.EPSILON)),
    squaredErrors: Float64Array.of(error.linear ** 2 + error.quadratic ** 2),
  };
}

const methodNames: Readonly<Record<SolverId, string>> = {
  newton: 'The joint Newton solver',
  balanced: 'Balanced truncation',
  algorithm1: 'Algorithm 1',
  irka: 'IRKA',
  'tf-irka': 'TF-IRKA',
};

function notFor(solver: SolverId, why: string): SsmError {
  return new SsmError(
    'bad-request',
    `${methodNames[solver]} ${why}. Choose newton or balanced for it.`,
  );
}

/** Upper bounds of the h² errors of systems as stored. */
export interface CertifiedErrors {
  /** One a kernel, or the one of the layer. */
  readonly errors: Float64Array;
  /** Of the linear and the quadratic kernel, where there are quadratic outputs; `errors` has their root sum square. */
  readonly parts?: { readonly linear: number; readonly quadratic: number };
}

/**
 * Bounds the h² error of every kernel, or of the layer, from above, rounding included.
 * @throws SsmError `unstable` where a mode does not decay over an infinite horizon, `internal` for layers that do not
 *   belong together
 */
export function certifySystems(
  original: LayerSystems,
  stored: LayerSystems,
  horizon: number,
): CertifiedErrors {
  if (hasKernels(original) && hasKernels(stored)) {
    const [p, q] = [kernelBatch(original), kernelBatch(stored)];
    if (p.count === q.count) {
      const errors = Array.from({ length: p.count }, (_, s) =>
        certifiedError(systemOf(p, s), systemOf(q, s), horizon),
      );
      return { errors: Float64Array.from(errors) };
    }
  }
  if (original.kind === 'mimo' && stored.kind === 'mimo') {
    return {
      errors: Float64Array.of(certifiedMimoError(original.system, stored.system, horizon)),
    };
  }
  if (original.kind === 'lqo' && stored.kind === 'lqo') {
    const parts = certifiedLqoError(original.system, stored.system, horizon);
    const error = Math.hypot(parts.linear, parts.quadratic) * (1 + 2 * Number.EPSILON);
    return { errors: Float64Array.of(error), parts };
  }
  throw new SsmError('internal', 'The stored layer is of another kind than the original.');
}
