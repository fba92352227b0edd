import type { LiveRun } from '../compression/liveRuns';
import type { BrokenRun, Run } from './run';
import { groupRuns, matchesFilter } from './runIndex';
import type { SortOrder } from './runIndex';

/** A row of the tree. */
export type Node = CheckpointNode | RunNode | LiveNode | BrokenNode;

export interface CheckpointNode {
  readonly kind: 'checkpoint';
  readonly source: string;
  readonly children: readonly (RunNode | LiveNode)[];
}

export interface RunNode {
  readonly kind: 'run';
  readonly run: Run;
}

export interface LiveNode {
  readonly kind: 'live';
  readonly live: LiveRun;
}

export interface BrokenNode {
  readonly kind: 'broken';
  readonly run: BrokenRun;
}

export interface TreeView {
  readonly filter: string;
  readonly sort: SortOrder;
}

/**
 * The rows of the tree: checkpoints, each with what is at work first and then its runs, and reports that cannot be read
 * at the end. A filter hides finished runs only: what is at work is always seen.
 */
export function buildNodes(
  runs: readonly (Run | BrokenRun)[],
  live: readonly LiveRun[],
  { filter, sort }: TreeView,
): (CheckpointNode | BrokenNode)[] {
  const readable = runs.flatMap((run) => ('summary' in run ? [run] : []));
  const broken = runs.flatMap((run) => ('fault' in run ? [run] : []));
  const shown =
    filter.trim() === '' ? readable : readable.filter((run) => matchesFilter(run, filter));
  const groups = new Map(groupRuns(shown, sort).map(({ source, runs: group }) => [source, group]));
  const busy = new Set(live.map(({ params }) => params.file).filter((file) => !groups.has(file)));
  return [
    ...[...busy, ...groups.keys()].map((source): CheckpointNode => ({
      kind: 'checkpoint',
      source,
      children: [
        ...live
          .filter(({ params }) => params.file === source)
          .map((one): LiveNode => ({ kind: 'live', live: one })),
        ...(groups.get(source) ?? []).map((run): RunNode => ({ kind: 'run', run })),
      ],
    })),
    ...(filter.trim() === '' ? broken.map((run): BrokenNode => ({ kind: 'broken', run })) : []),
  ];
}

/** A name that stays with a row through every change of what it shows. */
export function nodeId(node: Node): string {
  switch (node.kind) {
    case 'checkpoint':
      return `checkpoint:${node.source}`;
    case 'run':
    case 'broken':
      return `run:${node.run.report}`;
    case 'live':
      return `live:${node.live.id}`;
  }
}
