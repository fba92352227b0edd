import { fourier } from '../linalg/fft';
import type { SpectrumGrid } from './spectrumGrid';

/**
 * A response as the search on a tapered grid is to fit it: its causal part weighed like the modes', lag l by
 * 1 - taper * l / L. Lags beyond the horizon do not reach the outputs.
 */
export function taperedResponse(
  grid: SpectrumGrid,
  re: Float64Array,
  im: Float64Array,
): Float64Array {
  const { points: M, length: P, horizon, taper } = grid;
  const transform = fourier(P);
  const [freq, time] = [new Float64Array(2 * P), new Float64Array(2 * P)];
  for (let m = 0; m < M; m++) {
    freq[2 * m] = re[m];
    freq[2 * m + 1] = im[m];
    if (m === 0 || m === M - 1) continue;
    freq[2 * (P - m)] = re[m];
    freq[2 * (P - m) + 1] = -im[m];
  }
  transform.inverse(freq, time);
  for (let l = 0; l < P; l++) {
    const lag = l < horizon ? l : 0;
    time[2 * l] *= 1 - (taper * lag) / horizon;
    time[2 * l + 1] = 0;
  }
  transform.forward(time, freq);
  const out = new Float64Array(2 * M);
  for (let m = 0; m < M; m++) {
    out[m] = freq[2 * m];
    out[M + m] = freq[2 * m + 1];
  }
  return out;
}
