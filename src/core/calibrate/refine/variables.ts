import type { LinearOp, StateSpaceLayer } from '../../network/network';
import type { Step } from '../../network/program';
import type { IndependentSystems, TiedGroup } from '../../systems/layer';
import type { Program } from '../stage';

/** What of a network a refinement moves. */
export interface Movable {
  /** Layers by index: their poles and weights, which a layer with several inputs and outputs keeps. */
  readonly layers: readonly number[];
  /** Whether the skip weights of these layers move too. */
  readonly skip: boolean;
  /** Maps by the index of their step. */
  readonly maps: readonly number[];
}

/** An array of variables with the size of a usual change of each. */
export interface Variable {
  readonly values: Float64Array;
  readonly scale: Float64Array;
}

/**
 * The variables of a network in a fixed order: a layer's log decays, phases, real and imaginary weights (once a group
 * where poles are shared) and its skip weights; then weights and offsets of the maps.
 *
 * @param longest length of the longest sequence: slower phases than its inverse cannot be told apart
 */
export function variablesOf(
  { layers, steps }: Program,
  movable: Movable,
  longest: number,
): Variable[] {
  const found = movable.layers.flatMap((index) => {
    const layer = layers[index];
    const skip = movable.skip && layer.skip ? [evenly(layer.skip.weight.values)] : [];
    return [...systemVariables(layer, longest), ...skip];
  });
  const maps = movable.maps.flatMap((at) => {
    const { weight, bias } = mapAt(steps, at);
    return [weight, ...(bias ? [bias] : [])].map(({ values }) => evenly(values));
  });
  return [...found, ...maps];
}

/** Where the variables of each movable layer begin among the arrays of `variablesOf`. */
export function firstVariables({ layers }: Program, movable: Movable): number[] {
  let next = 0;
  return movable.layers.map((index) => {
    const first = next;
    const skip = movable.skip && layers[index].skip !== undefined ? 1 : 0;
    next += systemVariables(layers[index], 1).length + skip;
    return first;
  });
}

/** The network with its variables at these values, in the order of `variablesOf`. */
export function withVariables(
  { layers, steps }: Program,
  movable: Movable,
  values: readonly Float64Array[],
): Program {
  const rest = values.slice();
  const next = (): Float64Array => rest.shift() ?? new Float64Array(0);
  const moved = { layers: layers.slice(), steps: steps.slice() };
  for (const index of movable.layers) {
    const layer = withSystems(layers[index], next);
    const { skip } = layer;
    moved.layers[index] =
      movable.skip && skip
        ? { ...layer, skip: { ...skip, weight: { ...skip.weight, values: next() } } }
        : layer;
  }
  for (const at of movable.maps) {
    const map = mapAt(steps, at);
    const weight = { ...map.weight, values: next() };
    const bias = map.bias && { ...map.bias, values: next() };
    moved.steps[at] = { ...map, weight, ...(bias && { bias }) };
  }
  return moved;
}

/** The linear map at a step. */
export function mapAt(steps: readonly Step[], at: number): LinearOp {
  const step = steps[at];
  if (step.kind !== 'linear') throw new RangeError(`Step ${at} is no map.`);
  return step;
}

/** Variables of the systems of a layer, four arrays a group of shared poles; none where these stay. */
export function systemVariables({ systems }: StateSpaceLayer, longest: number): Variable[] {
  switch (systems.kind) {
    case 'independent': {
      const { poleRe, poleIm, weightRe, weightIm, slots } = systems.batch;
      return modeVariables(poleRe, poleIm, weightRe, weightIm, slots, 1 / longest);
    }
    case 'tied':
      return systems.groups.flatMap(({ system: { poles, weights, steps } }) => {
        const slowest = steps.length / (longest * steps.reduce((a, b) => a + b, 0));
        return modeVariables(poles.re, poles.im, weights.re, weights.im, weights.cols, slowest);
      });
    case 'mimo':
    case 'lqo':
      return [];
  }
}

function modeVariables(
  poleRe: Float64Array,
  poleIm: Float64Array,
  weightRe: Float64Array,
  weightIm: Float64Array,
  slots: number,
  slowest: number,
): Variable[] {
  const size = new Float64Array(weightRe.length);
  for (let from = 0; from < size.length; from += slots) {
    let square = 0;
    for (let n = from; n < from + slots; n++) square += weightRe[n] ** 2 + weightIm[n] ** 2;
    size.fill(Math.sqrt(square / slots), from, from + slots);
  }
  return [
    { values: poleRe.map((x) => Math.log(-x)), scale: new Float64Array(poleRe.length).fill(1) },
    { values: poleIm.slice(), scale: poleRe.map((x) => Math.max(-x, slowest)) },
    { values: weightRe.slice(), scale: size },
    { values: weightIm.slice(), scale: size },
  ];
}

function withSystems(layer: StateSpaceLayer, next: () => Float64Array): StateSpaceLayer {
  const { systems } = layer;
  const poles = (): { re: Float64Array; im: Float64Array } => ({
    re: next().map((x) => -Math.exp(x)),
    im: next(),
  });
  switch (systems.kind) {
    case 'independent': {
      const { re: poleRe, im: poleIm } = poles();
      const batch = { ...systems.batch, poleRe, poleIm, weightRe: next(), weightIm: next() };
      return { ...layer, systems: { ...systems, batch } satisfies IndependentSystems };
    }
    case 'tied': {
      const groups = systems.groups.map((group): TiedGroup => {
        const { system } = group;
        const moved = poles();
        const weights = { ...system.weights, re: next(), im: next() };
        return { ...group, system: { ...system, poles: moved, weights } };
      });
      return { ...layer, systems: { ...systems, groups } };
    }
    case 'mimo':
    case 'lqo':
      return layer;
  }
}

/** All of an array on the scale of its root mean square. */
function evenly(x: Float64Array): Variable {
  const size = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / x.length);
  return { values: x.slice(), scale: new Float64Array(x.length).fill(size) };
}
