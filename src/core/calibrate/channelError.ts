import { multiplicity, type SpectrumGrid } from './spectrumGrid';
import type { InputSpectra } from './spectra';

/**
 * Squared output error of a channel over the recorded sequences, and the energy of the original output, both in the
 * time domain with their tails after the end of the sequences:
 *     error = 1/P sum_m c_m ( S |K̂|² - 2 Re(conj(K̂) K C) + E |K|² ),   energy = 1/P sum_m c_m E |K|²,
 * with S, C, E power, cross and original spectra and responses that contain the skip weights.
 */
export function channelError(
  grid: SpectrumGrid,
  spectra: InputSpectra,
  original: Float64Array,
  reduced: Float64Array,
): { readonly error: number; readonly energy: number } {
  const M = grid.points;
  let error = 0;
  let energy = 0;
  for (let m = 0; m < M; m++) {
    const c = multiplicity(grid, m) / grid.length;
    const [kr, ki, rr, ri] = [original[m], original[M + m], reduced[m], reduced[M + m]];
    const output = spectra.original[m] * (kr * kr + ki * ki);
    const tr = kr * spectra.crossRe[m] - ki * spectra.crossIm[m];
    const ti = kr * spectra.crossIm[m] + ki * spectra.crossRe[m];
    energy += c * output;
    error += c * (output + spectra.power[m] * (rr * rr + ri * ri) - 2 * (rr * tr + ri * ti));
  }
  return { error: Math.max(0, error), energy };
}
