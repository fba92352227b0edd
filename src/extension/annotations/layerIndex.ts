import { readFile, stat } from 'node:fs/promises';
import { isReport, reportSuffix } from '../../protocol/report';
import { factsOf } from './facts';
import type { CheckpointFacts } from './facts';
import { lookAt, verify } from './freshness';
import type { Freshness } from './freshness';

/** Larger reports are shown by their editor only. */
const largestReport = 64 * 1024 * 1024;

/**
 * The facts of all known reports, in memory. Lookups read no file and compute nothing; what has to be read is read in
 * the background and announced by `onDidChange`.
 */
export interface LayerIndex {
  /** Reads a report, again if it is known; forgets it where it cannot be read. */
  refresh(report: string): Promise<CheckpointFacts | undefined>;
  /** Looks at a checkpoint again after it changed on disk. */
  recheck(checkpoint: string): void;
  /** Of the checkpoint that a compression wrote. */
  ofResult(checkpoint: string): CheckpointFacts | undefined;
  /** Of the compressions that started from this checkpoint, newest first. */
  ofSource(checkpoint: string): readonly CheckpointFacts[];
  all(): readonly CheckpointFacts[];
  /** The first question about a checkpoint is answered with `checking` and settled in the background. */
  freshness(facts: CheckpointFacts): Freshness;
  onDidChange(listener: () => void): { dispose(): void };
  dispose(): void;
}

/** @param onError told about reports that cannot be used, with the reason */
export function createLayerIndex(onError: (report: string, reason: unknown) => void): LayerIndex {
  const facts = new Map<string, CheckpointFacts>();
  const known = new Map<string, { stamp: string; freshness: Freshness }>();
  const listeners = new Set<() => void>();
  const lifetime = new AbortController();
  let reading: Promise<unknown> = Promise.resolve();
  let checking: Promise<unknown> = Promise.resolve();
  const changed = (): void => {
    for (const listener of listeners) listener();
  };

  async function read(report: string): Promise<CheckpointFacts | undefined> {
    const before = facts.get(report);
    try {
      facts.set(report, await readFacts(report));
    } catch (error) {
      facts.delete(report);
      const gone = (error as { code?: unknown }).code === 'ENOENT';
      if (!gone) onError(report, error);
    }
    known.delete(report);
    const after = facts.get(report);
    if (before !== undefined || after !== undefined) changed();
    return after;
  }

  async function check(of: CheckpointFacts): Promise<void> {
    const look = await lookAt(of);
    const last = known.get(of.report);
    if (last?.stamp === look.stamp && last.freshness !== 'checking') return;
    known.set(of.report, look);
    if (look.freshness === 'checking') {
      const freshness = await verify(of, lifetime.signal);
      // a later change of the file comes with a check of its own
      known.set(of.report, { stamp: look.stamp, freshness });
    }
    if (!lifetime.signal.aborted) changed();
  }

  const startCheck = (of: CheckpointFacts): void => {
    checking = checking.then(() => check(of));
  };

  return {
    refresh(report) {
      const result = reading.then(() => read(report));
      reading = result;
      return result;
    },
    recheck(checkpoint) {
      const of = facts.get(checkpoint + reportSuffix);
      if (of !== undefined && known.has(of.report)) startCheck(of);
    },
    ofResult: (checkpoint) => facts.get(checkpoint + reportSuffix),
    ofSource: (checkpoint) =>
      newestFirst([...facts.values()].filter(({ source }) => source === checkpoint)),
    all: () => [...facts.values()],
    freshness(of) {
      const found = known.get(of.report);
      if (found !== undefined) return found.freshness;
      known.set(of.report, { stamp: '', freshness: 'checking' });
      startCheck(of);
      return 'checking';
    },
    onDidChange(listener) {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
    dispose() {
      lifetime.abort();
      listeners.clear();
    },
  };
}

/** Newest first by the time that the reports say. */
export function newestFirst(facts: readonly CheckpointFacts[]): readonly CheckpointFacts[] {
  return [...facts].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
}

async function readFacts(report: string): Promise<CheckpointFacts> {
  const { size } = await stat(report);
  if (size > largestReport) throw new Error(`the report is larger than ${largestReport} bytes`);
  const value: unknown = JSON.parse(await readFile(report, 'utf8'));
  if (!isReport(value)) throw new Error('this is not a report of this version');
  return factsOf(value, report);
}
