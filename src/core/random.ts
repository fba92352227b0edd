/** Numbers uniform in (0, 1), the same for the same seed: a Weyl sequence through the 32-bit avalanche of MurmurHash3. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let h = state ^ (state >>> 16);
    h = Math.imul(h, 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return (((h ^ (h >>> 16)) >>> 0) + 0.5) / 2 ** 32;
  };
}

/** The numbers 0 … count - 1 in an order that the seed alone decides. */
export function shuffled(count: number, seed: number): number[] {
  const next = uniform(seed);
  const order = [...Array(count).keys()];
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
