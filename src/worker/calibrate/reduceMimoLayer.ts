import {
  drivenError,
  eliminateDriven,
  fitDriven,
  type DrivenFit,
  type SkipKind,
} from '../../core/calibrate/drivenFit';
import { signalsPerMode, type DrivenSums } from '../../core/calibrate/drivenModes';
import type { SequencePair } from '../../core/calibrate/stage';
import { SsmError, throwIfCancelled } from '../../core/errors';
import { complexMatrix, type ComplexMatrix } from '../../core/linalg/matrix';
import { symmetricEigen } from '../../core/linalg/symmetricEigen';
import type { StateSpaceLayer } from '../../core/network/network';
import { pickModes } from '../../core/start/modal';
import type { DiagonalSystem } from '../../core/systems/diagonal';
import type { Engine } from '../engine';
import type { WeightedLayer } from './reduceWeightedLayer';
import { batches } from './stream';

export interface MimoLayerRequest {
  readonly layer: StateSpaceLayer;
  readonly slots: number;
  /** At the input of the layer. */
  readonly pairs: readonly SequencePair[];
  readonly horizon: number;
  readonly sequential: boolean;
  readonly freeSkip: boolean;
}

interface Candidate {
  readonly name: string;
  readonly system: DiagonalSystem;
}

/**
 * Reduces a layer with one system for all of its inputs and outputs. Poles and input weights come from two searches: the
 * modes of the layer itself that backward elimination keeps on the recorded signals, and the h² optimum for inputs of the
 * recorded covariance. Output and skip weights are then fitted to the recorded signals by least squares, which knows the
 * inputs' whole spectrum; the candidate that misses less is taken.
 *
 * @returns with the pairs, which travel to the threads and back
 */
export async function reduceMimoLayer(
  request: MimoLayerRequest,
  engine: Engine,
  signal?: AbortSignal,
): Promise<{ readonly reduced: WeightedLayer; readonly pairs: readonly SequencePair[] }> {
  const { layer, slots, horizon, freeSkip } = request;
  if (layer.systems.kind !== 'mimo') throw new SsmError('internal', 'A system of another kind.');
  const { inputs, outputs } = layer;
  const full = layer.systems.system;
  const per = signalsPerMode(layer.bidirectional);
  const count = full.poles.re.length;
  const first = await record(request, [full], request.pairs, engine, signal);
  const kept = eliminateDriven(first.fitted[0], count, per, inputs, outputs, slots);
  const spread = inputSpread(first.fitted[0], per * count, inputs);
  const searched = await engine.run('mimoSearch', {
    system: structuredClone({ ...full, B: timesSymmetric(full.B, spread.root) }),
    slots,
    horizon,
  });
  throwIfCancelled(signal);
  const candidates: Candidate[] = [
    { name: 'modes by recorded signals', system: pickModes(full, kept) },
    {
      name: 'h2 for the recorded covariance',
      system: { ...searched, B: timesSymmetric(searched.B, spread.inverse) },
    },
  ];
  const systems = candidates.map(({ system }) => system);
  const second = await record(request, systems, first.pairs, engine, signal);
  const given = layer.skip?.kind ?? 'none';
  const skip: SkipKind = freeSkip ? given : 'none';
  const modes = per * slots;
  const tried = candidates.map((candidate, i) => {
    const fixed = freeSkip ? undefined : layer.skip;
    const sums =
      fixed === undefined ? second.fitted[i] : withoutSkip(second.fitted[i], modes, layer);
    const fit = fitDriven(sums, modes, inputs, outputs, skip);
    const complete: DrivenFit = fixed === undefined ? fit : { ...fit, skip: skipMatrix(layer) };
    const missed = (part: DrivenSums): number =>
      drivenError(part, complete, modes, inputs, outputs);
    const unseen = second.heldOut[i].energy[0] > 0 ? second.heldOut[i] : undefined;
    return {
      candidate,
      fit: complete,
      fitted: { error: missed(second.fitted[i]), energy: second.fitted[i].energy[0] },
      heldOut: unseen && { error: missed(unseen), energy: unseen.energy[0] },
    };
  });
  const best = tried.reduce((a, b) =>
    (b.heldOut ?? b.fitted).error < (a.heldOut ?? a.fitted).error ? b : a,
  );
  const errors = ({ error, energy }: { error: number; energy: number }) => ({
    error: Float64Array.of(error),
    energy: Float64Array.of(energy),
  });
  return {
    pairs: second.pairs,
    reduced: {
      systems: {
        kind: 'mimo',
        system: {
          ...best.candidate.system,
          C: outputMatrix(best.fit.weights, slots, outputs, per),
        },
      },
      skip: storedSkip(best.fit.skip, layer),
      traces: [
        {
          start: best.candidate.name,
          stop: 'converged',
          objective: [best.fitted.error],
          notes: [],
        },
      ],
      fitted: errors(best.fitted),
      heldOut: best.heldOut && errors(best.heldOut),
    },
  };
}

async function record(
  { layer, sequential }: MimoLayerRequest,
  candidates: readonly DiagonalSystem[],
  pairs: readonly SequencePair[],
  engine: Engine,
  signal: AbortSignal | undefined,
): Promise<{ fitted: DrivenSums[]; heldOut: DrivenSums[]; pairs: SequencePair[] }> {
  const parts = await Promise.all(
    batches(pairs).map(async (part) => {
      throwIfCancelled(signal);
      const cloned = structuredClone({ layer, candidates });
      return await engine.run('mimoSums', { ...cloned, pairs: part, sequential });
    }),
  );
  throwIfCancelled(signal);
  const sum = (of: (part: (typeof parts)[number]) => readonly DrivenSums[]): DrivenSums[] =>
    candidates.map((_, i) => parts.map((part) => of(part)[i]).reduce(added));
  return {
    fitted: sum((part) => part.fitted),
    heldOut: sum((part) => part.heldOut),
    pairs: parts.flatMap((part) => [...part.pairs]),
  };
}

function added(a: DrivenSums, b: DrivenSums): DrivenSums {
  const plus = (x: Float64Array, y: Float64Array): Float64Array => x.map((v, i) => v + y[i]);
  return {
    gram: plus(a.gram, b.gram),
    cross: plus(a.cross, b.cross),
    energy: plus(a.energy, b.energy),
  };
}

/** Square root of the recorded covariance of the inputs and its inverse; directions without energy keep a little. */
function inputSpread(
  { gram }: DrivenSums,
  modes: number,
  inputs: number,
): { root: Float64Array; inverse: Float64Array } {
  const total = modes + inputs;
  const covariance = new Float64Array(inputs * inputs);
  for (let i = 0; i < inputs; i++) {
    for (let j = 0; j < inputs; j++) {
      covariance[i * inputs + j] = gram[(modes + i) * total + modes + j];
    }
  }
  const { values, vectors } = symmetricEigen(covariance, inputs);
  const largest = values[inputs - 1] > 0 ? values[inputs - 1] : 1;
  const power = (exponent: number): Float64Array => {
    const out = new Float64Array(inputs * inputs);
    for (let k = 0; k < inputs; k++) {
      const factor = Math.max(values[k] / largest, 1e-6) ** exponent;
      for (let i = 0; i < inputs; i++) {
        for (let j = 0; j < inputs; j++) {
          out[i * inputs + j] += factor * vectors[k * inputs + i] * vectors[k * inputs + j];
        }
      }
    }
    return out;
  };
  return { root: power(0.5), inverse: power(-0.5) };
}

function timesSymmetric(B: ComplexMatrix, S: Float64Array): ComplexMatrix {
  const product = complexMatrix(B.rows, B.cols);
  for (let i = 0; i < B.rows; i++) {
    for (let k = 0; k < B.cols; k++) {
      const [re, im] = [B.re[i * B.cols + k], B.im[i * B.cols + k]];
      for (let j = 0; j < B.cols; j++) {
        product.re[i * B.cols + j] += re * S[k * B.cols + j];
        product.im[i * B.cols + j] += im * S[k * B.cols + j];
      }
    }
  }
  return product;
}

/** The skip weights as an outputs × inputs matrix. */
function skipMatrix({ skip, inputs, outputs }: StateSpaceLayer): Float64Array {
  const matrix = new Float64Array(outputs * inputs);
  if (skip?.kind === 'matrix') matrix.set(skip.weight.values);
  else skip?.weight.values.forEach((value, o) => (matrix[o * inputs + (o % inputs)] = value));
  return matrix;
}

/** The sums as they are when the skip weights' share is taken off what is wanted. */
function withoutSkip(sums: DrivenSums, modes: number, layer: StateSpaceLayer): DrivenSums {
  const { inputs, outputs } = layer;
  const D = skipMatrix(layer);
  const total = modes + inputs;
  const cross = sums.cross.slice();
  for (let i = 0; i < total; i++) {
    for (let o = 0; o < outputs; o++) {
      for (let h = 0; h < inputs; h++) {
        cross[i * outputs + o] -= sums.gram[i * total + modes + h] * D[o * inputs + h];
      }
    }
  }
  return { ...sums, cross };
}

/** y = sum_n wr Re x + wi Im x is Re(C x) with C = wr - i wi; backward signals give the rows after the outputs. */
function outputMatrix(
  weights: Float64Array,
  slots: number,
  outputs: number,
  per: number,
): ComplexMatrix {
  const directions = per / 2;
  const C = complexMatrix(directions * outputs, slots);
  for (let d = 0; d < directions; d++) {
    for (let o = 0; o < outputs; o++) {
      for (let n = 0; n < slots; n++) {
        const from = o * per * slots + per * n + 2 * d;
        const to = (d * outputs + o) * slots + n;
        C.re[to] = weights[from];
        C.im[to] = -weights[from + 1];
      }
    }
  }
  return C;
}

/** Skip weights as the layer stores them; undefined where it has none. */
function storedSkip(
  matrix: Float64Array | undefined,
  { skip, inputs, outputs }: StateSpaceLayer,
): Float64Array | undefined {
  if (skip === undefined || matrix === undefined || skip.kind === 'matrix') return matrix;
  return Float64Array.from({ length: outputs }, (_, o) => matrix[o * inputs + (o % inputs)]);
}
