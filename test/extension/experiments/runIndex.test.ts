import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  groupRuns,
  matchesFilter,
  sortRuns,
  usualOrder,
} from '../../../src/extension/experiments/runIndex';
import { resultOf } from '../../../src/extension/experiments/run';
import type { Run } from '../../../src/extension/experiments/run';
import { calibrated, folder, sampleRun } from './sampleRuns';

const names = (runs: readonly Run[]): string[] => runs.map((run) => path.basename(resultOf(run)));

const small = sampleRun('small.pt', {
  createdAt: '2026-11-20T12:00:00.000Z',
  parametersAfter: 100,
  orderAfter: { least: 4, greatest: 8 },
  calibration: calibrated(0.8, -0.05),
});
const middle = sampleRun('middle.pt', {
  createdAt: '2026-11-22T12:00:00.000Z',
  parametersAfter: 300,
  worst: { ...sampleRun('').summary.worst!, relativeError: 0.5 },
});
const large = sampleRun('large.pt', {
  createdAt: '2026-11-21T12:00:00.000Z',
  parametersAfter: 900,
  orderAfter: { least: 32, greatest: 32 },
  calibration: calibrated(0.9, -0.003),
});
const all = [middle, large, small];

describe('sorting', () => {
  it.each([
    ['date', ['middle.pt', 'large.pt', 'small.pt']],
    ['order', ['small.pt', 'middle.pt', 'large.pt']],
    ['size', ['small.pt', 'middle.pt', 'large.pt']],
    ['error', ['large.pt', 'small.pt', 'middle.pt']],
    ['accuracy', ['large.pt', 'small.pt', 'middle.pt']],
    ['name', ['large.pt', 'middle.pt', 'small.pt']],
  ] as const)('by %s puts what is wanted first', (key, expected) => {
    expect(names(sortRuns(all, usualOrder(key)))).toEqual(expected);
  });

  it.each(['error', 'accuracy'] as const)(
    'by %s keeps runs without the figure last in both directions',
    (key) => {
      const unknown = sampleRun('aaa.pt');
      Reflect.deleteProperty(unknown.summary, 'worst');
      const runs = [unknown, small, large];
      for (const descending of [true, false]) {
        expect(names(sortRuns(runs, { key, descending })).at(-1)).toBe('aaa.pt');
      }
    },
  );

  it('goes by the names that a person gave', () => {
    const named = { ...small, notes: { name: 'aardvark' } };
    expect(names(sortRuns([large, named], usualOrder('name')))[0]).toBe('small.pt');
  });
});

describe('groups', () => {
  it('are one for each checkpoint, wherever the reports lie', () => {
    const elsewhere = sampleRun('out/net.order8.pt', {
      source: { ...small.summary.source, path: '../net.safetensors' },
    });
    const other = sampleRun('b.pt', { source: { ...small.summary.source, path: 'a10.pt' } });
    const another = sampleRun('c.pt', { source: { ...small.summary.source, path: 'a9.pt' } });
    const groups = groupRuns([small, elsewhere, other, another], usualOrder('date'));
    expect(groups.map(({ source, runs }) => [source, runs.length])).toEqual([
      [path.join(folder, 'a9.pt'), 1],
      [path.join(folder, 'a10.pt'), 1],
      [path.join(folder, 'net.safetensors'), 2],
    ]);
  });
});

describe('the filter', () => {
  const starred = {
    ...small,
    notes: { starred: true, name: 'Best so far', note: 'for the paper' },
  };

  it.each([
    ['best', true],
    ['PAPER best', true],
    ['best worst', false],
    ['*', true],
    ['★ digits.npz', true],
    ['order:8', true],
    ['order:4', false],
    ['solver:newton', true],
    ['solver:new', false],
    ['net.safetensors', true],
    ['', true],
  ])('%j', (filter, expected) => {
    expect(matchesFilter(starred, filter)).toBe(expected);
  });

  it('does not take runs without a star for starred', () => {
    expect(matchesFilter(large, '*')).toBe(false);
  });
});
