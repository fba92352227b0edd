import type { Block, BlockSample } from '../../core/calibrate/refine/block';
import { isPointwise, type PointwiseStep } from '../../core/calibrate/refine/pointwise';
import type { SequencePair } from '../../core/calibrate/stage';
import type { HeldState } from '../../core/network/held';
import type { Parameter, StateSpaceLayer } from '../../core/network/network';
import type { Step } from '../../core/network/program';
import type { LayerSystems } from '../../core/systems/layer';
import type { ModalBatch } from '../../core/systems/modal';
import { changedParameter, replaceStep, withMap, type Draft } from './changes';
import { mapOf } from './maps';

/** A block whose layer is reduced and whose end is not reached yet. */
export interface OpenBlock {
  /** Of its layer. */
  readonly index: number;
  /** Step of the layer, and the first step after its block. */
  readonly at: number;
  readonly end: number;
  /** The compressed sequences at the input of the layer. */
  readonly entries: readonly HeldState[];
}

/** The block of a layer goes on to the sum with its residual, and to a norm of the sum. */
export function endOfBlock(steps: readonly Step[], at: number): number {
  let end = at + 1;
  while (end < steps.length && isPointwise(steps[end])) {
    const { kind } = steps[end++];
    if (kind !== 'add') continue;
    const normed = steps.at(end)?.kind === 'layer-norm';
    return normed && steps.at(end + 1)?.kind !== 'state-space' ? end + 1 : end;
  }
  return end;
}

/** The layer and the steps after it as variables. */
export function blockOf(
  layer: StateSpaceLayer,
  batch: ModalBatch,
  steps: readonly PointwiseStep[],
): Block {
  return {
    inputs: layer.inputs,
    outputs: layer.outputs,
    modes: {
      count: batch.count,
      slots: batch.slots,
      decay: batch.poleRe.map((x) => Math.log(-x)),
      phase: batch.poleIm,
      weightRe: batch.weightRe,
      weightIm: batch.weightIm,
    },
    skip: layer.skip?.weight.values,
    steps,
  };
}

/** The sequences as the refinement of a block needs them; `pairs` stand at its end. */
export function blockSamples(
  pairs: readonly SequencePair[],
  entries: readonly HeldState[],
): { readonly fitted: BlockSample[]; readonly heldOut: BlockSample[] } {
  const samples = pairs.map(({ original }, b): BlockSample => ({
    x: entries[b].x.slice(),
    residual: entries[b].residuals.at(-1)?.slice(),
    wanted: original.x.slice(),
    length: entries[b].length,
  }));
  return {
    fitted: samples.filter((_, b) => !pairs[b].heldOut),
    heldOut: samples.filter((_, b) => pairs[b].heldOut),
  };
}

/**
 * Puts a refined block in its place.
 *
 * @param store rounds systems to what is stored
 * @returns the systems as they are stored
 */
export function placeBlock(
  draft: Draft,
  original: readonly Step[],
  { index, at }: OpenBlock,
  block: Block,
  store: (systems: LayerSystems) => LayerSystems,
): LayerSystems {
  const layer = draft.layers[index];
  if (layer.systems.kind !== 'independent') return layer.systems;
  const { modes } = block;
  const systems = store({
    ...layer.systems,
    batch: {
      ...layer.systems.batch,
      poleRe: modes.decay.map((x) => -Math.exp(x)),
      poleIm: modes.phase,
      weightRe: modes.weightRe,
      weightIm: modes.weightIm,
    },
  });
  const { skip } = layer;
  const weight = skip && block.skip && changedParameter(draft, skip.weight, block.skip);
  draft.layers[index] = { ...layer, systems, ...(skip && weight && { skip: { ...skip, weight } }) };
  block.steps.forEach((step, i) => {
    placeStep(draft, original[at + 1 + i], at + 1 + i, step);
  });
  return systems;
}

function placeStep(draft: Draft, original: Step, at: number, step: PointwiseStep): void {
  const now = draft.steps[at];
  if (step.kind === 'linear' && now.kind === 'linear' && original.kind === 'linear') {
    replaceStep(draft, at, original, withMap(draft, now, mapOf(step)));
  }
  if (step.kind === 'layer-norm' && now.kind === 'layer-norm' && original.kind === 'layer-norm') {
    const changed = (parameter: Parameter | undefined): Parameter | undefined =>
      parameter && changedParameter(draft, parameter, parameter.values);
    const [scale, shift] = [changed(step.scale), changed(step.shift)];
    replaceStep(draft, at, original, { ...now, ...(scale && { scale }), ...(shift && { shift }) });
  }
}
