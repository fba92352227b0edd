import { describe, expect, it } from 'vitest';
import { showFigures, showPoints } from '../../../src/extension/experiments/figures';
import { calibrated, sampleRun } from './sampleRuns';

describe('the figures of a run', () => {
  it('are orders and error, and the change of the accuracy where it was measured', () => {
    expect(showFigures(sampleRun('a.pt').summary)).toBe('16/64 · 0.0076');
    const measured = sampleRun('a.pt', {
      calibration: calibrated(0.9, -0.003),
      orderAfter: { least: 8, greatest: 24 },
    });
    expect(showFigures(measured.summary)).toBe('8–24/64 · 0.0076 · −0.3 pts');
  });

  it.each([
    [-0.003, '−0.3 pts'],
    [0.0125, '+1.3 pts'],
    [0.0004, '±0.0 pts'],
    [-0.0004, '±0.0 pts'],
  ])('write a difference of %f as %s', (difference, expected) => {
    expect(showPoints(difference)).toBe(expected);
  });
});
