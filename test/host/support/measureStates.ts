import type { AllocationRecord } from '../../../src/protocol/allocation';
import type { CalibrationRecord, CurvePoint } from '../../../src/protocol/calibration';
import type { EngineRecord } from '../../../src/protocol/engines';
import type { Evaluation, MeasuredFigure } from '../../../src/protocol/evaluation';
import type { CurveState, EvaluationState } from '../../../src/protocol/webview';

/** A figure with an interval of so much to either side. */
function figure(value: number, around: number): MeasuredFigure {
  return { value, low: value - around, high: value + around };
}

/** What is measured of a model of this accuracy beside an original of 99.3 %. */
export function evaluation(accuracy: number, names: readonly string[] = []): Evaluation {
  const lost = 0.993 - accuracy;
  return {
    data: 'smnist.npz, 1,372 sequences of 784 × 1',
    sequences: 1372,
    measures: [
      {
        ...{ id: 'accuracy', samples: 1372, model: figure(accuracy, 0.006) },
        ...{ original: figure(0.993, 0.005), difference: figure(-lost, 0.004) },
      },
      {
        ...{ id: 'loss', samples: 1372, model: figure(0.02 + lost, 0.01) },
        ...{ original: figure(0.02, 0.01), difference: figure(lost, 0.003) },
      },
      { id: 'auc', samples: 1372, model: figure(0.9, 0.01), original: figure(0.91, 0.01) },
    ],
    agreement: figure(1 - lost, 0.004),
    outputError: { value: 0.01 + lost, low: 0.01 + 0.9 * lost, high: null },
    layers: names.map((name, i) => ({ name, error: figure(0.02 * (i + 1), 0.002) })),
    balance: {
      model: [700 + Math.round(1000 * lost), 672 - Math.round(1000 * lost)],
      original: [700, 672],
      labels: [690, 682],
    },
  };
}

/** Orders 2 to 32: what is lost halves from one to the next. */
export const curvePoints: readonly CurvePoint[] = [2, 4, 8, 16, 32].map((order) => ({
  order,
  parameters: 50_000 + 1000 * order,
  evaluation: evaluation(0.993 - 0.32 / order),
}));

export const curveState: CurveState = {
  panel: 'name-of-the-curve',
  fileName: 's4d-smnist.safetensors',
  points: curvePoints,
  parametersBefore: 114_000,
  orderBefore: 64,
  notes: ['A remark.'],
  seconds: 42,
};

export function evaluationState(names: readonly string[]): EvaluationState {
  return {
    panel: 'name-of-the-evaluation',
    fileName: 's4d-smnist.order8.safetensors',
    originalName: 's4d-smnist.safetensors',
    evaluation: evaluation(0.953, names),
    architecture: 'state-spaces example.py (S4Model)',
    notes: ['A remark.'],
    seconds: 12,
  };
}

export function calibrationRecord(names: readonly string[]): CalibrationRecord {
  return {
    data: 'smnist.npz, 1,500 sequences of 784 × 1',
    sequences: 128,
    parts: ['sequential', 'skip', 'mixing', 'norms', 'decoder'],
    layers: names.map((name, i) => ({
      ...{ name, fittedError: 0.01 * (i + 1), heldOutError: i === 2 ? null : 0.012 * (i + 1) },
      ...(i === 1 ? {} : { mixing: { before: 0.04 * (i + 1), after: 0.021 * (i + 1) } }),
    })),
    refined: { before: 0.061, after: 0.048 },
    changedTensors: ['decoder.weight', 'decoder.bias', 's4_layers.0.output_linear.0.weight'],
    evaluation: evaluation(0.953, names),
    tried: curvePoints,
    layersTried: {
      uniform: 8,
      alone: names.map((name, i) => ({
        name,
        orders: [4, 8, 16].map((order) => ({ order, outputError: (0.1 * (i + 1)) / order })),
      })),
      tried: [
        { orders: [8, 4, 4], parameters: 53_000, kept: false, evaluation: evaluation(0.9) },
        { orders: [8, 8, 4], parameters: 56_000, kept: true, evaluation: evaluation(0.95) },
      ],
      taken: 'layers',
    },
  };
}

/** A GPU that was faster than the processor, and an engine that could not be used. */
export const engineRecord: EngineRecord = {
  ...{ requested: 'auto', used: 'tfjs', device: { kind: 'gpu', name: 'NVIDIA H200' } },
  why: 'TensorFlow searched 4.1 times as fast as the processor alone.',
  found: { searched: 384, lower: 71 },
  timings: [
    { engine: 'tfjs', secondsPerSystem: 0.00123 },
    { engine: 'cpu', secondsPerSystem: 0.00504 },
  ],
  tried: [
    {
      ...{ engine: 'tfjs', usable: true, verdict: 'It passed the self-test.' },
      device: { kind: 'gpu', name: 'NVIDIA H200' },
      selfTest: { passed: true, valueError: 2.1e-6, gradientError: 3e-5, searchExcess: 4e-7 },
    },
    {
      ...{ engine: 'webgpu', usable: false, verdict: 'The package webgpu is not installed.' },
    },
  ],
};

/** Orders of single layers that were better than one for all. */
export function allocationRecord(names: readonly string[]): AllocationRecord {
  const of = (order: (i: number) => number) =>
    names.map((layer, i) => ({ layer, order: order(i) }));
  return {
    ...{ weights: 'measured', unit: 'states', budget: 32, sequences: 64, kept: 'allocated' },
    allocated: {
      orders: of((i) => 4 * (i + 1)),
      ...{ price: 24, predicted: 0.012, certified: 1.4, measured: 0.011 },
    },
    uniform: { orders: of(() => 8), price: 32, predicted: 0.02, certified: null, measured: 0.023 },
  };
}
