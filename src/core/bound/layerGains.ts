import type { StateSpaceLayer } from '../network/network';
import { hasKernels } from '../systems/kernels';
import { kernelLayerGains } from './kernelGains';
import { mimoLayerGains } from './mimoGains';

/** Bounds of what one kernel (of an output of the layer) does to energies, over sequences of L steps. */
export interface ChannelGains {
  /** Gain of the original kernel and of the compressed one: the smaller of frequency gain and sum of absolute values. */
  readonly original: number;
  readonly reduced: number;
  /** sum |k_t| of the original. */
  readonly absoluteSum: number;
  readonly error: ErrorGains;
}

/** Certificates of the gain of the difference of two kernels, each of which bounds it. */
export interface ErrorGains {
  /** h² norm; sqrt(L) times it is the paper's certificate, and itself it bounds peak against energy. */
  readonly h2: number;
  /** sqrt( sum_t (L - |t|) e_t² ), the Frobenius norm of the Toeplitz matrix. */
  readonly frobenius: number;
  readonly absoluteSum: number;
  readonly frequency: number;
}

/** h² norms of quadratic kernels, of their forms' Frobenius norm over the outputs. */
export interface QuadraticGains {
  readonly original: number;
  readonly reduced: number;
  readonly error: number;
}

export type Certificate = 'frobenius' | 'absolute-sum' | 'frequency';

/** Bounds for a whole layer. */
export interface LayerGains {
  readonly inputs: number;
  /** Outputs per input feature; 1 also for a layer whose gains are not told apart by channel. */
  readonly copies: number;
  /** One an output; a single one for a system with several inputs and outputs, whose gains mix all features. */
  readonly channels: readonly ChannelGains[];
  readonly mixes: boolean;
  /** Gain from peak to peak of rows: sum_t max_c |k_ct|, of the original kernels, the compressed ones, their difference. */
  readonly peak: { readonly original: number; readonly reduced: number; readonly error: number };
  /** sum_t max_c |k^_ct| weight_c of the compressed kernels. */
  readonly weightedPeak: (weights: Float64Array) => number;
  /** Of layers with quadratic outputs, besides their linear part. */
  readonly quadratic?: QuadraticGains;
  /** Whether the two are the same to the last bit. */
  readonly unchanged: boolean;
}

/** The best of the certificates of one channel, and which it is. */
export function bestCertificate({ frobenius, absoluteSum, frequency }: ErrorGains): {
  readonly gain: number;
  readonly certificate: Certificate;
} {
  const found = [
    { gain: frobenius, certificate: 'frobenius' },
    { gain: frequency, certificate: 'frequency' },
    { gain: absoluteSum, certificate: 'absolute-sum' },
  ] as const;
  return found.reduce((best, one) => (one.gain < best.gain ? one : best));
}

/** Bounds for a layer and its compressed counterpart over sequences of up to `length` steps. */
export function layerGains(
  original: StateSpaceLayer,
  reduced: StateSpaceLayer,
  length: number,
): LayerGains {
  const { systems } = original;
  if (hasKernels(systems) && hasKernels(reduced.systems)) {
    return kernelLayerGains(original, systems, reduced, reduced.systems, length);
  }
  return mimoLayerGains(original, reduced, length);
}
