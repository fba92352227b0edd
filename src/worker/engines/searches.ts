import type { PreparedSystem } from '../../core/solve/reduce';
import { emptyModalBatch, type ModalBatch } from '../../core/systems/modal';
import type { SearchBatch, SearchResult } from './searchEngine';

/** Systems with their starts, as `prepareBatch` gives them; undefined for those that need no search. */
export interface Prepared {
  readonly batch: ModalBatch;
  readonly systems: readonly (Pick<PreparedSystem, 'norm' | 'starts'> | undefined)[];
}

/** The searches from every start of every system, in this order. Systems are divided by their norms. */
export function searchesOf(
  { batch, systems: prepared }: Prepared,
  slots: number,
  horizon: number,
): SearchBatch {
  const N = batch.slots;
  const systems = emptyModalBatch(batch.count, N);
  systems.poleRe.set(batch.poleRe);
  systems.poleIm.set(batch.poleIm);
  const of: number[] = [];
  const [poleRe, poleIm]: [number[], number[]] = [[], []];
  prepared.forEach((system, s) => {
    if (system === undefined) return;
    for (let at = s * N; at < (s + 1) * N; at++) {
      systems.weightRe[at] = batch.weightRe[at] / system.norm;
      systems.weightIm[at] = batch.weightIm[at] / system.norm;
    }
    for (const { poles } of system.starts) {
      of.push(s);
      poleRe.push(...poles.re);
      poleIm.push(...poles.im);
    }
  });
  return {
    ...{ systems, slots, horizon },
    systemOf: Int32Array.from(of),
    poleRe: Float64Array.from(poleRe),
    poleIm: Float64Array.from(poleIm),
  };
}

/** The same systems with what was found from each start. */
export function withSearched(
  prepared: readonly (PreparedSystem | undefined)[],
  { poleRe, poleIm }: SearchResult,
  slots: number,
): (PreparedSystem | undefined)[] {
  let search = 0;
  return prepared.map(
    (system) =>
      system && {
        ...system,
        starts: system.starts.map((start) => {
          const [from, to] = [search * slots, (search + 1) * slots];
          search++;
          const searched = { re: poleRe.slice(from, to), im: poleIm.slice(from, to) };
          return { ...start, searched };
        }),
      },
  );
}

/** Batches of systems of the same size one after another. */
export function joinSearches(parts: readonly SearchBatch[]): SearchBatch {
  const [first] = parts;
  const count = parts.reduce((sum, { systems }) => sum + systems.count, 0);
  const searches = parts.reduce((sum, { systemOf }) => sum + systemOf.length, 0);
  const joined = {
    systems: emptyModalBatch(count, first.systems.slots),
    ...{ slots: first.slots, horizon: first.horizon },
    systemOf: new Int32Array(searches),
    poleRe: new Float64Array(searches * first.slots),
    poleIm: new Float64Array(searches * first.slots),
  };
  let [system, search] = [0, 0];
  for (const part of parts) {
    for (const field of ['poleRe', 'poleIm', 'weightRe', 'weightIm'] as const) {
      joined.systems[field].set(part.systems[field], system * first.systems.slots);
    }
    joined.systemOf.set(
      part.systemOf.map((index) => index + system),
      search,
    );
    joined.poleRe.set(part.poleRe, search * first.slots);
    joined.poleIm.set(part.poleIm, search * first.slots);
    system += part.systems.count;
    search += part.systemOf.length;
  }
  return joined;
}
