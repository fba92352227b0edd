import { fourier } from '../linalg/fft';
import type { ChannelSpectra } from './weightedTarget';
import type { SpectrumGrid } from './spectrumGrid';

/**
 * Sums over sequences of the spectra of every feature's input: of the original network (U) and of the compressed one
 * (Û). Arrays are features × M.
 */
export interface InputSpectra {
  /** sum |Û|² */
  readonly power: Float64Array;
  /** sum U conj(Û) */
  readonly crossRe: Float64Array;
  readonly crossIm: Float64Array;
  /** sum |U|² */
  readonly original: Float64Array;
}

export function emptySpectra(features: number, grid: SpectrumGrid): InputSpectra {
  const array = (): Float64Array => new Float64Array(features * grid.points);
  return { power: array(), crossRe: array(), crossIm: array(), original: array() };
}

/**
 * Adds one sequence: `original` and `compressed` are features × length, feature after feature, and shorter than or as
 * long as the grid's horizon. Both inputs of a feature travel as real and imaginary part of one transform.
 */
export function addSpectra(
  spectra: InputSpectra,
  grid: SpectrumGrid,
  original: Float32Array | Float64Array,
  compressed: Float32Array | Float64Array,
  length: number,
): void {
  const { length: P, points: M } = grid;
  const features = original.length / length;
  const transform = fourier(P);
  const time = new Float64Array(2 * P);
  const Z = new Float64Array(2 * P);
  for (let h = 0; h < features; h++) {
    const row = h * length;
    time.fill(0);
    for (let t = 0; t < length; t++) {
      time[2 * t] = original[row + t];
      time[2 * t + 1] = compressed[row + t];
    }
    transform.forward(time, Z);
    const at = h * M;
    for (let m = 0; m < M; m++) {
      const p = 2 * m;
      const q = m === 0 ? 0 : 2 * (P - m);
      const ur = (Z[p] + Z[q]) / 2;
      const ui = (Z[p + 1] - Z[q + 1]) / 2;
      const vr = (Z[p + 1] + Z[q + 1]) / 2;
      const vi = (Z[q] - Z[p]) / 2;
      spectra.power[at + m] += vr * vr + vi * vi;
      spectra.crossRe[at + m] += ur * vr + ui * vi;
      spectra.crossIm[at + m] += ui * vr - ur * vi;
      spectra.original[at + m] += ur * ur + ui * ui;
    }
  }
}

/** The spectra of one feature, as views. */
export function featureSpectra(
  spectra: InputSpectra,
  grid: SpectrumGrid,
  feature: number,
): ChannelSpectra & Pick<InputSpectra, 'original'> {
  const part = (x: Float64Array): Float64Array =>
    x.subarray(feature * grid.points, (feature + 1) * grid.points);
  return {
    power: part(spectra.power),
    crossRe: part(spectra.crossRe),
    crossIm: part(spectra.crossIm),
    original: part(spectra.original),
  };
}
