/** One complex number, for formulas evaluated a few times a pole: clear rather than fast. */
export type Complex = readonly [re: number, im: number];

export function times([a, b]: Complex, [c, d]: Complex): Complex {
  return [a * c - b * d, a * d + b * c];
}

/** x / y; not finite where y is 0. */
export function over(x: Complex, [c, d]: Complex): Complex {
  const size = Math.hypot(c, d);
  const [p, q] = times(x, [c / size, -d / size]);
  return [p / size, q / size];
}

export function scaled([a, b]: Complex, factor: number): Complex {
  return [a * factor, b * factor];
}
