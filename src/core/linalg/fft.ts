import FFT from 'fft.js';

/**
 * Discrete Fourier transforms of one size, a power of two. Complex sequences are interleaved (re, im), 2 * size
 * numbers; X_m = sum_t x_t e^{-2 pi i m t / size}.
 */
export interface Fourier {
  readonly size: number;
  /** `out` and `data` must be different arrays. */
  forward(data: Float64Array, out: Float64Array): void;
  /** The inverse, with the factor 1 / size. */
  inverse(data: Float64Array, out: Float64Array): void;
}

const known = new Map<number, Fourier>();

/** The transforms of a size; their tables are made once and kept. */
export function fourier(size: number): Fourier {
  const found = known.get(size);
  if (found !== undefined) return found;
  const fft = new FFT(size);
  const made: Fourier = {
    size,
    forward: (data, out) => {
      fft.transform(out, data);
    },
    inverse: (data, out) => {
      fft.inverseTransform(out, data);
    },
  };
  known.set(size, made);
  return made;
}

/** The size on which sequences of a length convolve without wrapping: the smallest power of two ≥ 2 * length. */
export function paddedSize(length: number): number {
  let size = 2;
  while (size < 2 * length) size *= 2;
  return size;
}
