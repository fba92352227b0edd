import type { Certificate } from './layerGains';

/** Why a layer weighs what it weighs: the factors of its contribution. */
export interface LayerFactors {
  readonly name: string;
  /** The norm before it: the Lipschitz constant that holds there, and its largest scale. None where there is no norm. */
  readonly norm: { readonly constant: number; readonly scale: number } | undefined;
  /** What its input is bounded by: the norm of a row. */
  readonly inputRow: number;
  /** The largest gain of its kernels, of those that carry the error of the layers before. */
  readonly gain: number;
  /** The largest gain of its kernel error, and the certificate that gave it for most channels. */
  readonly errorGain: number;
  readonly certificate: Certificate | 'h2' | 'recorded';
  /** h² norm of its kernel error over all channels. */
  readonly h2Error: number;
  /** Lipschitz constant of the activations behind it, and the operator norm of the mixing. */
  readonly activation: number;
  readonly mixing: number;
  /** What the whole block makes of an error before it. */
  readonly blockGain: number;
  /** The error that the layer itself adds behind its mixing. */
  readonly local: number;
  /** What everything behind makes of it. */
  readonly downstream: number;
  /** local * downstream. */
  readonly contribution: number;
  /** Of the whole bound. */
  readonly share: number;
}

/** The factors as far as the pass has come. */
export type FactorBuilder = {
  -readonly [
    K in Exclude<keyof LayerFactors, 'downstream' | 'contribution' | 'share'>
  ]: LayerFactors[K];
};

export function startFactors(name: string): FactorBuilder {
  return {
    name,
    norm: undefined,
    inputRow: Infinity,
    gain: 0,
    errorGain: 0,
    certificate: 'frequency',
    h2Error: 0,
    activation: 1,
    mixing: 1,
    blockGain: 1,
    local: 0,
  };
}

/** The factors with what became of the layer's error at the end. */
export function finishFactors(
  factors: FactorBuilder,
  contribution: number,
  bound: number,
): LayerFactors {
  const { local } = factors;
  const downstream =
    local > 0 && Number.isFinite(local) ? contribution / local : contribution > 0 ? Infinity : 0;
  return { ...factors, downstream, contribution, share: bound > 0 ? contribution / bound : 0 };
}
