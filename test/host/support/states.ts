import type { TensorInfo } from '../../../src/formats/tensor';
import type { CheckpointState, ConvergenceCurve, ReportState } from '../../../src/protocol/webview';

/** Names as a malicious file may choose them. */
export const hostileNames = [
  '<img src=x onerror="window.acted.push(\'pwned\')">',
  '</script><script>window.acted.push("pwned")</script>',
  '[click](command:ssm.compress)',
  'left\u202eright to left\u2066',
  'line\nbreak\u0000null',
  'x'.repeat(10_000),
  '__proto__',
  '',
];

export function checkpointState(
  names: readonly string[],
  changes: Partial<CheckpointState & { kind: 'ready' }> = {},
): CheckpointState {
  const tensors = names.map((name): TensorInfo => ({
    name,
    dtype: 'float32',
    shape: [64, 32],
    role: 'model',
  }));
  return {
    kind: 'ready',
    fileName: 'model.safetensors',
    revision: 1,
    outdated: 'no',
    hasReport: true,
    canCompress: true,
    reductions: [],
    statistics: [],
    figures: [],
    summary: {
      path: '/models/model.safetensors',
      bytes: 1_234_567,
      format: 'safetensors',
      tensors,
      layers: names.slice(0, 8).map((name) => ({
        name,
        family: 's4d-minimal',
        familyTitle: 'S4D (minimal)',
        order: 64,
        slots: 32,
        channels: 128,
        tying: 'independent',
        parameters: 16_512,
        facts: {},
        hyper: [],
      })),
      parameters: 402_890,
      choices: [{ order: 32, parameters: 300_000 }],
      settings: [{ path: ['hyper_parameters', 'd_state'], value: 64 }],
      configurations: [],
      questions: [],
      refusals: [],
      fingerprint: '0123456789abcdef',
      horizon: { steps: 784, from: 'recorded' },
      notes: ['A remark.'],
    },
    ...changes,
  };
}

/** A curve that falls from 1 by a factor an iteration. */
export function fallingCurve(factor: number, iterations: number): ConvergenceCurve {
  const mean = Array.from({ length: iterations + 1 }, (_, k) => factor ** k);
  return { systems: 128, mean, deviation: mean.map((value, k) => (k === 0 ? 0 : 0.4 * value)) };
}

export function reportState(names: readonly string[]): ReportState {
  return {
    kind: 'ready',
    fileName: 'model.order16.safetensors.ssmreport.json',
    revision: 1,
    outdated: 'no',
    report: {
      tool: { name: 'SSM Compress', version: '0.1.0' },
      hyperParameters: [],
      untied: [],
      createdAt: '2026-11-22T12:00:00.000Z',
      source: { path: 'model.safetensors', format: 'safetensors', bytes: 1_234_567, sha256: '' },
      result: {
        path: 'model.order16.safetensors',
        format: 'safetensors',
        bytes: 500_000,
        sha256: '',
      },
      format: 'safetensors',
      order: 16,
      horizon: 784,
      horizonFrom: 'recorded',
      solver: 'algorithm1',
      tau: 'L Delta',
      parametersBefore: 402_890,
      parametersAfter: 120_000,
      layers: names.map((name, i) => ({
        name,
        family: 's4d-minimal',
        tying: 'independent',
        channels: 128,
        orderBefore: 64,
        orderAfter: 16,
        slotsBefore: 32,
        slotsAfter: 8,
        parametersBefore: 16_512,
        parametersAfter: 4_224,
        absoluteError: 0.01 * (i + 1),
        relativeError: 0.02 * (i + 1),
        errorKind: 'certified',
        spread: {
          least: 0.001,
          lowerQuartile: 0.01,
          median: 0.02,
          upperQuartile: 0.03,
          greatest: 0.2,
          greatestAt: 17,
        },
      })),
      convergence: {
        quantity: 'continuous-H2',
        all: fallingCurve(0.985, 100),
        layers: names.map((name, i) => ({ name, curve: fallingCurve(0.97 - 0.05 * i, 100) })),
      },
      settingsChanged: [{ path: ['hyper_parameters', 'd_state'], before: 64, after: 16 }],
      droppedOptimizerStates: ['optimizer_states.0.state'],
      warnings: ['A warning.'],
      timings: { readSeconds: 0.1, reduceSeconds: 3, writeSeconds: 0.2, totalSeconds: 3.3 },
      device: { engine: 'cpu', threads: 2, name: 'A processor' },
    },
  };
}
