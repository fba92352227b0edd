import { resumeState } from '../network/held';
import type { StateSpaceLayer } from '../network/network';
import { stateSpace } from '../network/ops/stateSpace';
import type { DiagonalSystem } from '../systems/diagonal';
import { addDriven, drive, emptyDriven, type DrivenSums } from './drivenModes';
import type { SequencePair } from './stage';

export interface MimoSumsRequest {
  /** The original layer, of kind `mimo`. */
  readonly layer: StateSpaceLayer;
  /** Systems whose states are candidates for the reduced ones; their outputs C play no part. */
  readonly candidates: readonly DiagonalSystem[];
  /** Sequences at the input of the layer. */
  readonly pairs: readonly SequencePair[];
  /** Whether the candidates are driven by what the compressed network receives, not by the original's inputs. */
  readonly sequential: boolean;
}

export interface MimoSums {
  /** One for each candidate. */
  readonly fitted: readonly DrivenSums[];
  readonly heldOut: readonly DrivenSums[];
  readonly pairs: readonly SequencePair[];
}

/** Sums for fitting what the original layer answers to the states of candidates. */
export function mimoSums({ layer, candidates, pairs, sequential }: MimoSumsRequest): MimoSums {
  const { inputs, outputs, bidirectional } = layer;
  const per = bidirectional === undefined ? 2 : 4;
  const empty = (): DrivenSums[] =>
    candidates.map(({ poles }) => emptyDriven(per * poles.re.length + inputs, outputs));
  const [fitted, heldOut] = [empty(), empty()];
  for (const pair of pairs) {
    const original = resumeState(pair.original);
    const { length } = original;
    const received = sequential ? resumeState(pair.compressed).x : original.x;
    const wanted = stateSpace(layer, original.x, length);
    candidates.forEach((system, i) => {
      const signals = drive(system, bidirectional, received, length);
      addDriven((pair.heldOut ? heldOut : fitted)[i], signals, wanted, length);
    });
  }
  return { fitted, heldOut, pairs };
}
