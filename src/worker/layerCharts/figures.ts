import { lqoNormBounds } from '../../core/norms/certifiedLqo';
import { realNormBounds } from '../../core/norms/certifiedMimo';
import { asDiagonal } from '../../core/systems/diagonal';
import { hasKernels, kernelBatch, slotCount } from '../../core/systems/kernels';
import type { LayerSystems } from '../../core/systems/layer';
import { systemOf } from '../../core/systems/modal';
import type { LayerSite } from '../../families/family';
import type { HyperValues } from '../../families/hyperParameters';
import { familyOf } from '../../families/recognise';
import type { TensorValues } from '../../formats/tensor';

/** A layer as it lies in the file. */
export interface FiguresRequest {
  readonly site: LayerSite;
  readonly values: ReadonlyMap<string, TensorValues>;
  readonly hyper: HyperValues;
  /** Steps. */
  readonly horizon: number;
}

export interface Figures {
  readonly norm: number;
  readonly slowest: number;
}

/**
 * The figures of a layer, beginning with its tensors: to find poles can take as long as what is computed of them.
 *
 * @throws SsmError where the values are none of a layer
 */
export function figuresOf({ site, values, hyper, horizon }: FiguresRequest): Figures {
  const systems = familyOf(site.family).read(site, values, hyper);
  return { norm: normOf(systems, horizon), slowest: slowestOf(systems) };
}

/**
 * h² norm of a layer over the horizon, from above: the root of the sum of squares over its kernels, in closed form over
 * pairs of modes.
 */
export function normOf(systems: LayerSystems, horizon: number): number {
  if (systems.kind === 'mimo') return realNormBounds(systems.system, horizon).above;
  if (systems.kind === 'lqo') {
    const { linear, quadratic } = lqoNormBounds(systems.system, horizon);
    return Math.hypot(linear.above, quadratic.above);
  }
  const batch = kernelBatch(systems);
  let norm = 0;
  for (let kernel = 0; kernel < batch.count; kernel++) {
    norm = Math.hypot(norm, realNormBounds(asDiagonal(systemOf(batch, kernel)), horizon).above);
  }
  return norm;
}

/** Largest |λ| per step of all modes of a layer; 0 of none. */
export function slowestOf(systems: LayerSystems): number {
  if (slotCount(systems) === 0) return 0;
  const logModuli = hasKernels(systems) ? kernelBatch(systems).poleRe : systems.system.poles.re;
  return Math.exp(logModuli.reduce((most, value) => Math.max(most, value), -Infinity));
}
