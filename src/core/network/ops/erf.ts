/**
 * The error function by its Taylor polynomials around the nodes k / 16, whose coefficients are computed once. With a
 * distance of at most 1/32 ten terms are beyond float64; the polynomial around 0 is odd, so small arguments keep their
 * relative accuracy.
 */
const nodesPerUnit = 16;
const degree = 10;
/** erf is 1 in float64 from here on. */
const end = 6;
const stride = degree + 1;
/** Polynomial after polynomial, lowest power first. */
export const erfCoefficients = taylorCoefficients();

/** erf(x) to about 1e-16, relative as well. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (!(size < end)) return Number.isNaN(x) ? NaN : Math.sign(x);
  const node = Math.round(size * nodesPerUnit);
  const d = size - node / nodesPerUnit;
  let at = node * stride + degree;
  let sum = erfCoefficients[at];
  for (let n = 0; n < degree; n++) sum = sum * d + erfCoefficients[--at];
  return x < 0 ? -sum : sum;
}

/** erf(c + d) = sum_n e_n d^n with e_0 = erf(c) and e_{n+1} = 2 / sqrt(pi) e^{-c²} (-1)^n H_n(c) / (n + 1)!. */
function taylorCoefficients(): Float64Array {
  const table = new Float64Array((end * nodesPerUnit + 1) * stride);
  for (let node = 0; node <= end * nodesPerUnit; node++) {
    const c = node / nodesPerUnit;
    const at = node * stride;
    table[at] = erfBySeries(c);
    // h_n = (-1)^n H_n(c) / n!, from H_{n+1} = 2 c H_n - 2 n H_{n-1}
    let before = 0;
    let h = 1;
    const slope = (2 / Math.sqrt(Math.PI)) * Math.exp(-c * c);
    for (let n = 0; n < degree; n++) {
      table[at + n + 1] = (slope * h) / (n + 1);
      [before, h] = [h, (-2 * (c * h + before)) / (n + 1)];
    }
  }
  return table;
}

/** 2 / sqrt(pi) e^{-c²} sum_n 2^n c^{2n+1} / (2n + 1)!!, whose terms are all positive. */
function erfBySeries(c: number): number {
  let term = c;
  let sum = 0;
  for (let n = 0; term > sum * 1e-18; n++) {
    sum += term;
    term *= (2 * c * c) / (2 * n + 3);
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-c * c) * sum;
}
