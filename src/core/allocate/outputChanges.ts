import { errorsOfLayer, seedsFor, seedScale } from '../bound/attribution';
import { layerGradients, tapeOf } from '../network/adjoint';
import type { Network, StateSpaceLayer } from '../network/network';
import {
  advance,
  programOf,
  startState,
  stepOfLayer,
  type Sequence,
  type SequenceState,
} from '../network/program';

/** Options of every layer: what it may become. */
export type LayerChoices = readonly (readonly StateSpaceLayer[])[];

/**
 * What each option of each layer alone changes in the output on one sequence: squared norms, means over the positions
 * where there is an output at each. By running the network with that one layer exchanged.
 */
export function measuredChanges(
  original: Network,
  choices: LayerChoices,
  sequence: Sequence,
): Float64Array[] {
  const steps = programOf(original);
  const tape = tapeOf(original, steps, startState(original, sequence));
  return choices.map((options, l) => {
    const at = stepOfLayer(steps, l);
    return Float64Array.from(options, (layer) => {
      const layers = original.layers.map((one, k) => (k === l ? layer : one));
      const network = { ...original, layers };
      return meanSquare(tape[steps.length], advance(network, steps, at, steps.length, tape[at]));
    });
  });
}

/** The same to first order: the adjoint of the original network applied to the error of each option. */
export function firstOrderChanges(
  original: Network,
  choices: LayerChoices,
  sequence: Sequence,
): Float64Array[] {
  const steps = programOf(original);
  const tape = tapeOf(original, steps, startState(original, sequence));
  const errors = choices.map((options, l) => {
    const at = stepOfLayer(steps, l);
    return options.map((layer) => errorsOfLayer(layer, tape[at], tape[at + 1]));
  });
  const { x, length } = tape[steps.length];
  const seeds = seedsFor(x.length);
  const changes = choices.map(({ length: options }) => new Float64Array(options));
  for (const seed of seeds) {
    const { layers } = layerGradients(original, steps, tape, seed);
    errors.forEach((options, l) => {
      options.forEach((error, i) => (changes[l][i] += innerProduct(layers[l], error) ** 2));
    });
  }
  const scale = seedScale(x.length, length);
  return changes.map((one) => one.map((square) => square * scale));
}

function meanSquare(a: SequenceState, b: SequenceState): number {
  let sum = 0;
  for (let i = 0; i < a.x.length; i++) sum += (a.x[i] - b.x[i]) ** 2;
  return sum / a.length;
}

function innerProduct(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
