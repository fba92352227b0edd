import { modeSums } from '../gramians/modeSums';
import { complexMatrix } from '../linalg/matrix';
import type { DiagonalSystem } from '../systems/diagonal';
import type { TimeSpan } from '../systems/timeSpan';

/**
 * What a mode is worth (math reference 6.5), with |w| = ||c|| ||b||: `gain`, its peak in frequency, |w| / |Re lambda| or
 * |w| / (1 - |z|); `energy`, the squared norm of its response over the span, |w|² S(2 Re a).
 */
export type ModalScore = 'gain' | 'energy';

/** The score of every mode. */
export function modalScores(
  system: DiagonalSystem,
  span: TimeSpan,
  score: ModalScore,
): Float64Array {
  const sum = new Float64Array(2);
  return modeSizes(system).map((w, i) => {
    const x = system.poles.re[i];
    if (score === 'gain') return w / (span.time === 'continuous' ? -x : -Math.expm1(x));
    modeSums(2 * x, 0, span, 0, sum, 0);
    return w * w * sum[0];
  });
}

/** ||c_i|| ||b_i|| of every mode. */
export function modeSizes({ B, C }: DiagonalSystem): Float64Array {
  return Float64Array.from({ length: B.rows }, (_, i) => {
    let [b2, c2] = [0, 0];
    for (let k = i * B.cols; k < (i + 1) * B.cols; k++) b2 += B.re[k] ** 2 + B.im[k] ** 2;
    for (let k = i; k < C.re.length; k += C.cols) c2 += C.re[k] ** 2 + C.im[k] ** 2;
    return Math.sqrt(b2 * c2);
  });
}

/** Indices of the `count` largest scores, the largest first; equal scores in the order of the modes. */
export function largest(scores: Float64Array, count: number): number[] {
  return Array.from(scores.keys())
    .sort((i, j) => scores[j] - scores[i])
    .slice(0, count);
}

/** Modal truncation: the modes of the largest scores with their own weights; always stable. */
export function modalTruncation(
  system: DiagonalSystem,
  order: number,
  span: TimeSpan,
  score: ModalScore = 'energy',
): DiagonalSystem {
  return pickModes(system, largest(modalScores(system, span, score), order));
}

/** The system of the given modes. */
export function pickModes(
  { poles, B, C }: DiagonalSystem,
  modes: readonly number[],
): DiagonalSystem {
  const r = modes.length;
  const [b, c] = [complexMatrix(r, B.cols), complexMatrix(C.rows, r)];
  modes.forEach((from, to) => {
    b.re.set(B.re.subarray(from * B.cols, (from + 1) * B.cols), to * B.cols);
    b.im.set(B.im.subarray(from * B.cols, (from + 1) * B.cols), to * B.cols);
    for (let i = 0; i < C.rows; i++) {
      c.re[i * r + to] = C.re[i * C.cols + from];
      c.im[i * r + to] = C.im[i * C.cols + from];
    }
  });
  return {
    poles: {
      re: Float64Array.from(modes, (i) => poles.re[i]),
      im: Float64Array.from(modes, (i) => poles.im[i]),
    },
    B: b,
    C: c,
  };
}
