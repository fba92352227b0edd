import { describe, expect, test } from 'vitest';
import { isEngineRecord, isEngineRequest, isEngineTrial } from '../../src/protocol/engines';

const trial = {
  engine: 'webgpu',
  usable: true,
  verdict: 'It passed its self-test.',
  device: { kind: 'software', name: 'a renderer' },
};
const record = {
  ...{ requested: 'auto', used: 'cpu', why: 'The processor was the fastest.' },
  timings: [{ engine: 'cpu', secondsPerSystem: 0.1 }],
  tried: [trial],
};

describe('what is said of engines', () => {
  test('is accepted as it is written', () => {
    expect(isEngineRecord(record)).toBe(true);
    expect(isEngineRecord({ ...record, used: 'webgpu', device: trial.device, lost: 'x' })).toBe(
      true,
    );
    expect(isEngineTrial({ engine: 'tfjs', usable: false, verdict: 'x' })).toBe(true);
    expect(isEngineRequest({ choice: 'tfjs', folder: '/engines' })).toBe(true);
  });

  test.each([
    null,
    { ...record, used: 'constructor' },
    { ...record, requested: 'quantum' },
    { ...record, why: undefined },
    { ...record, device: { kind: 'GPU', name: 'x' } },
    { ...record, device: { kind: 'gpu' } },
    { ...record, timings: [{ engine: 'cpu' }] },
    { ...record, tried: [{ ...trial, verdict: 1 }] },
    { ...record, lost: 1 },
  ])('is refused otherwise: %j', (value) => {
    expect(isEngineRecord(value)).toBe(false);
  });

  test.each([{}, { choice: 'gpu' }, { choice: 'auto', folder: 1 }])(
    'nor is this a request: %j',
    (value) => {
      expect(isEngineRequest(value)).toBe(false);
    },
  );
});
