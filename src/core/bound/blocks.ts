import type { Step } from '../network/program';

/** Where the error of a layer is recorded behind everything that belongs to it. */
export interface BlockEnd {
  readonly layer: number;
  /** The last step of the layer's block: the `add` of its residual, or the norm behind that. */
  readonly last: number;
  /** The last layer: from there to the output there is no norm that forgets how large a difference was. */
  readonly toOutput: boolean;
}

/**
 * The ends of the blocks, one a residual that holds a single state-space layer; layers outside of such have none, nor have
 * those with a norm between, which would mix their error with that of the layers before where it saturates.
 */
export function blockEnds(steps: readonly Step[]): BlockEnd[] {
  const found: BlockEnd[] = [];
  for (let i = 0; i < steps.length; i++) {
    if (steps[i].kind !== 'push') continue;
    const add = closing(steps, i);
    const body = steps.slice(i, add);
    const layers = body.flatMap((step) => (step.kind === 'state-space' ? step : []));
    const at = body.findLastIndex(({ kind }) => kind === 'state-space');
    if (layers.length === 1 && !body.slice(at).some(({ kind }) => kind === 'layer-norm')) {
      const behind = steps.at(add + 1)?.kind;
      const last = behind === 'layer-norm' || behind === 'batch-norm' ? add + 1 : add;
      const rest = steps.slice(last + 1);
      const toOutput = rest.every(({ kind }) => kind !== 'state-space' && kind !== 'layer-norm');
      found.push({ layer: layers[0].layer, last, toOutput });
    }
    i = add;
  }
  return found;
}

/** The `add` that belongs to a `push`. */
function closing(steps: readonly Step[], push: number): number {
  let depth = 0;
  for (let i = push; i < steps.length; i++) {
    if (steps[i].kind === 'push') depth++;
    if (steps[i].kind === 'add' && --depth === 0) return i;
  }
  return steps.length;
}
