import {
  apart,
  effortOf,
  fitTogether,
  searchesIn,
  searchWith,
  together,
  type Searches,
} from './pieces';
import type { SearchEngine, SearchResult } from './searchEngine';

/** Searches that are worth a call of the device; it waits for as many while more are on their way. */
const enough = 1024;
/** And those that one call takes at most. */
const most = 8192;

interface Waiting {
  readonly searches: Searches;
  resolve(found: SearchResult | undefined): void;
}

/**
 * Gathers the searches of many small pieces of work into batches for a device. Once the device fails, every answer is
 * undefined.
 */
export class SearchQueue {
  private waiting: Waiting[] = [];
  private coming = 0;
  private busy = false;
  private failed = false;

  constructor(
    private readonly engine: SearchEngine,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** Whether the device failed. */
  get lost(): boolean {
    return this.failed;
  }

  /** Announces a piece, waits until its searches are known, and searches. */
  async search(
    piece: Promise<readonly Searches[]>,
  ): Promise<readonly (SearchResult | undefined)[]> {
    this.coming++;
    let all: readonly Searches[];
    try {
      all = await piece;
    } finally {
      this.coming--;
      if (this.coming === 0) queueMicrotask(() => void this.work());
    }
    return Promise.all(
      all.map((searches) => {
        if (searchesIn(searches) === 0) return Promise.resolve(undefined);
        return new Promise<SearchResult | undefined>((resolve) => {
          this.waiting.push({ searches, resolve });
          void this.work();
        });
      }),
    );
  }

  private async work(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    while (this.waiting.length > 0 && (this.failed || this.coming === 0 || this.isEnough())) {
      await this.perform(this.take());
    }
    this.busy = false;
  }

  private isEnough(): boolean {
    return this.waiting.reduce((sum, one) => sum + effortOf(one.searches), 0) >= enough;
  }

  /** The next, and all that fit together with it. */
  private take(): Waiting[] {
    const [{ searches: first }] = this.waiting;
    const taken: Waiting[] = [];
    const left: Waiting[] = [];
    let size = 0;
    for (const one of this.waiting) {
      const effort = effortOf(one.searches);
      if (fitTogether(first, one.searches) && (size === 0 || size + effort <= most)) {
        taken.push(one);
        size += effort;
      } else left.push(one);
    }
    this.waiting = left;
    return taken;
  }

  private async perform(pieces: readonly Waiting[]): Promise<void> {
    const searches = pieces.map((piece) => piece.searches);
    let found: SearchResult[] | undefined;
    try {
      if (!this.failed) {
        found = apart(await searchWith(this.engine, together(searches)), searches);
      }
    } catch (error) {
      this.failed = true;
      this.onFailure(error);
    }
    pieces.forEach((piece, i) => {
      piece.resolve(found?.[i]);
    });
  }
}
