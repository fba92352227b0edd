import { complexMatrix, transpose } from '../linalg/matrix';
import type { DiagonalSystem } from '../systems/diagonal';
import { hasKernels, kernelBatch, type KernelSystems } from '../systems/kernels';
import { emptyModalBatch, type ModalBatch } from '../systems/modal';
import { SsmError } from '../errors';
import type { StateSpaceLayer } from './network';

const known = new WeakMap<StateSpaceLayer, StateSpaceLayer[]>();

/**
 * Layers whose kernels are the transposed ones, each for a part of the outputs: one a copy of the features, one for a
 * system with several inputs and outputs. Their answers add up. Made once a layer.
 */
export function transposedLayers(layer: StateSpaceLayer): StateSpaceLayer[] {
  const found = known.get(layer) ?? transposed(layer);
  known.set(layer, found);
  return found;
}

function transposed(layer: StateSpaceLayer): StateSpaceLayer[] {
  const { systems, inputs, outputs } = layer;
  if (hasKernels(systems)) {
    return Array.from({ length: outputs / inputs }, (_, c) => copyOf(layer, systems, c));
  }
  if (systems.kind === 'lqo') {
    throw new SsmError('bad-request', `Layer ${layer.name} has quadratic outputs.`);
  }
  const { skip, ...rest } = layer;
  const flipped = skip && transposedSkip(layer, skip);
  const system = layer.bidirectional
    ? transposedPair(systems.system, outputs)
    : {
        poles: systems.system.poles,
        B: transpose(systems.system.C),
        C: transpose(systems.system.B),
      };
  return [
    {
      ...rest,
      inputs: outputs,
      outputs: inputs,
      systems: { kind: 'mimo', system },
      ...(flipped && { skip: flipped }),
    },
  ];
}

/** Copy `c` of every feature's kernels: diagonal, so their own transposes. */
function copyOf(layer: StateSpaceLayer, systems: KernelSystems, c: number): StateSpaceLayer {
  const { skip, ...rest } = layer;
  const { inputs, outputs, bidirectional } = rest;
  const forward = Array.from({ length: inputs }, (_, h) => c * inputs + h);
  const kernels = bidirectional ? [...forward, ...forward.map((k) => outputs + k)] : forward;
  const batch = pick(kernelBatch(systems), kernels);
  const values = skip?.weight.values.slice(c * inputs, (c + 1) * inputs);
  return {
    ...rest,
    outputs: inputs,
    systems: { kind: 'independent', batch, poles: 'complex' },
    ...(skip && values && { skip: { ...skip, weight: { ...skip.weight, values } } }),
  };
}

function pick(batch: ModalBatch, kernels: readonly number[]): ModalBatch {
  const { slots } = batch;
  const out = emptyModalBatch(kernels.length, slots);
  kernels.forEach((kernel, k) => {
    for (const part of ['poleRe', 'poleIm', 'weightRe', 'weightIm'] as const) {
      out[part].set(batch[part].subarray(kernel * slots, (kernel + 1) * slots), k * slots);
    }
    out.step[k] = batch.step[kernel];
  });
  return out;
}

function transposedSkip(
  { inputs, outputs }: StateSpaceLayer,
  skip: NonNullable<StateSpaceLayer['skip']>,
): StateSpaceLayer['skip'] {
  const { values } = skip.weight;
  const flipped = new Float64Array(inputs * outputs);
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      const diagonal = o % inputs === i ? values[o] : 0;
      flipped[i * outputs + o] = skip.kind === 'matrix' ? values[o * inputs + i] : diagonal;
    }
  }
  return { kind: 'matrix', weight: { ...skip.weight, values: flipped } };
}

/** Both directions, C = [C_forward; C_backward]: twice the modes, for each direction its own inputs. */
function transposedPair({ poles, B, C }: DiagonalSystem, outputs: number): DiagonalSystem {
  const n = poles.re.length;
  const inputs = B.cols;
  const [B2, C2] = [complexMatrix(2 * n, outputs), complexMatrix(2 * inputs, 2 * n)];
  for (const part of ['re', 'im'] as const) {
    for (let d = 0; d < 2; d++) {
      for (let k = 0; k < n; k++) {
        for (let o = 0; o < outputs; o++) {
          B2[part][(d * n + k) * outputs + o] = C[part][(d * outputs + o) * n + k];
        }
        for (let i = 0; i < inputs; i++) {
          C2[part][(d * inputs + i) * 2 * n + d * n + k] = B[part][k * inputs + i];
        }
      }
    }
  }
  const twice = (x: Float64Array): Float64Array => Float64Array.of(...x, ...x);
  return { poles: { re: twice(poles.re), im: twice(poles.im) }, B: B2, C: C2 };
}
