import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startTrace } from '../../src/extension/compression/trace';
import type { Trace, Traced } from '../../src/extension/compression/trace';
import type { CurveResult } from '../../src/protocol/worker';

const curve: CurveResult = {
  points: [{ order: 2, parameters: 100, layerError: 0.1 }],
  ...{ parametersBefore: 200, orderBefore: 4, notes: [], seconds: 1 },
};

type Run = Parameters<typeof startTrace>[0];

/** A trace with the states that a page would have been told of. */
function begin(run: Run): { trace: Trace; seen: Traced[] } {
  const seen: Traced[] = [];
  const trace = startTrace(run, {
    onChange: () => seen.push(trace.state()),
    explain: (error) => `because: ${(error as Error).message}`,
    nothing: 'no points',
  });
  return { trace, seen };
}

describe('a curve traced behind a question', () => {
  it('tells how far it is, and then what it came to', async () => {
    let finish: (result: CurveResult) => void = () => undefined;
    const { trace, seen } = begin((_, onProgress) => {
      setImmediate(() => {
        onProgress(0.5, 'layer 2 of 4');
      });
      return new Promise((resolve) => {
        finish = resolve;
      });
    });
    expect(trace.state()).toEqual({ fraction: 0, stage: '' });
    await turn();
    expect(trace.state()).toEqual({ fraction: 0.5, stage: 'layer 2 of 4' });
    finish(curve);
    await turn();
    expect(seen).toEqual([{ fraction: 0.5, stage: 'layer 2 of 4' }, { curve }]);
  });

  it.each<[string, Run, string]>([
    ['fails', () => Promise.reject(new Error('worker lost')), 'because: worker lost'],
    ['has no points', () => Promise.resolve({ ...curve, points: [] }), 'no points'],
  ])('says so when it %s', async (_, run, failed) => {
    const { trace, seen } = begin(run);
    await turn();
    expect(trace.state()).toEqual({ failed });
    expect(seen).toEqual([{ failed }]);
  });

  it('that is stopped is given up, and nothing of it is told', async () => {
    const { trace, seen } = begin(
      (signal, onProgress) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            onProgress(1, 'late');
            reject(new Error('cancelled'));
          });
        }),
    );
    trace.stop();
    await turn();
    expect(seen).toEqual([]);
    expect(trace.state()).toEqual({ fraction: 0, stage: '' });
  });
});
