import type { ModalSystem } from '../systems/modal';

/** Times are split as t = block * q + s, so that a mode needs exponentials for 2 sqrt(L) times instead of L. */
const block = 32;

/**
 * Adds scale * Re sum_n w_n e^{a_n t}, t = 0 … kernel.length - 1, to `kernel`, and to `magnitude`, where given,
 * |scale| sum_n |w_n| e^{Re a_n t} (ulps_n + growth_n t), a bound of the rounding in units of 2^-53 (see certified.ts).
 * Phases are not wrapped: e^{at} is formed as e^{a block q} e^{as}, each from its own exponential.
 */
export function addKernel(
  system: ModalSystem,
  scale: number,
  kernel: Float64Array,
  magnitude?: { readonly bound: Float64Array; readonly ulps: number; readonly perStep: number },
): void {
  const length = kernel.length;
  const stepRe = new Float64Array(block);
  const stepIm = new Float64Array(block);
  const { poles, weights } = system;
  for (let n = 0; n < poles.re.length; n++) {
    // e^a = 0 from there on; a pole at zero has the log-pole -Infinity
    const [x, y] = [Math.max(poles.re[n], -750), poles.im[n]];
    for (let s = 0; s < block; s++) {
      const size = Math.exp(x * s);
      stepRe[s] = size * Math.cos(y * s);
      stepIm[s] = size * Math.sin(y * s);
    }
    const [wr, wi] = [scale * weights.re[n], scale * weights.im[n]];
    const modulus = Math.hypot(wr, wi);
    const growth = magnitude === undefined ? 0 : magnitude.perStep * (Math.abs(x) + Math.abs(y));
    for (let t = 0; t < length; t += block) {
      const size = Math.exp(x * t);
      if (size === 0) break;
      const [c, d] = [size * Math.cos(y * t), size * Math.sin(y * t)];
      const ur = wr * c - wi * d;
      const ui = wr * d + wi * c;
      const end = Math.min(block, length - t);
      for (let s = 0; s < end; s++) kernel[t + s] += ur * stepRe[s] - ui * stepIm[s];
      if (magnitude === undefined) continue;
      // the largest size and the largest time of the block bound every term of it
      const most = modulus * size * Math.max(1, Math.exp(x * (end - 1)));
      const rounding = most * (magnitude.ulps + growth * (t + end));
      for (let s = 0; s < end; s++) magnitude.bound[t + s] += rounding;
    }
  }
}

/** k_t = Re sum_n w_n e^{a_n t} for t < length. */
export function impulseResponse(system: ModalSystem, length: number): Float64Array {
  const kernel = new Float64Array(length);
  addKernel(system, 1, kernel);
  return kernel;
}
