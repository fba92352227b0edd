/** Poles and weights of kernels as free variables: log(-Re a), Im a, Re w, Im w, kernels × slots each. */
export interface ModeVariables {
  readonly count: number;
  readonly slots: number;
  readonly decay: Float64Array;
  readonly phase: Float64Array;
  readonly weightRe: Float64Array;
  readonly weightIm: Float64Array;
}

/** Adds Re sum_n w_n e^{a_n l} of kernel c to `out` for l < its length. */
export function addModeKernel(modes: ModeVariables, c: number, out: Float64Array): void {
  for (let n = c * modes.slots; n < (c + 1) * modes.slots; n++) {
    const size = Math.exp(-Math.exp(modes.decay[n]));
    const [zr, zi] = [size * Math.cos(modes.phase[n]), size * Math.sin(modes.phase[n])];
    let [er, ei] = [modes.weightRe[n], modes.weightIm[n]];
    for (let l = 0; l < out.length; l++) {
      out[l] += er;
      const next = er * zr - ei * zi;
      ei = er * zi + ei * zr;
      er = next;
    }
  }
}

/** Adds the gradients of kernel c's variables from that of its samples. */
export function addModeGradient(
  modes: ModeVariables,
  c: number,
  kernelGradient: Float64Array,
  into: ModeVariables,
): void {
  for (let n = c * modes.slots; n < (c + 1) * modes.slots; n++) {
    const beta = -Math.exp(modes.decay[n]);
    const size = Math.exp(beta);
    const [zr, zi] = [size * Math.cos(modes.phase[n]), size * Math.sin(modes.phase[n])];
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
    const [vr, vi] = [modes.weightRe[n], modes.weightIm[n]];
    into.weightRe[n] += sr;
    into.weightIm[n] -= si;
    into.decay[n] += beta * (vr * dr - vi * di);
    into.phase[n] -= vr * di + vi * dr;
  }
}
