import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/protocol/report';
import { compressCheckpoint } from '../../src/worker/compress';
import { startEngine } from '../../src/worker/threadPool';
import { bundleProgram } from '../support/bundle';
import { runPython } from '../support/python';
import { sharedAvailable, sharedPath } from '../support/shared';
import { tempDir } from '../support/tempDir';

/** Real trained models, compressed here, loaded by torch, and judged by an implementation of S4D in NumPy. */

interface Findings {
  readonly weights_only: { readonly source: boolean; readonly result: boolean };
  readonly shapes: string[];
  readonly unchanged: string[];
  readonly layers: { readonly name: string; readonly norms: number[]; readonly errors: number[] }[];
  readonly settings: Record<string, [number, number]>;
  readonly optimizer: number[];
}

interface Sample {
  readonly file: string;
  readonly layers: number;
  readonly channels: number;
  /** Whether torch 1.13 loads the source in its safe mode, which does not know floats. */
  readonly safe: boolean;
  readonly settings?: Record<string, [number, number]>;
  readonly optimizer?: number[];
}

const order = 16;
const trained = (name: string): string => sharedPath('trained', 's4d_smnist', name);
const real = (name: string): string => sharedPath('checkpoints', 'real', name);

const samples: Sample[] = [
  { file: trained('s4d_smnist.pt'), layers: 2, channels: 64, safe: true },
  {
    file: trained('s4d_smnist.ckpt'),
    layers: 2,
    channels: 64,
    safe: false,
    settings: { '.hyper_parameters.N': [64, order] },
    optimizer: [0],
  },
  { file: trained('s4d_smnist.safetensors'), layers: 2, channels: 64, safe: true },
  { file: real('gevorgyg-ckpt.pth'), layers: 4, channels: 16, safe: false },
  { file: real('chordchen-ckpt.pth'), layers: 4, channels: 128, safe: false },
];

const directory = tempDir();
let thread = '';
beforeAll(async () => {
  ({ thread } = await bundleProgram());
});

describe.skipIf(!sharedAvailable)('a compressed checkpoint', () => {
  it.each(samples.map((sample) => [basename(sample.file), sample] as const))(
    '%s is what its report says',
    async (name, sample) => {
      const output = join(directory, name);
      const { report, reportPath } = await compressCheckpoint(
        {
          file: sample.file,
          output,
          target: { order },
          horizon: 1024,
          solver: 'balanced',
          overwrite: false,
        },
        { startEngine: () => startEngine(undefined, thread) },
      );
      const found = judge(sample.file, output, reportPath);
      expect(found.shapes).toEqual([]);
      expect(found.unchanged).toEqual([]);
      expect(found.weights_only).toEqual({ source: sample.safe, result: sample.safe });
      expect(found.settings).toEqual(sample.settings ?? {});
      expect(found.optimizer).toEqual(sample.optimizer ?? []);
      expect(found.layers).toHaveLength(sample.layers);
      compareErrors(report, found, sample.channels);
    },
  );
});

function judge(source: string, result: string, report: string): Findings {
  return runPython(
    's4d_round_trip.py',
    JSON.stringify({ source, result, report, order }),
  ) as Findings;
}

/** What NumPy measures must lie below each certified bound, and so close that the bound says something. */
function compareErrors(report: Report, found: Findings, channels: number): void {
  report.layers.forEach((layer, index) => {
    const { name, norms, errors } = found.layers[index];
    expect(layer.name).toBe(name);
    expect(layer.systems).toHaveLength(channels);
    layer.systems.forEach((system, channel) => {
      const [error, norm] = [errors[channel], norms[channel]];
      expect(error).toBeLessThanOrEqual(system.error);
      expect(error).toBeGreaterThanOrEqual(system.error * (1 - 1e-6));
      expect(Math.abs(norm - system.norm)).toBeLessThanOrEqual(1e-9 * norm);
    });
    const total = Math.hypot(...errors);
    expect(total).toBeLessThanOrEqual(layer.error.absolute);
    expect(Math.abs(layer.error.relative / (total / Math.hypot(...norms)) - 1)).toBeLessThan(1e-6);
  });
}
