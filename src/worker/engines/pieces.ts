import type { SearchTargets } from '../../core/calibrate/searchTargets';
import type { Engine } from '../engine';
import type { TaskKind, Tasks } from '../tasks';
import {
  searchSteps,
  type SearchBatch,
  type SearchEngine,
  type SearchKind,
  type SearchResult,
} from './searchEngine';
import { joinSearches, searchesOf, withSearched } from './searches';
import { areAlike, joinTargets } from './weighted/packedTargets';

/** Searches for an engine: from starts given by the h² error, or from starts of its own by a weighted error. */
export type Searches =
  | { readonly kind: 'plain'; readonly batch: SearchBatch }
  | { readonly kind: 'weighted'; readonly targets: SearchTargets };

/** A task of the threads whose searches an engine can take over. */
export interface Piece<Output> {
  readonly kind: SearchKind;
  /** Systems that it reduces. */
  readonly count: number;
  /** The whole of it, on the threads. */
  alone(inner: Engine): Promise<Output>;
  /** What comes before the searches, on the threads. */
  prepare(inner: Engine): Promise<Ready<Output>>;
}

/** A piece whose searches are known. */
export interface Ready<Output> {
  readonly searches: Searches;
  /** The rest of it, on the threads, with what an engine found. */
  finish(inner: Engine, found: SearchResult | undefined): Promise<Output>;
}

/** A task as a piece; undefined for tasks without searches that engines do. Threads are sent copies of the input. */
export function pieceOf<K extends TaskKind>(
  kind: K,
  input: Tasks[K]['input'],
): Piece<Tasks[K]['output']> | undefined {
  switch (kind) {
    case 'reduce':
      return plainPiece(input as Tasks['reduce']['input']);
    case 'reduceChannels':
      return weightedPiece(input as Tasks['reduceChannels']['input']);
    default:
      return undefined;
  }
}

/** Kernels with complex poles of their own, to be reduced by the recommended solver. */
function plainPiece(input: Tasks['reduce']['input']): Piece<Tasks['reduce']['output']> | undefined {
  const { systems, request } = input;
  if (systems.kind !== 'independent' || systems.poles === 'real') return undefined;
  const { slots, horizon } = request;
  if (request.solver !== 'newton' || slots >= systems.batch.slots) return undefined;
  return {
    kind: 'plain',
    count: systems.batch.count,
    alone: (inner) => inner.run('reduce', structuredClone(input)),
    async prepare(inner) {
      const batch = structuredClone(systems.batch);
      const prepared = await inner.run('prepare', { batch, request });
      const searches = searchesOf({ batch: systems.batch, systems: prepared }, slots, horizon);
      return {
        searches: { kind: 'plain', batch: searches },
        finish: (threads, found) =>
          threads.run('finish', {
            ...{ systems: structuredClone(systems), request },
            prepared: found ? withSearched(prepared, found, slots) : prepared,
          }),
      };
    },
  };
}

/** Channels of calibrated layers. */
function weightedPiece(
  input: Tasks['reduceChannels']['input'],
): Piece<Tasks['reduceChannels']['output']> | undefined {
  if (input.searched !== undefined) return undefined;
  const reduce = (
    inner: Engine,
    found: SearchResult | undefined,
  ): Promise<Tasks['reduceChannels']['output']> => {
    const searched = found && { re: found.poleRe, im: found.poleIm };
    return inner.run('reduceChannels', structuredClone({ ...input, searched }));
  };
  return {
    kind: 'weighted',
    count: input.batch.count,
    alone: (inner) => reduce(inner, undefined),
    async prepare(inner) {
      const request = structuredClone({ ...input, heldOut: undefined });
      const targets = await inner.run('searchTargets', request);
      return { searches: { kind: 'weighted', targets }, finish: reduce };
    },
  };
}

/** What the engine is asked for. */
export function searchWith(engine: SearchEngine, searches: Searches): Promise<SearchResult> {
  return searches.kind === 'plain'
    ? engine.search(searches.batch, searchSteps)
    : engine.searchWeighted(searches.targets);
}

export function searchesIn(searches: Searches): number {
  return searches.kind === 'plain' ? searches.batch.systemOf.length : searches.targets.count;
}

/** A search on a grid of frequencies takes as long as several plain ones, and more memory. */
export function effortOf(searches: Searches): number {
  return searches.kind === 'plain' ? searchesIn(searches) : 8 * searchesIn(searches);
}

/** Whether two may be done in one batch: of the same kind and sizes. */
export function fitTogether(a: Searches, b: Searches): boolean {
  if (a.kind === 'weighted') return b.kind === 'weighted' && areAlike(a.targets, b.targets);
  if (b.kind === 'weighted') return false;
  const { slots, horizon, systems } = a.batch;
  return (
    slots === b.batch.slots &&
    horizon === b.batch.horizon &&
    systems.slots === b.batch.systems.slots
  );
}

/** Searches that fit together, one after another. */
export function together(all: readonly Searches[]): Searches {
  const plain = all.flatMap((one) => (one.kind === 'plain' ? [one.batch] : []));
  if (plain.length > 0) return { kind: 'plain', batch: joinSearches(plain) };
  const weighted = all.flatMap((one) => (one.kind === 'weighted' ? [one.targets] : []));
  return { kind: 'weighted', targets: joinTargets(weighted) };
}

/** The results of each of some searches that were done together. */
export function apart(found: SearchResult, all: readonly Searches[]): SearchResult[] {
  let from = 0;
  return all.map((searches) => {
    const to = from + searchesIn(searches);
    const { slots } = searches.kind === 'plain' ? searches.batch : searches.targets;
    const part = {
      poleRe: found.poleRe.slice(from * slots, to * slots),
      poleIm: found.poleIm.slice(from * slots, to * slots),
      value: found.value.slice(from, to),
    };
    from = to;
    return part;
  });
}
