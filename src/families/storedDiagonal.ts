import type { LayerSystems } from '../core/systems/layer';
import type { ComplexVector } from '../core/linalg/complex';
import type { TensorValues } from '../formats/tensor';
import { insideBand } from './bandLimit';
import { type DiagonalShape, continuousPoles, continuousWeights, slotsOf } from './diagonalLayer';
import type { Discretiser } from './discretisation';
import { type PoleCode, encodePoles } from './poleCode';

/** How a layer with diagonal states is stored. */
export interface Storage {
  /** That of the original; its slots do not matter. */
  readonly shape: DiagonalShape;
  /** The original's. */
  readonly steps: Float64Array;
  readonly discretiser: Discretiser;
  readonly bandLimit: number;
  readonly code: PoleCode;
  /** The sign of stored imaginary parts; 0 for any. */
  readonly side: -1 | 0 | 1;
  readonly real: TensorValues;
  readonly imaginary?: TensorValues | undefined;
  /** Steps as they are once stored; only called where slots have steps of their own. */
  readonly roundSteps?: (steps: Float64Array) => Float64Array;
}

export interface StoredDiagonal {
  readonly slots: number;
  /** Of the poles, rounded, groups × slots. */
  readonly realParts: Float64Array;
  readonly imaginaryParts: Float64Array;
  /** The poles that these parts mean. */
  readonly poles: ComplexVector;
  /** Before rounding. */
  readonly steps: Float64Array;
  /** W = B C for the poles as stored, kernels × slots, not rounded. */
  readonly weights: ComplexVector;
}

/** What to store for reduced systems: the poles, rounded, and the weights that go with them. */
export function storedDiagonal(systems: LayerSystems, storage: Storage): StoredDiagonal {
  const { shape, discretiser, code } = storage;
  const wanted = insideBand(
    continuousPoles(systems, storage, discretiser, storage.side),
    shape,
    storage.bandLimit,
  );
  const encoded = encodePoles(code, wanted.poles, storage.real, storage.imaginary);
  const steps = shape.stepPerSlot
    ? (storage.roundSteps?.(wanted.steps) ?? wanted.steps)
    : wanted.steps;
  const weights = continuousWeights(
    systems,
    shape,
    { poles: encoded.poles, steps, conjugated: wanted.conjugated },
    discretiser,
  );
  return {
    slots: slotsOf(systems),
    realParts: encoded.real,
    imaginaryParts: encoded.imaginary,
    poles: encoded.poles,
    steps: wanted.steps,
    weights,
  };
}
