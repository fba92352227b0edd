import { SsmError } from '../errors';
import type { ComplexVector } from '../linalg/complex';
import { copyMatrix } from '../linalg/matrix';
import type { DiagonalSystem } from './diagonal';
import type { LayerSystems, TiedGroup } from './layer';
import type { LqoSystem } from './lqo';
import {
  type ModalBatch,
  cutModalBatch,
  emptyModalBatch,
  joinModalBatches,
  systemOf,
} from './modal';
import type { QuadraticForm } from './quadraticForm';
import { type TiedSystem, channelModes } from './tied';

/** Layers that are made of single-input single-output kernels. */
export type KernelSystems = Extract<LayerSystems, { kind: 'independent' | 'tied' }>;

/** Whether a layer is made of single-input single-output kernels. */
export function hasKernels(systems: LayerSystems): systems is KernelSystems {
  return systems.kind === 'independent' || systems.kind === 'tied';
}

/**
 * The kernels of a layer in their own order, each with the poles it runs with, whoever else has them too.
 * @throws SsmError `internal` where the groups do not hold every kernel once, or hold different numbers of poles
 */
export function kernelBatch(systems: KernelSystems): ModalBatch {
  if (systems.kind === 'independent') return systems.batch;
  const { groups } = systems;
  const count = groups.reduce((sum, { kernels }) => sum + kernels.length, 0);
  const slots = groups[0]?.system.poles.re.length ?? 0;
  const batch = emptyModalBatch(count, slots);
  const seen = new Set<number>();
  for (const { kernels, system } of groups) {
    if (system.poles.re.length !== slots) {
      throw new SsmError('internal', 'The groups of a layer have different numbers of poles.');
    }
    kernels.forEach((kernel, row) => {
      if (!(kernel >= 0 && kernel < count) || seen.has(kernel)) {
        throw new SsmError('internal', `Kernel ${kernel} of ${count} is not where it belongs.`);
      }
      seen.add(kernel);
      const { poles, weights, step } = channelModes(system, row);
      batch.poleRe.set(poles.re, kernel * slots);
      batch.poleIm.set(poles.im, kernel * slots);
      batch.weightRe.set(weights.re, kernel * slots);
      batch.weightIm.set(weights.im, kernel * slots);
      batch.step[kernel] = step;
    });
  }
  return batch;
}

/** The log-poles that one kernel runs with. Throws `internal` where there is no such kernel. */
export function kernelPoles(systems: KernelSystems, kernel: number): ComplexVector {
  if (systems.kind === 'independent') return systemOf(systems.batch, kernel).poles;
  for (const { kernels, system } of systems.groups) {
    const row = kernels.indexOf(kernel);
    if (row >= 0) return channelModes(system, row).poles;
  }
  throw new SsmError('internal', `There is no kernel ${kernel}.`);
}

/** Number of systems that are described and certified one by one: kernels, or the one system of the layer. */
export function systemCount(systems: LayerSystems): number {
  switch (systems.kind) {
    case 'independent':
      return systems.batch.count;
    case 'tied':
      return systems.groups.reduce((sum, { kernels }) => sum + kernels.length, 0);
    case 'mimo':
    case 'lqo':
      return 1;
  }
}

/** Systems of a layer that can be reduced apart from the others, a layer in themselves. */
export interface LayerPart {
  readonly systems: LayerSystems;
  /** Which systems of the layer they are, as `systemCount` counts them. */
  readonly kernels: Int32Array;
}

/**
 * A layer cut into parts that can be reduced apart from each other: independent kernels `size` to a part, groups one to
 * a part, a system with several inputs and outputs whole. Parts own their memory, fit to be sent to a thread.
 */
export function splitSystems(systems: LayerSystems, size: number): LayerPart[] {
  switch (systems.kind) {
    case 'independent': {
      const { batch } = systems;
      return Array.from({ length: Math.ceil(batch.count / size) }, (_, i) => {
        const [from, to] = [i * size, Math.min((i + 1) * size, batch.count)];
        const kernels = Int32Array.from({ length: to - from }, (__, k) => from + k);
        return { kernels, systems: { ...systems, batch: cutModalBatch(batch, from, to) } };
      });
    }
    case 'tied':
      return systems.groups.map(({ kernels, system }) => ({
        kernels: kernels.slice(),
        systems: {
          kind: 'tied',
          groups: [{ kernels: kernels.map((_, row) => row), system: ownTied(system) }],
        },
      }));
    case 'mimo':
      return [
        { kernels: Int32Array.of(0), systems: { ...systems, system: ownDiagonal(systems.system) } },
      ];
    case 'lqo':
      return [
        { kernels: Int32Array.of(0), systems: { ...systems, system: ownLqo(systems.system) } },
      ];
  }
}

/** The layer that parts of one kind make up, in the order of `splitSystems`. Throws `internal` for parts that do not. */
export function joinSystems(parts: readonly LayerPart[]): LayerSystems {
  const batches: ModalBatch[] = [];
  const groups: TiedGroup[] = [];
  for (const { systems, kernels } of parts) {
    if (systems.kind === 'independent') batches.push(systems.batch);
    else if (systems.kind === 'tied') {
      for (const group of systems.groups) {
        groups.push({ ...group, kernels: group.kernels.map((row) => kernels[row]) });
      }
    }
  }
  const first = parts.at(0)?.systems;
  if (first?.kind === 'independent' && batches.length === parts.length) {
    return { ...first, batch: joinModalBatches(batches) };
  }
  if (groups.length > 0 && batches.length === 0) return { kind: 'tied', groups };
  if (first !== undefined && parts.length === 1) return first;
  throw new SsmError('internal', 'Parts of different layers do not make one.');
}

function ownTied({ poles, weights, steps, imagSteps, ...how }: TiedSystem): TiedSystem {
  return {
    ...how,
    poles: ownVector(poles),
    weights: copyMatrix(weights),
    steps: steps.slice(),
    ...(imagSteps === undefined ? {} : { imagSteps: imagSteps.slice() }),
  };
}

function ownDiagonal({ poles, B, C }: DiagonalSystem): DiagonalSystem {
  return { poles: ownVector(poles), B: copyMatrix(B), C: copyMatrix(C) };
}

function ownLqo(system: LqoSystem): LqoSystem {
  return { ...ownDiagonal(system), forms: system.forms.map(ownForm) };
}

function ownForm(form: QuadraticForm): QuadraticForm {
  if (form.kind === 'dense') return { kind: 'dense', matrix: copyMatrix(form.matrix) };
  const { scales, left, right } = form;
  return {
    kind: 'low-rank',
    scales: scales.slice(),
    left: copyMatrix(left),
    right: copyMatrix(right),
  };
}

function ownVector({ re, im }: ComplexVector): ComplexVector {
  return { re: re.slice(), im: im.slice() };
}

/** The poles stored for each system of a layer. */
export function slotCount(systems: LayerSystems): number {
  switch (systems.kind) {
    case 'independent':
      return systems.batch.slots;
    case 'tied':
      return systems.groups[0]?.system.poles.re.length ?? 0;
    default:
      return systems.system.poles.re.length;
  }
}
