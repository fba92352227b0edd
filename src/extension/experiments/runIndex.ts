import * as path from 'node:path';
import { figuresOf } from './figures';
import type { RunFigures } from './figures';
import { resultOf, sourceOf } from './run';
import type { Run } from './run';

/** What runs can be sorted by, in the order in which it is offered. */
export const sortKeys = ['date', 'order', 'size', 'error', 'accuracy', 'name'] as const;
export type SortKey = (typeof sortKeys)[number];

export interface SortOrder {
  readonly key: SortKey;
  readonly descending: boolean;
}

/** What is most useful at the top: the newest, the smallest, the least error, the best accuracy. */
export function usualOrder(key: SortKey): SortOrder {
  return { key, descending: key === 'date' || key === 'accuracy' };
}

/** A checkpoint and the runs that started from it. */
export interface CheckpointRuns {
  readonly source: string;
  readonly runs: readonly Run[];
}

/** Groups the runs by the checkpoint they started from; checkpoints by name, runs as asked, those without the figure last. */
export function groupRuns(runs: readonly Run[], sort: SortOrder): CheckpointRuns[] {
  const groups = new Map<string, Run[]>();
  for (const run of runs) {
    const source = sourceOf(run);
    const group = groups.get(source);
    if (group === undefined) groups.set(source, [run]);
    else group.push(run);
  }
  return [...groups]
    .map(([source, group]) => ({ source, runs: sortRuns(group, sort) }))
    .sort((a, b) => compareNames(path.basename(a.source), path.basename(b.source)));
}

/** In the order asked for. Equal ones by the names of their results, so that nothing jumps. */
export function sortRuns(runs: readonly Run[], { key, descending }: SortOrder): Run[] {
  const sign = descending ? -1 : 1;
  const name = (run: Run): string => path.basename(resultOf(run));
  if (key === 'name') {
    const shown = (run: Run): string => run.notes.name ?? name(run);
    return [...runs].sort((a, b) => sign * compareNames(shown(a), shown(b)));
  }
  return runs
    .map((run) => ({ run, value: figure(figuresOf(run.summary), key) }))
    .sort((a, b) => {
      const known = Number(a.value === undefined) - Number(b.value === undefined);
      const difference = sign * ((a.value ?? 0) - (b.value ?? 0));
      return known || difference || compareNames(name(a.run), name(b.run));
    })
    .map(({ run }) => run);
}

function figure(figures: RunFigures, key: Exclude<SortKey, 'name'>): number | undefined {
  return key === 'size' ? figures.parameters : figures[key];
}

function compareNames(a: string, b: string): number {
  return a.localeCompare(b, undefined, { numeric: true }) || (a < b ? -1 : a > b ? 1 : 0);
}

/**
 * Whether a run has all the words of a filter in its name, note, files, solver or orders. The word `*` stands for
 * starred runs, `order:16` and `solver:newton` for exactly that.
 */
export function matchesFilter(run: Run, filter: string): boolean {
  const { summary, notes } = run;
  const text = [
    notes.name,
    notes.note,
    path.basename(resultOf(run)),
    path.basename(summary.source.path),
    summary.request.solver,
    summary.calibration?.data,
  ]
    .filter((part) => part !== undefined)
    .join('\n')
    .toLowerCase();
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return words.every((word) => {
    if (word === '*' || word === '★') return notes.starred === true;
    if (word.startsWith('order:')) return word === `order:${summary.orderAfter.greatest}`;
    if (word.startsWith('solver:')) return word === `solver:${summary.request.solver}`;
    return text.includes(word);
  });
}
