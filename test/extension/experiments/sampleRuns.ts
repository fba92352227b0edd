import path from 'node:path';
import { reportSuffix } from '../../../src/protocol/report';
import type { RunSummary } from '../../../src/protocol/runSummary';
import type { Run } from '../../../src/extension/experiments/run';
import type { RunNotes } from '../../../src/extension/experiments/notes';

export const folder = path.resolve('/models');

/** A run as its report would tell, with what a test wants changed. */
export function sampleRun(
  result: string,
  changes: Partial<RunSummary> = {},
  notes: RunNotes = {},
): Run {
  return {
    report: path.join(folder, result + reportSuffix),
    notes,
    summary: {
      tool: { name: 'SSM Compress', version: '0.1.0' },
      createdAt: '2026-11-22T12:00:00.000Z',
      source: { path: 'net.safetensors', format: 'safetensors', bytes: 1000, sha256: '' },
      result: { path: result, format: 'safetensors', bytes: 400, sha256: '' },
      request: { order: 16, horizon: 784, horizonFrom: 'recorded', solver: 'newton' },
      parametersBefore: 1000,
      parametersAfter: 400,
      layers: [],
      layerCount: 2,
      families: ['s4d-minimal'],
      orderBefore: 64,
      orderAfter: { least: 16, greatest: 16 },
      worst: {
        name: 's4_layers.1',
        orderBefore: 64,
        orderAfter: 16,
        relativeError: 0.0076,
        errorKind: 'certified',
      },
      said: {},
      untied: [],
      settingsChanged: [],
      warnings: 0,
      seconds: 3,
      threads: 2,
      ...changes,
    },
  };
}

/** What sample data showed: an accuracy and what was lost of it. */
export function calibrated(
  accuracy: number,
  difference: number,
): NonNullable<RunSummary['calibration']> {
  const figure = (value: number) => ({ value, low: value - 0.02, high: value + 0.02 });
  return {
    data: 'digits.npz',
    sequences: 64,
    judged: 200,
    measures: [
      { id: 'loss', samples: 200, model: figure(0.4) },
      {
        id: 'accuracy',
        samples: 200,
        model: figure(accuracy),
        difference: figure(difference),
      },
    ],
    outputError: figure(0.08),
  };
}
