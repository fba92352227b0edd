import { joinSearches } from './searches';
import {
  searchSteps,
  type SearchBatch,
  type SearchEngine,
  type SearchResult,
} from './searchEngine';

/** Searches that are worth a call of the device; it waits for as many while more are on their way. */
const enough = 1024;
/** And those that one call takes at most. */
const most = 8192;

interface Waiting {
  readonly searches: SearchBatch;
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
  async search(piece: Promise<SearchBatch>): Promise<SearchResult | undefined> {
    this.coming++;
    let searches: SearchBatch;
    try {
      searches = await piece;
    } finally {
      this.coming--;
      if (this.coming === 0) queueMicrotask(() => void this.work());
    }
    if (searches.systemOf.length === 0) return undefined;
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
    return this.waiting.reduce((sum, one) => sum + sizeOf(one), 0) >= enough;
  }

  /** The next pieces that fit together: the same numbers of poles and the same horizon. */
  private take(): Waiting[] {
    const [{ searches: first }] = this.waiting;
    const taken: Waiting[] = [];
    let size = 0;
    for (const one of this.waiting) {
      const { slots, horizon, systems } = one.searches;
      const fits =
        slots === first.slots && horizon === first.horizon && systems.slots === first.systems.slots;
      if (!fits || (size > 0 && size + sizeOf(one) > most)) break;
      taken.push(one);
      size += sizeOf(one);
    }
    this.waiting.splice(0, taken.length);
    return taken;
  }

  private async perform(pieces: readonly Waiting[]): Promise<void> {
    let found: SearchResult | undefined;
    try {
      if (!this.failed) {
        const batch = joinSearches(pieces.map(({ searches }) => searches));
        found = await this.engine.search(batch, searchSteps);
      }
    } catch (error) {
      this.failed = true;
      this.onFailure(error);
    }
    let from = 0;
    for (const piece of pieces) {
      const to = from + sizeOf(piece);
      piece.resolve(found && sliceResult(found, from, to, piece.searches.slots));
      from = to;
    }
  }
}

function sizeOf({ searches }: Waiting): number {
  return searches.systemOf.length;
}

function sliceResult(
  { poleRe, poleIm, value }: SearchResult,
  from: number,
  to: number,
  slots: number,
): SearchResult {
  return {
    poleRe: poleRe.slice(from * slots, to * slots),
    poleIm: poleIm.slice(from * slots, to * slots),
    value: value.slice(from, to),
  };
}
