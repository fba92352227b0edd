import type { LoopExports } from './module';

const page = 65536;

/**
 * The memory of the module, as numbers: tables that stay, and after them room that every call lays out anew. Places are
 * indices into `numbers()`.
 */
export interface Scratch {
  /** All of the memory. Valid until the next `room` or `keep`. */
  numbers(): Float64Array<ArrayBuffer>;
  /**
   * Places for so many numbers each; what lay there before is lost.
   *
   * @throws RangeError where there is no more memory
   */
  room(...counts: number[]): number[];
  /** Stores a table for good. */
  keep(values: Float64Array): number;
}

export function createScratch({ memory, heapBase }: LoopExports): Scratch {
  // vectors are read fastest where their addresses are multiples of their size
  const aligned = (place: number): number => Math.ceil(place / 8) * 8;
  let base = aligned(Math.ceil(heapBase.value / 8));
  let view = new Float64Array(memory.buffer);
  const reach = (end: number): void => {
    const missing = end * 8 - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / page));
    if (view.buffer !== memory.buffer) view = new Float64Array(memory.buffer);
  };
  return {
    numbers: () => view,
    room(...counts) {
      let end = base;
      const places = counts.map((count) => {
        const place = end;
        end = aligned(end + count);
        return place;
      });
      reach(end);
      return places;
    },
    keep(values) {
      const place = base;
      base = aligned(base + values.length);
      reach(base);
      view.set(values, place);
      return place;
    },
  };
}
