import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { CheckpointFacts } from './facts';

/** Whether a report still speaks of the checkpoint beside it. */
export type Freshness = 'fresh' | 'checking' | 'stale' | 'missing';

/** A file that was touched no later than this after its report was composed is the one that was written then. */
const writingMilliseconds = 10_000;

/** What is known without reading: `checking` where size and times leave the question open. */
export interface Look {
  readonly freshness: Freshness;
  /** Changes whenever the file does. */
  readonly stamp: string;
}

/**
 * Compares size and times of the checkpoint with its report. The time of the last change of its inode counts as well,
 * since moving another file of the same size there leaves the time of writing as it is.
 */
export async function lookAt(facts: CheckpointFacts): Promise<Look> {
  try {
    const { size, mtimeMs, ctimeMs } = await stat(facts.result);
    const stamp = `${size} ${mtimeMs} ${ctimeMs} ${facts.sha256}`;
    const untouched =
      Math.max(mtimeMs, ctimeMs) <= Date.parse(facts.createdAt) + writingMilliseconds;
    if (isManyFiles(facts.result)) return { freshness: untouched ? 'fresh' : 'stale', stamp };
    if (size !== facts.bytes) return { freshness: 'stale', stamp };
    return { freshness: untouched ? 'fresh' : 'checking', stamp };
  } catch {
    return { freshness: 'missing', stamp: 'missing' };
  }
}

/** Settles what size and times leave open, by the checksum. */
export async function verify(facts: CheckpointFacts, signal: AbortSignal): Promise<Freshness> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(facts.result), hash, { signal });
  } catch {
    return 'missing';
  }
  return hash.digest('hex') === facts.sha256 ? 'fresh' : 'stale';
}

/** An index stands for its shards: neither its size nor its checksum is that of the report. */
function isManyFiles(file: string): boolean {
  return file.endsWith('.index.json');
}
