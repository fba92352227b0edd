/**
 * y = W x for signals of many positions: W is rows × inner, x is inner × length, both row-major (x feature after
 * feature), y is rows × length. Two rows and four positions at a time, so that eight sums stay in registers; the
 * positions are packed first, since their stride in x is often a power of two, which caches hold badly.
 */
export function multiply(
  W: Float64Array,
  x: Float64Array,
  rows: number,
  inner: number,
  length: number,
): Float64Array {
  const y = new Float64Array(rows * length);
  const panel = new Float64Array(4 * inner);
  for (let t = 0; t < length; t += 4) {
    const width = Math.min(4, length - t);
    pack(x, inner, length, t, width, panel);
    if (width === 4) multiplyPanel(W, panel, rows, inner, length, t, y);
    else multiplyLast(W, panel, rows, inner, length, t, width, y);
  }
  return y;
}

function pack(
  x: Float64Array,
  inner: number,
  length: number,
  t: number,
  width: number,
  panel: Float64Array,
): void {
  if (width < 4) panel.fill(0);
  for (let k = 0, from = t, to = 0; k < inner; k++, from += length, to += 4) {
    for (let s = 0; s < width; s++) panel[to + s] = x[from + s];
  }
}

function multiplyPanel(
  W: Float64Array,
  panel: Float64Array,
  rows: number,
  inner: number,
  length: number,
  t: number,
  y: Float64Array,
): void {
  let i = 0;
  for (; i + 2 <= rows; i += 2) {
    let [a0, a1, a2, a3] = [0, 0, 0, 0];
    let [b0, b1, b2, b3] = [0, 0, 0, 0];
    const [first, second] = [i * inner, (i + 1) * inner];
    for (let k = 0, p = 0; k < inner; k++, p += 4) {
      const x0 = panel[p];
      const x1 = panel[p + 1];
      const x2 = panel[p + 2];
      const x3 = panel[p + 3];
      const v = W[first + k];
      const w = W[second + k];
      a0 += v * x0;
      a1 += v * x1;
      a2 += v * x2;
      a3 += v * x3;
      b0 += w * x0;
      b1 += w * x1;
      b2 += w * x2;
      b3 += w * x3;
    }
    const at = i * length + t;
    y[at] = a0;
    y[at + 1] = a1;
    y[at + 2] = a2;
    y[at + 3] = a3;
    y[at + length] = b0;
    y[at + length + 1] = b1;
    y[at + length + 2] = b2;
    y[at + length + 3] = b3;
  }
  if (i < rows) multiplyRow(W, panel, i, inner, length, t, 4, y);
}

function multiplyLast(
  W: Float64Array,
  panel: Float64Array,
  rows: number,
  inner: number,
  length: number,
  t: number,
  width: number,
  y: Float64Array,
): void {
  for (let i = 0; i < rows; i++) multiplyRow(W, panel, i, inner, length, t, width, y);
}

function multiplyRow(
  W: Float64Array,
  panel: Float64Array,
  i: number,
  inner: number,
  length: number,
  t: number,
  width: number,
  y: Float64Array,
): void {
  for (let s = 0; s < width; s++) {
    let sum = 0;
    for (let k = 0; k < inner; k++) sum += W[i * inner + k] * panel[4 * k + s];
    y[i * length + t + s] = sum;
  }
}
