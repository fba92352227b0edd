import { fourier } from '../../linalg/fft';
import type { KernelSpectra } from '../kernels';

/**
 * Convolves every feature with the kernels of its outputs: u is inputs × length, the result outputs × length, output
 * c * inputs + h from feature h. Two features travel as the real and the imaginary part of one transform.
 */
export function convolve(
  u: Float64Array,
  inputs: number,
  outputs: number,
  length: number,
  spectra: KernelSpectra,
): Float64Array {
  const { size, stride } = spectra;
  const transform = fourier(size);
  const y = new Float64Array(outputs * length);
  const time = new Float64Array(2 * size);
  const U = new Float64Array(2 * size);
  const Y = new Float64Array(2 * size);
  const zero = outputs * stride;
  for (let h = 0; h < inputs; h += 2) {
    const paired = h + 1 < inputs;
    packPair(u, h, paired, length, time);
    transform.forward(time, U);
    for (let j = h; j < outputs; j += inputs) {
      applySpectra(U, spectra.values, j * stride, paired ? (j + 1) * stride : zero, size, Y);
      transform.inverse(Y, time);
      unpackPair(time, j, paired, length, y);
    }
  }
  return y;
}

function packPair(
  u: Float64Array,
  h: number,
  paired: boolean,
  length: number,
  time: Float64Array,
): void {
  time.fill(0);
  const [a, b] = [h * length, (h + 1) * length];
  for (let t = 0; t < length; t++) time[2 * t] = u[a + t];
  if (!paired) return;
  for (let t = 0; t < length; t++) time[2 * t + 1] = u[b + t];
}

function unpackPair(
  time: Float64Array,
  j: number,
  paired: boolean,
  length: number,
  y: Float64Array,
): void {
  const [a, b] = [j * length, (j + 1) * length];
  for (let t = 0; t < length; t++) y[a + t] = time[2 * t];
  if (!paired) return;
  for (let t = 0; t < length; t++) y[b + t] = time[2 * t + 1];
}

/**
 * Y = A Ka + i B Kb, where U = A + i B holds the spectra of two real sequences: A_m = (U_m + conj U_-m) / 2 and
 * B_m = (U_m - conj U_-m) / 2i. The spectra at `ka` and `kb` give bins 0 … size / 2, the others are conjugate.
 */
function applySpectra(
  U: Float64Array,
  K: Float64Array,
  ka: number,
  kb: number,
  size: number,
  Y: Float64Array,
): void {
  for (let m = 0; m <= size / 2; m++) {
    const p = 2 * m;
    const q = m === 0 ? 0 : 2 * (size - m);
    const aRe = 0.5 * (U[p] + U[q]);
    const aIm = 0.5 * (U[p + 1] - U[q + 1]);
    const bRe = 0.5 * (U[p + 1] + U[q + 1]);
    const bIm = 0.5 * (U[q] - U[p]);
    const yaRe = aRe * K[ka + p] - aIm * K[ka + p + 1];
    const yaIm = aRe * K[ka + p + 1] + aIm * K[ka + p];
    const ybRe = bRe * K[kb + p] - bIm * K[kb + p + 1];
    const ybIm = bRe * K[kb + p + 1] + bIm * K[kb + p];
    Y[p] = yaRe - ybIm;
    Y[p + 1] = yaIm + ybRe;
    Y[q] = yaRe + ybIm;
    Y[q + 1] = ybRe - yaIm;
  }
}
