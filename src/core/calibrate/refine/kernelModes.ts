import type { TiedSystem } from '../../systems/tied';
import { channelModes, channelSteps } from '../../systems/tied';
import type { IndependentSystems, TiedSystems } from '../../systems/layer';
import type { ModalSystem } from '../../systems/modal';
import { systemOf } from '../../systems/modal';

/** Gradients with respect to (Re a, Im a, Re w, Im w) of the modes of one kernel k_l = Re sum_n w_n e^{a_n l}. */
interface ModeGradients {
  readonly poleRe: Float64Array;
  readonly poleIm: Float64Array;
  readonly weightRe: Float64Array;
  readonly weightIm: Float64Array;
}

/** From the gradient with respect to a kernel's samples to that with respect to its modes. */
function modeGradients(
  { poles, weights }: ModalSystem,
  kernelGradient: Float64Array,
): ModeGradients {
  const slots = poles.re.length;
  const array = (): Float64Array => new Float64Array(slots);
  const out = { poleRe: array(), poleIm: array(), weightRe: array(), weightIm: array() };
  for (let n = 0; n < slots; n++) {
    const size = Math.exp(poles.re[n]);
    const [zr, zi] = [size * Math.cos(poles.im[n]), size * Math.sin(poles.im[n])];
    let [er, ei] = [1, 0];
    let [sr, si, dr, di] = [0, 0, 0, 0];
    for (let l = 0; l < kernelGradient.length; l++) {
      const g = kernelGradient[l];
      sr += g * er;
      si += g * ei;
      dr += g * l * er;
      di += g * l * ei;
      const next = er * zr - ei * zi;
      ei = er * zi + ei * zr;
      er = next;
    }
    const [vr, vi] = [weights.re[n], weights.im[n]];
    out.weightRe[n] = sr;
    out.weightIm[n] = -si;
    out.poleRe[n] = vr * dr - vi * di;
    out.poleIm[n] = -(vr * di + vi * dr);
  }
  return out;
}

/**
 * Gradients with respect to the variables of a layer's systems (`variablesOf`) from those with respect to its kernels,
 * `length` samples each.
 */
export function systemGradients(
  systems: IndependentSystems | TiedSystems,
  kernels: Float64Array,
  length: number,
): Float64Array[] {
  const kernel = (c: number): Float64Array => kernels.subarray(c * length, (c + 1) * length);
  if (systems.kind === 'tied') {
    return systems.groups.flatMap((group) =>
      groupGradients(group.system, (row) => kernel(group.kernels[row])),
    );
  }
  const { batch } = systems;
  const out = [0, 1, 2, 3].map(() => new Float64Array(batch.poleRe.length));
  for (let c = 0; c < batch.count; c++) {
    const found = modeGradients(systemOf(batch, c), kernel(c));
    const at = c * batch.slots;
    out[0].set(found.poleRe, at);
    out[1].set(found.poleIm, at);
    out[2].set(found.weightRe, at);
    out[3].set(found.weightIm, at);
  }
  for (let i = 0; i < out[0].length; i++) out[0][i] *= batch.poleRe[i];
  return out;
}

/** The same for shared poles: a_hn follows from lambda_n and the steps of channel h. */
function groupGradients(system: TiedSystem, kernel: (row: number) => Float64Array): Float64Array[] {
  const { poles, weights } = system;
  const slots = weights.cols;
  const [decay, phase] = [new Float64Array(slots), new Float64Array(slots)];
  const [weightRe, weightIm] = [
    new Float64Array(weights.re.length),
    new Float64Array(weights.im.length),
  ];
  for (let h = 0; h < weights.rows; h++) {
    const found = modeGradients(channelModes(system, h), kernel(h));
    weightRe.set(found.weightRe, h * slots);
    weightIm.set(found.weightIm, h * slots);
    for (let n = 0; n < slots; n++) {
      const [gr, gi] = [found.poleRe[n], found.poleIm[n]];
      const { re, im, turn } = poleSlope(system, h, n);
      decay[n] += re * gr + turn * gi;
      phase[n] += im * gi - turn * gr;
    }
  }
  for (let n = 0; n < slots; n++) decay[n] *= poles.re[n];
  return [decay, phase, weightRe, weightIm];
}

/**
 * How the log-pole a of a channel follows the shared pole lambda: Re a by re a step of Re lambda, Im a by im a step of
 * Im lambda; `turn` is what Im a does a step of Re lambda, and Re a a step of -Im lambda.
 */
export function poleSlope(
  system: TiedSystem,
  channel: number,
  n: number,
): { readonly re: number; readonly im: number; readonly turn: number } {
  const { step, imagStep, bilinear } = channelSteps(system, channel);
  if (!bilinear) return { re: step, im: imagStep, turn: 0 };
  const [re, turn] = bilinearSlope(system.poles.re[n], system.poles.im[n], step);
  return { re, im: re, turn };
}

/** da / d lambda = Delta / (1 - u²) with u = lambda Delta / 2. */
function bilinearSlope(re: number, im: number, step: number): [number, number] {
  const [x, y] = [(re * step) / 2, (im * step) / 2];
  const [a, b] = [1 - (x * x - y * y), -2 * x * y];
  const size = a * a + b * b;
  return [(step * a) / size, (-step * b) / size];
}
