/** A seeded source of random numbers. */
export interface Random {
  uniform(): number;
  normal(): number;
}

/** Mulberry32, and the Box-Muller transform of it. */
export function generator(seed: number): Random {
  let state = Math.imul(seed, 0x9e3779b9);
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
}
