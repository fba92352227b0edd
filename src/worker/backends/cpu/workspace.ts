import type { LoopExports } from './module';

const page = 65536;

/**
 * The memory of the module, as numbers: tables that stay, above them the arrays of open scopes, and above those room that
 * every call lays out anew. Places are indices into `numbers()`.
 */
export interface Workspace {
  /** All of the memory, as far as it was laid out. */
  numbers(): Float64Array<SharedArrayBuffer>;
  /**
   * Places for so many numbers each; what lay there before is lost.
   *
   * @throws RangeError where there is no more memory
   */
  room(...counts: number[]): number[];
  /** Where an array that `allocate` made lies, or a view of one; undefined for others. */
  placeOf(x: Float64Array): number | undefined;
  /** Stores a table for good; not within a scope. */
  keep(values: Float64Array): number;
  /** Does work whose arrays end with it. */
  scoped<T>(work: () => T): T;
  /** An array of zeros in this memory; outside of scopes, or where the memory is full, an ordinary one. */
  allocate(length: number): Float64Array;
}

export function createWorkspace({ memory, heapBase }: LoopExports): Workspace {
  // vectors are read fastest where their addresses are multiples of their size
  const aligned = (place: number): number => Math.ceil(place / 8) * 8;
  let top = aligned(Math.ceil(heapBase.value / 8));
  let scopes = 0;
  let view = new Float64Array(memory.buffer);
  const known = new WeakSet<object>([view.buffer]);
  const reach = (end: number): void => {
    const missing = end * 8 - view.byteLength;
    if (missing <= 0) return;
    memory.grow(Math.ceil(missing / page));
    view = new Float64Array(memory.buffer);
    known.add(view.buffer);
  };
  /** Moves the ground of all further room up. */
  const take = (count: number): number => {
    const place = top;
    reach(aligned(place + count));
    top = aligned(place + count);
    return place;
  };
  return {
    numbers: () => view,
    room(...counts) {
      let end = top;
      const places = counts.map((count) => {
        const place = end;
        end = aligned(end + count);
        return place;
      });
      reach(end);
      return places;
    },
    placeOf: (x) => (known.has(x.buffer) ? x.byteOffset / 8 : undefined),
    keep(values) {
      const place = take(values.length);
      view.set(values, place);
      return place;
    },
    scoped(work) {
      const before = top;
      scopes++;
      try {
        return work();
      } finally {
        scopes--;
        top = before;
      }
    },
    allocate(length) {
      if (scopes === 0) return new Float64Array(length);
      try {
        const place = take(length);
        return view.subarray(place, place + length).fill(0);
      } catch {
        return new Float64Array(length);
      }
    },
  };
}
