/** Rows of a pass over the columns, few enough that all of them stay in the fast caches. */
const chunk = 256;

/**
 * Inner products of columns [from, to) with columns [0, to) of a matrix stored column after column: entry (i, j) for
 * j <= i at i * stride + j. The hot loop of the calibrated search: two by two columns share their loads.
 *
 * @param rows length of a column
 * @param out row-major with `stride` entries a row; only the lower triangle of the rows asked for is written
 */
export function gram(
  columns: Float64Array,
  rows: number,
  from: number,
  to: number,
  out: Float64Array,
  stride: number,
): void {
  for (let i = from; i < to; i++) out.fill(0, i * stride, i * stride + i + 1);
  for (let start = 0; start < rows; start += chunk) {
    const end = Math.min(rows, start + chunk);
    let i = from;
    for (; i + 1 < to; i += 2) {
      const [a, b] = [i * rows, (i + 1) * rows];
      let j = 0;
      for (; j + 1 <= i; j += 2) {
        const [c, d] = [j * rows, (j + 1) * rows];
        let [ac, ad, bc, bd] = [0, 0, 0, 0];
        for (let k = start; k < end; k++) {
          const x = columns[a + k];
          const y = columns[b + k];
          const u = columns[c + k];
          const v = columns[d + k];
          ac += x * u;
          ad += x * v;
          bc += y * u;
          bd += y * v;
        }
        out[i * stride + j] += ac;
        out[i * stride + j + 1] += ad;
        out[(i + 1) * stride + j] += bc;
        out[(i + 1) * stride + j + 1] += bd;
      }
      for (; j <= i + 1; j++) {
        const c = j * rows;
        let [ac, bc] = [0, 0];
        for (let k = start; k < end; k++) {
          ac += columns[a + k] * columns[c + k];
          bc += columns[b + k] * columns[c + k];
        }
        if (j <= i) out[i * stride + j] += ac;
        out[(i + 1) * stride + j] += bc;
      }
    }
    for (; i < to; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = 0;
        const [a, c] = [i * rows, j * rows];
        for (let k = start; k < end; k++) sum += columns[a + k] * columns[c + k];
        out[i * stride + j] += sum;
      }
    }
  }
}

/**
 * out = values - sum_i u_i column_i over the first `count` columns.
 *
 * @returns the sum of squares of `out`
 */
export function residual(
  columns: Float64Array,
  rows: number,
  count: number,
  u: Float64Array,
  values: Float64Array,
  out: Float64Array,
): number {
  out.set(values);
  for (let i = 0; i < count; i++) {
    const [at, factor] = [i * rows, u[i]];
    for (let k = 0; k < rows; k++) out[k] -= factor * columns[at + k];
  }
  let squares = 0;
  for (let k = 0; k < rows; k++) squares += out[k] * out[k];
  return squares;
}

/**
 * Inner products of all columns of x with all columns of y, both stored column after column: entry (i, j) at
 * i * yCount + j.
 */
export function innerProducts(
  x: Float64Array,
  xCount: number,
  y: Float64Array,
  yCount: number,
  rows: number,
  out: Float64Array,
): void {
  out.fill(0, 0, xCount * yCount);
  for (let start = 0; start < rows; start += chunk) {
    const end = Math.min(rows, start + chunk);
    for (let j = 0; j < yCount; j += 2) {
      const c = j * rows;
      const d = j + 1 < yCount ? c + rows : c;
      for (let i = 0; i < xCount; i += 2) {
        const a = i * rows;
        const b = i + 1 < xCount ? a + rows : a;
        let [ac, ad, bc, bd] = [0, 0, 0, 0];
        for (let k = start; k < end; k++) {
          const p = x[a + k];
          const q = x[b + k];
          const u = y[c + k];
          const v = y[d + k];
          ac += p * u;
          ad += p * v;
          bc += q * u;
          bd += q * v;
        }
        const at = i * yCount + j;
        out[at] += ac;
        if (d !== c) out[at + 1] += ad;
        if (b === a) continue;
        out[at + yCount] += bc;
        if (d !== c) out[at + yCount + 1] += bd;
      }
    }
  }
}
