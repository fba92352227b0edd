import type { Network, Op, Parameter, StateSpaceLayer } from '../../core/network/network';
import type { Program } from '../../core/calibrate/stage';
import { programOf, type Step } from '../../core/network/program';
import type { AffineMap } from '../../core/calibrate/regression';
import type { LinearOp } from '../../core/network/network';

/** A network under compression: its layers and steps are replaced one by one, the original is left alone. */
export interface Draft {
  readonly layers: StateSpaceLayer[];
  readonly steps: Step[];
  /** What stands in the place of an op of the original. */
  readonly replaced: Map<Op, Op>;
  /** Changed parameters by the name of their tensor. */
  readonly changed: Map<string, Parameter>;
}

export function draftOf(network: Network): Draft {
  return {
    layers: [...network.layers],
    steps: programOf(network),
    replaced: new Map(),
    changed: new Map(),
  };
}

/** Steps `from` (inclusive) to `to` (exclusive) with the layers. */
export function stretch(program: Program, from: number, to: number): Program {
  const steps = program.steps.slice(from, to);
  const used = new Set(steps.flatMap((s) => (s.kind === 'state-space' ? [s.layer] : [])));
  const sorted = [...used].sort((a, b) => a - b);
  return {
    layers: sorted.map((layer) => program.layers[layer]),
    steps: steps.map((s) =>
      s.kind === 'state-space' ? { ...s, layer: sorted.indexOf(s.layer) } : s,
    ),
  };
}

/** A parameter with other values, remembered as changed. */
export function changedParameter(
  draft: Draft,
  parameter: Parameter,
  values: Float64Array,
): Parameter {
  const changed = { ...parameter, values };
  draft.changed.set(parameter.tensor, changed);
  return changed;
}

/** Puts another op in the place of a step. */
export function replaceStep<T extends Step & Op>(
  draft: Draft,
  at: number,
  original: T,
  op: T,
): void {
  draft.steps[at] = op;
  draft.replaced.set(original, op);
}

/** The linear op with another map. Its bias is changed only where it has one. */
export function withMap(draft: Draft, op: LinearOp, map: AffineMap): LinearOp {
  const weight = changedParameter(draft, op.weight, map.weight);
  if (op.bias === undefined) return { ...op, weight };
  return { ...op, weight, bias: changedParameter(draft, op.bias, map.bias) };
}

/** The whole network with everything replaced. */
export function finishedNetwork(network: Network, { layers, replaced }: Draft): Network {
  const finished = (op: Op): Op =>
    op.kind === 'residual' ? { ...op, body: op.body.map(finished) } : (replaced.get(op) ?? op);
  return { ...network, layers, ops: network.ops.map(finished) };
}
