import type { SearchTargets } from '../../core/calibrate/searchTargets';
import { ordersOf } from '../../core/describe/orderCurve';
import type { ComplexVector } from '../../core/linalg/complex';
import type { SolverTrace } from '../../core/solve/solver';
import { cutModalBatch } from '../../core/systems/modal';
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
  /** In how many systems what an engine found is lower than what the threads found; where the output tells. */
  lowerIn?(output: Output): number;
}

/** A piece whose searches are known. */
export interface Ready<Output> {
  readonly searches: readonly Searches[];
  /** The rest of it, on the threads, with what an engine found by each. */
  finish(inner: Engine, found: readonly (SearchResult | undefined)[]): Promise<Output>;
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
    case 'orderCurve':
      return curvePiece(input as Tasks['orderCurve']['input']);
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
    lowerIn: byEngine,
    alone: (inner) => inner.run('reduce', structuredClone(input)),
    async prepare(inner) {
      const batch = structuredClone(systems.batch);
      const prepared = await inner.run('prepare', { batch, request });
      const searches = searchesOf({ batch: systems.batch, systems: prepared }, slots, horizon);
      return {
        searches: [{ kind: 'plain', batch: searches }],
        finish: (threads, [found]) =>
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
    lowerIn: byEngine,
    alone: (inner) => reduce(inner, undefined),
    async prepare(inner) {
      const request = structuredClone({ ...input, heldOut: undefined });
      const targets = await inner.run('searchTargets', request);
      return {
        searches: [{ kind: 'weighted', targets }],
        finish: (threads, [found]) => reduce(threads, found),
      };
    },
  };
}

/** How many results go back to where an engine came to. */
function byEngine({ traces }: { readonly traces: readonly SolverTrace[] }): number {
  return traces.filter(({ start }) => start === 'engine').length;
}

/** Errors of one kernel at several orders, each a search of its own. */
function curvePiece(
  input: Tasks['orderCurve']['input'],
): Piece<Tasks['orderCurve']['output']> | undefined {
  const { systems, channels, horizon, searched } = input;
  if (systems.kind !== 'independent' || systems.poles === 'real') return undefined;
  if (channels.length !== 1 || searched !== undefined) return undefined;
  const orders = ordersOf(input);
  const run = (
    inner: Engine,
    from?: Tasks['orderCurve']['input']['searched'],
  ): Promise<Tasks['orderCurve']['output']> =>
    inner.run('orderCurve', structuredClone({ ...input, searched: from }));
  return {
    kind: 'plain',
    count: orders.length,
    alone: (inner) => run(inner),
    async prepare(inner) {
      const ready = await inner.run('orderStarts', {
        ...structuredClone(input),
        systems: structuredClone(systems),
      });
      if (ready === undefined) return { searches: [], finish: (threads) => run(threads) };
      const batch = cutModalBatch(systems.batch, channels[0], channels[0] + 1);
      const searches = orders.map((slots, i): Searches => {
        const starts = ready.starts[i].map((poles) => ({ name: 'curve', poles }));
        const prepared = { batch, systems: [{ norm: ready.norm, starts }] };
        return { kind: 'plain', batch: searchesOf(prepared, slots, horizon) };
      });
      return {
        searches,
        finish: (threads, found) =>
          run(
            threads,
            found.every((one) => one !== undefined)
              ? found.map((one, i) => polesIn(one, orders[i]))
              : undefined,
          ),
      };
    },
  };
}

/** The poles that each search came to. */
function polesIn({ poleRe, poleIm, value }: SearchResult, slots: number): ComplexVector[] {
  return Array.from(value, (_, t) => {
    const [from, to] = [t * slots, (t + 1) * slots];
    return { re: poleRe.slice(from, to), im: poleIm.slice(from, to) };
  });
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
