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
  private readonly waiting: Waiting[] = [];
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
  async search(piece: Promise<Searches>): Promise<SearchResult | undefined> {
    this.coming++;
    let searches: Searches;
    try {
      searches = await piece;
    } finally {
      this.coming--;
      if (this.coming === 0) queueMicrotask(() => void this.work());
    }
    if (searchesIn(searches) === 0) return undefined;
    return new Promise((resolve) => {
      this.waiting.push({ searches, resolve });
      void this.work();
    });
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

  /** The next pieces that fit together. */
  private take(): Waiting[] {
    const [{ searches: first }] = this.waiting;
    const taken: Waiting[] = [];
    let size = 0;
    for (const one of this.waiting) {
      const effort = effortOf(one.searches);
      if (!fitTogether(first, one.searches) || (size > 0 && size + effort > most)) break;
      taken.push(one);
      size += effort;
    }
    this.waiting.splice(0, taken.length);
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
