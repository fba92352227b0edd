import { decayProjection, decayTarget } from '../objective/decayProjection';
import { VariableProjection, createTarget } from '../objective/varpro';
import type { ComplexVector } from '../linalg/complex';
import { complexMatrix } from '../linalg/matrix';
import { type KernelSystems, kernelBatch } from '../systems/kernels';
import { type ModalBatch, type ModalSystem, systemOf } from '../systems/modal';
import { poleSetOf } from '../systems/poleSet';
import { channelModes } from '../systems/tied';
import { weightsWithStaticGain } from './staticGain';

/** How weights are chosen for given poles. */
export interface Refit {
  /** Steps over which errors count; Infinity for all. */
  readonly horizon: number;
  /**
   * Penalty on sum_j |v_j|² ||e^{b_j t}||² relative to the squared error. Weights that are rounded with a relative error
   * eps add about that much with a ridge of eps²; so weights do not grow against each other beyond what is stored.
   */
  readonly ridge: number;
  /** Only weights with the static gain of the original; where there are none, the best of all. */
  readonly keepStaticGain?: boolean;
}

/**
 * The reduced layer with its poles left as they are, say as they were rounded, and the weights that approximate the
 * original best for them in the real h² norm: linear least squares for every kernel. Weights stay where that problem
 * cannot be solved.
 * @throws SsmError `internal` for layers that do not belong together
 */
export function refitWeights(
  original: KernelSystems,
  reduced: KernelSystems,
  how: Refit,
): KernelSystems {
  const full = kernelBatch(original);
  if (reduced.kind === 'independent') {
    const fit = reduced.poles === 'real' ? realWeights : complexWeights;
    return { ...reduced, batch: refitBatch(full, reduced.batch, fit, how) };
  }
  const groups = reduced.groups.map(({ kernels, system }) => {
    const { rows, cols } = system.weights;
    const weights = complexMatrix(rows, cols);
    kernels.forEach((kernel, row) => {
      const { re, im } = complexWeights(systemOf(full, kernel), channelModes(system, row), how);
      weights.re.set(re, row * cols);
      weights.im.set(im, row * cols);
    });
    return { kernels, system: { ...system, weights } };
  });
  return { kind: 'tied', groups };
}

type Fit = (full: ModalSystem, reduced: ModalSystem, how: Refit) => ComplexVector;

function refitBatch(full: ModalBatch, reduced: ModalBatch, fit: Fit, how: Refit): ModalBatch {
  const weightRe = new Float64Array(reduced.weightRe.length);
  const weightIm = new Float64Array(reduced.weightIm.length);
  for (let s = 0; s < reduced.count; s++) {
    const { re, im } = fit(systemOf(full, s), systemOf(reduced, s), how);
    weightRe.set(re, s * reduced.slots);
    weightIm.set(im, s * reduced.slots);
  }
  return { ...reduced, weightRe, weightIm };
}

function complexWeights(
  full: ModalSystem,
  { poles, weights }: ModalSystem,
  { horizon, ridge, keepStaticGain = false }: Refit,
): ComplexVector {
  const kept = keepStaticGain
    ? weightsWithStaticGain(full, poles, { horizon, ridge, real: false })
    : undefined;
  if (kept !== undefined) return kept;
  const projection = new VariableProjection(createTarget(full, horizon), poles.re.length, ridge);
  if (!(projection.value(poleSetOf(poles, horizon)) < Infinity)) return weights;
  return { re: projection.weightRe, im: projection.weightIm };
}

function realWeights(
  full: ModalSystem,
  { poles, weights }: ModalSystem,
  { horizon, ridge, keepStaticGain = false }: Refit,
): ComplexVector {
  const kept = keepStaticGain
    ? weightsWithStaticGain(full, poles, { horizon, ridge, real: true })
    : undefined;
  if (kept !== undefined) return kept;
  const target = decayTarget(full.poles.re, full.weights.re, horizon);
  const projection = decayProjection(target, poles.re.length, ridge);
  const rates = poles.re.map((decay) => Math.log(-decay));
  if (!(projection.value(rates) < Infinity)) return weights;
  return { re: projection.weights, im: new Float64Array(poles.re.length) };
}
