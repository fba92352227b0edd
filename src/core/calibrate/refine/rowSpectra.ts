import { fourier } from '../../linalg/fft';

/**
 * Spectra of the rows of a real signal (rows × length) on a circle of `size` points: bins 0 … size / 2 as (re, im),
 * size + 2 numbers a row. Two rows travel as real and imaginary part of one transform.
 */
export function rowSpectra(
  x: Float64Array,
  rows: number,
  length: number,
  size: number,
): Float64Array {
  const transform = fourier(size);
  const [time, freq] = [new Float64Array(2 * size), new Float64Array(2 * size)];
  const out = new Float64Array(rows * (size + 2));
  for (let h = 0; h < rows; h += 2) {
    const paired = h + 1 < rows;
    time.fill(0);
    for (let t = 0; t < length; t++) {
      time[2 * t] = x[h * length + t];
      if (paired) time[2 * t + 1] = x[(h + 1) * length + t];
    }
    transform.forward(time, freq);
    unpack(freq, size, out, h * (size + 2), paired);
  }
  return out;
}

function unpack(
  Z: Float64Array,
  size: number,
  out: Float64Array,
  first: number,
  paired: boolean,
): void {
  const second = first + size + 2;
  for (let m = 0; m <= size / 2; m++) {
    const p = 2 * m;
    const q = m === 0 ? 0 : 2 * (size - m);
    out[first + p] = (Z[p] + Z[q]) / 2;
    out[first + p + 1] = (Z[p + 1] - Z[q + 1]) / 2;
    if (!paired) continue;
    out[second + p] = (Z[p + 1] + Z[q + 1]) / 2;
    out[second + p + 1] = (Z[q] - Z[p]) / 2;
  }
}

/** The real signals of `size` points each that have the given spectra. */
export function signalsOf(spectra: Float64Array, size: number): Float64Array {
  const stride = size + 2;
  const rows = spectra.length / stride;
  const transform = fourier(size);
  const [time, freq] = [new Float64Array(2 * size), new Float64Array(2 * size)];
  const out = new Float64Array(rows * size);
  for (let row = 0; row < rows; row++) {
    const at = row * stride;
    for (let m = 0; m <= size / 2; m++) {
      freq[2 * m] = spectra[at + 2 * m];
      freq[2 * m + 1] = spectra[at + 2 * m + 1];
      if (m === 0 || m === size / 2) continue;
      freq[2 * (size - m)] = spectra[at + 2 * m];
      freq[2 * (size - m) + 1] = -spectra[at + 2 * m + 1];
    }
    transform.inverse(freq, time);
    for (let t = 0; t < size; t++) out[row * size + t] = time[2 * t];
  }
  return out;
}
