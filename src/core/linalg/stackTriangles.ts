/** Squares below this (the rows begin as ones) have decayed to nothing; dividing by them would not be safe. */
const negligible = 1e-200;

/**
 * top <- the triangular factor of `top` stacked on `low`, n x n, the first upper triangular and the second nearly so;
 * `low` is used up. Its last rows are zero while few steps are in it, but how many depends on the modes: the sine of a
 * real mode is a column of zeros, which gets no pivot, and the factor then begins further down.
 */
export function stackTriangles(top: Float64Array, low: Float64Array, n: number): void {
  const filled = filledRows(low, n);
  const v = new Float64Array(n);
  const sums = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    const rows = Math.min(j + 2, filled);
    let norm2 = 0;
    for (let i = 0; i < rows; i++) norm2 += low[i * n + j] * low[i * n + j];
    if (norm2 < negligible) continue;
    const pivot = top[j * n + j];
    const alpha = pivot > 0 ? -Math.sqrt(pivot * pivot + norm2) : Math.sqrt(pivot * pivot + norm2);
    const head = pivot - alpha;
    for (let i = 0; i < rows; i++) v[i] = low[i * n + j];
    const factor = 2 / (head * head + norm2);
    top[j * n + j] = alpha;
    for (let k = j + 1; k < n; k++) sums[k] = head * top[j * n + k];
    for (let i = 0; i < rows; i++) {
      const entry = v[i];
      const row = i * n;
      for (let k = j + 1; k < n; k++) sums[k] += entry * low[row + k];
    }
    for (let k = j + 1; k < n; k++) {
      sums[k] *= factor;
      top[j * n + k] -= sums[k] * head;
    }
    for (let i = 0; i < rows; i++) {
      const entry = v[i];
      const row = i * n;
      for (let k = j + 1; k < n; k++) low[row + k] -= sums[k] * entry;
    }
  }
}

/** How many rows there are up to the last that is not zero. */
export function filledRows(matrix: Float64Array, n: number): number {
  let last = n * n - 1;
  while (last >= 0 && matrix[last] === 0) last--;
  return Math.floor(last / n) + 1;
}
