import { beforeEach, describe, expect, test, vi } from 'vitest';
import { engineNotice } from '../../src/extension/engines/notice';
import { createEngineUse } from '../../src/extension/engines/settings';
import type { EngineRecord, EngineTrial } from '../../src/protocol/engines';

const warn = vi.hoisted(() => vi.fn<(text: string) => Promise<undefined>>());

vi.mock('vscode', () => ({
  l10n: {
    t: (text: string, ...values: unknown[]) =>
      text.replace(/\{(\d)\}/g, (_, at: string) => String(values[Number(at)])),
  },
  window: { showWarningMessage: warn },
}));

const gpu = { kind: 'gpu', name: 'NVIDIA H200' } as const;
const fine: EngineRecord = {
  ...{
    requested: 'tfjs',
    used: 'tfjs',
    device: gpu,
    why: 'TensorFlow was asked for.',
    timings: [],
  },
  tried: [{ engine: 'tfjs', usable: true, verdict: 'It passed its self-test.', device: gpu }],
};
const alone: EngineRecord = { ...fine, used: 'cpu', why: 'The processor was the fastest.' };
const missing: EngineTrial = {
  engine: 'webgpu',
  usable: false,
  verdict: 'webgpu is not installed.',
};
const wrong: EngineTrial = {
  ...{ engine: 'tfjs', usable: false, verdict: 'It failed its self-test.', device: gpu },
  selfTest: { passed: false, valueError: 0.1, gradientError: 0.1 },
};

describe('a run whose engine', () => {
  test.each<[string, EngineRecord, string | undefined]>([
    ['did what was asked', fine, undefined],
    ['was slower than the processor', { ...alone, requested: 'auto' }, undefined],
    ['nobody wanted', { ...alone, requested: 'cpu', tried: [] }, undefined],
    ['was not missed', { ...alone, requested: 'auto', tried: [missing] }, undefined],
    [
      'was lost',
      { ...fine, lost: 'TensorFlow on NVIDIA H200 was lost: out of memory' },
      'TensorFlow was lost during the run, and the processor went on alone: TensorFlow on NVIDIA H200 was lost: out of memory',
    ],
    [
      'computed wrongly, though nobody named it',
      { ...alone, requested: 'auto', tried: [wrong, missing] },
      'TensorFlow computes wrongly on NVIDIA H200 and is not used: it failed its self-test.',
    ],
    [
      'is not there',
      { ...alone, requested: 'webgpu', tried: [missing] },
      'WebGPU cannot be used, and the processor computed: webgpu is not installed.',
    ],
    [
      'fell back to the processor',
      { ...fine, device: { kind: 'cpu', name: 'TensorFlow fell back to the processor' } },
      'TensorFlow used no GPU: TensorFlow fell back to the processor.',
    ],
    [
      'is a device in software',
      { ...fine, requested: 'webgpu', used: 'webgpu', device: { kind: 'software', name: 'X' } },
      'WebGPU computed on X, which is not a GPU.',
    ],
  ])('%s', (_, record, notice) => {
    expect(engineNotice(record)).toBe(notice);
  });
});

describe('the window', () => {
  beforeEach(() => {
    warn.mockReset();
  });

  test('says once what went otherwise than it was asked, and again after something else', () => {
    const show = vi.fn();
    const use = createEngineUse(undefined as never, show);
    const lost = { ...fine, lost: 'gone' };
    for (const record of [undefined, fine, lost, lost]) use.show(record);
    expect(show).toHaveBeenCalledTimes(4);
    expect(warn).toHaveBeenCalledTimes(1);
    use.show({ ...fine, lost: 'gone again' });
    expect(warn.mock.lastCall?.[0]).toContain('gone again');
  });
});
