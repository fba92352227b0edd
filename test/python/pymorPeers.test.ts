import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../support/tempDir';

/** The peers of the quality benchmark with and without pyMOR; a stand-in has its place, since it cannot be installed everywhere. */

const python = process.env.SSM_PYTHON ?? '/usr/bin/python3';
const root = join(import.meta.dirname, '../..');

type Parts = readonly [readonly number[], readonly number[]];
interface Modes {
  readonly a: Parts;
  readonly w: Parts;
}
interface Said {
  readonly pymor: string | null;
  readonly seconds: Readonly<Record<string, number>>;
  readonly failed: Readonly<Record<string, number>>;
}

const horizon = 400;
/** Two strong modes and one weak one: the best reduction to two slots all but keeps the strong ones. */
const system: Modes = {
  a: [
    [-0.05, -0.1, -0.3],
    [0.4, 1.5, 2.5],
  ],
  w: [
    [1, 0.5, 1e-5],
    [0.3, -1, 0],
  ],
};

function kernel({ a, w }: Modes): number[] {
  return Array.from({ length: horizon }, (_, t) =>
    a[0].reduce((sum, decay, i) => {
      const [size, phase] = [Math.exp(decay * t), a[1][i] * t];
      return sum + size * (w[0][i] * Math.cos(phase) - w[1][i] * Math.sin(phase));
    }, 0),
  );
}

function relativeError(found: Modes): number {
  const [k, reduced] = [kernel(system), kernel(found)];
  return Math.hypot(...k.map((x, t) => x - reduced[t])) / Math.hypot(...k);
}

function run(pymor: string, environment: Record<string, string> = {}) {
  const directory = tempDir();
  const [jobs, found] = [join(directory, 'jobs.json'), join(directory, 'found.json')];
  writeFileSync(jobs, JSON.stringify([{ ...system, step: 0.1, horizon, orders: [2] }]));
  const output = execFileSync(python, [join(root, 'bench/peers/run.py'), jobs, found, '1'], {
    encoding: 'utf8',
    env: {
      ...process.env,
      PYTHONPATH: join(import.meta.dirname, pymor),
      PYTHONDONTWRITEBYTECODE: '1',
      OMP_NUM_THREADS: '1',
      ...environment,
    },
  });
  const [results] = JSON.parse(readFileSync(found, 'utf8')) as [
    Record<string, Record<string, Modes | null>>,
  ];
  return { said: JSON.parse(output) as Said, results };
}

const own = ['algorithm1', 'balancedComplex', 'balancedReal', 'irka'];

describe('the peers of the quality benchmark', () => {
  it('run without pyMOR, and say that it is missing', () => {
    const { said, results } = run('no_pymor');
    expect(said.pymor).toBeNull();
    expect(Object.keys(results)).toEqual(own);
    expect(Object.keys(said.seconds)).toEqual(own);
    expect(relativeError(results.balancedReal['2']!)).toBeLessThan(1e-4);
  });

  it('include pyMOR where it can be imported, IRKA on a continuous system of the same h² norms', () => {
    const { said, results } = run('fake_pymor');
    expect(said.pymor).toBe('0.0');
    expect(Object.keys(results)).toEqual([...own, 'pymorBalanced', 'pymorIrka']);
    const [balanced, irka] = [results.pymorBalanced['2']!, results.pymorIrka['2']!];
    expect(relativeError(balanced)).toBeLessThan(1e-4);
    expect(said.failed).toMatchObject({ pymorBalanced: 0, pymorIrka: 0 });
    // the stand-in's IRKA returns the balanced truncation of the continuous system, which must be that of the discrete one
    const sorted = ({ a }: Modes): number[] => [...a[0], ...a[1]].sort((x, y) => x - y);
    sorted(irka).forEach((part, i) => {
      expect(part).toBeCloseTo(sorted(balanced)[i], 6);
    });
  });

  it('count what pyMOR does not manage as failed', () => {
    const { said, results } = run('fake_pymor', { FAKE_PYMOR_FAILS: '1' });
    expect(said.failed).toMatchObject({ irka: 0, pymorBalanced: 1, pymorIrka: 1 });
    expect(results.pymorIrka).toEqual({ '2': null });
  });
});
