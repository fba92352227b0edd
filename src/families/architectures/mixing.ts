import type { Activation, Op } from '../../core/network/network';
import { unexpected, type Parts } from './parts';

/**
 * What follows the convolution inside a layer of the S4 world: an activation and the map `output_linear` back to the width of
 * the model, with a GLU where the map has twice as many outputs.
 */
export function mixing(
  parts: Parts,
  layer: string,
  inputs: number,
  width: number,
  activation: Activation | undefined,
): Op[] {
  const activated: Op[] = activation === undefined ? [] : [{ kind: 'activation', activation }];
  const prefix = ['output_linear.0', 'output_linear']
    .map((name) => `${layer}.${name}`)
    .find((name) => parts.has(`${name}.weight`));
  if (prefix === undefined) {
    if (inputs !== width) throw unexpected(`Layer ${layer} has no map from ${inputs} to ${width}.`);
    return activated;
  }
  const linear = parts.linear(prefix, 'mixing', { inputs });
  const ops: Op[] = [...activated, linear];
  if (linear.outputs === width) return ops;
  if (linear.outputs !== 2 * width) {
    throw unexpected(`${prefix} has ${linear.outputs} outputs, not ${width} or ${2 * width}.`);
  }
  return [...ops, { kind: 'glu', activation: 'sigmoid', gate: 'second' }];
}
