import { SsmError } from '../errors';
import { outputOf, type Network } from '../network/network';
import { programOf } from '../network/program';
import { capped, exactly, exchanged, noError, settled, totalOf, type Track } from './errorState';
import { finishFactors, startFactors, type FactorBuilder, type LayerFactors } from './factors';
import { layerGains, type LayerGains } from './layerGains';
import type { Moment, Pass } from './pass';
import { rowReach } from './reach';
import { raised } from './rounding';
import type { Statistics, StepStatistics } from './statistics';
import { takeStep } from './takeStep';

export interface BoundOptions {
  /** The most positions of a sequence. */
  readonly length: number;
  /** max ||u_k|| of an input of values; not needed where it is tokens or a norm comes first. */
  readonly inputBound?: number;
  /** What the original did on sample sequences; the bound then holds for those that meet these conditions. */
  readonly statistics?: Statistics;
  /** The paper's certificate of every layer, sqrt(L) h², in the place of the best of all. */
  readonly certificate?: 'best' | 'h2';
  /** The layers' own errors as recorded, where they were, in the place of gains times energies; by default yes. */
  readonly exactLocal?: boolean;
  /** What `layerGains` gave before for the same layers and length. */
  readonly gains?: readonly LayerGains[];
}

/** Bounds that agree to so much say the same. */
const sameAs = 1e-9;

/** How far the outputs of a compressed network can be from the original's. */
export interface DeepBound {
  readonly kind: 'certified' | 'calibrated';
  /**
   * Of ||y^ - y||; the root mean square over positions where there is an output at each. Infinity where it depends on
   * inputs of which no bound is known.
   */
  readonly bound: number;
  readonly perPosition: boolean;
  /** In the order of the network; their contributions and `outside` add up to the bound. */
  readonly layers: readonly LayerFactors[];
  /** The contribution of changes outside the layers. */
  readonly outside: number;
  /**
   * What holds without looking at the layers: the largest outputs of both networks together (twice the largest recorded
   * one), or what norms leave of any error.
   */
  readonly trivial: number;
  /** Whether it says no more than that: "vacuous for this network". */
  readonly vacuous: boolean;
}

/**
 * A bound of the output error of a compressed network: layer by layer through both networks (math reference 4.2). Without
 * statistics it holds for every input; with them for every input on which the original stays within them. Rounded up.
 * @throws SsmError `bad-request` where the networks differ in more than weights, `unsupported-file` for quadratic outputs
 */
export function deepBound(original: Network, reduced: Network, options: BoundOptions): DeepBound {
  const pass = startPass(original, reduced, options);
  const { rms, outputs } = throughNetworks(pass, options);
  const bound = totalOf(rms);
  const { statistics } = pass;
  const blind = throughNetworks(blindly(pass), options);
  const trivial = Math.min(statistics ? recordedOutputs(statistics) : outputs, totalOf(blind.rms));
  return {
    kind: statistics === undefined ? 'certified' : 'calibrated',
    bound,
    perPosition: outputOf(original).perPosition,
    layers: pass.factors.map((one, i) => finishFactors(one, rms.parts[i], bound)),
    outside: rms.parts[pass.factors.length],
    trivial,
    vacuous: bound >= trivial * (1 - sameAs),
  };
}

/** From the input to the output: how far they are apart, and the largest outputs of both together. */
function throughNetworks(
  pass: Pass,
  { inputBound = Infinity }: BoundOptions,
): { readonly rms: Track; readonly outputs: number } {
  let moment = startMoment(pass, inputBound);
  for (let i = 0; i < pass.steps.length;) ({ moment, next: i } = takeStep(pass, moment, i));
  const { rms: reached } = settled(exchanged(moment.error, moment.length));
  const { atOutput } = pass.statistics?.steps.at(-1) ?? {};
  const most = pass.statistics?.outputs;
  const exact = { rms: exactly(reached, atOutput, 'rms'), peak: undefined, fresh: undefined };
  const { rms } = capped(exact, most === undefined ? undefined : { rms: most, peak: most });
  return { rms, outputs: raised(moment.reach.row + moment.reducedReach.row, 1) };
}

/** Twice the largest output, or no more than both networks' together. */
function recordedOutputs({ output, outputs = Infinity }: Statistics): number {
  return Math.min(2 * output, outputs);
}

/** Without anything that is known of the layers' errors. */
function blindly(pass: Pass): Pass {
  const { statistics } = pass;
  const steps = statistics?.steps.map((one): StepStatistics => {
    const blind: { -readonly [K in keyof StepStatistics]: StepStatistics[K] } = { ...one };
    delete blind.block;
    delete blind.atOutput;
    return blind;
  });
  return {
    ...{ ...pass, blind: true, factors: noFactors(pass.original) },
    statistics: statistics && steps && { ...statistics, steps },
  };
}

function noFactors({ layers }: Network): FactorBuilder[] {
  return layers.map(({ name }) => startFactors(name));
}

function startPass(original: Network, reduced: Network, options: BoundOptions): Pass {
  const [steps, reducedSteps] = [programOf(original), programOf(reduced)];
  const { statistics, length } = options;
  const same =
    steps.length === reducedSteps.length &&
    steps.every((step, i) => step.kind === reducedSteps[i].kind) &&
    original.layers.length === reduced.layers.length;
  if (!same) {
    throw new SsmError(
      'bad-request',
      'The two networks differ in more than their weights and the orders of their layers.',
    );
  }
  const gains =
    options.gains ??
    original.layers.map((layer, l) => layerGains(layer, reduced.layers[l], length));
  return {
    ...{ original, reduced, steps, reducedSteps, length, gains, statistics },
    h2Only: options.certificate === 'h2',
    exactLocal: options.exactLocal ?? true,
    blind: false,
    factors: noFactors(original),
  };
}

function startMoment({ original, length, statistics }: Pass, inputBound: number): Moment {
  const { input } = original;
  const width = input.kind === 'tokens' ? 1 : input.width;
  const reach = rowReach(input.kind === 'tokens' ? input.vocabulary : inputBound, width);
  return {
    ...{ width, length, reach, reducedReach: reach },
    error: noError(original.layers.length, statistics !== undefined),
    kept: [],
    layer: -1,
  };
}
