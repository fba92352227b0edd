/** Products of real row-major matrices, for inner loops that must not allocate. */

/** out (n × m) = A (n × k) B (k × m). */
export function multiplyReal(
  A: Float64Array,
  B: Float64Array,
  out: Float64Array,
  n: number,
  k: number,
  m: number,
): void {
  out.fill(0, 0, n * m);
  for (let i = 0; i < n; i++) {
    const row = i * m;
    for (let l = 0; l < k; l++) {
      const factor = A[i * k + l];
      if (factor === 0) continue;
      const from = l * m;
      for (let j = 0; j < m; j++) out[row + j] += factor * B[from + j];
    }
  }
}

/** out (n × m) = A^T B with A (k × n), B (k × m). */
export function multiplyTransposed(
  A: Float64Array,
  B: Float64Array,
  out: Float64Array,
  n: number,
  k: number,
  m: number,
): void {
  out.fill(0, 0, n * m);
  for (let l = 0; l < k; l++) {
    const from = l * m;
    for (let i = 0; i < n; i++) {
      const factor = A[l * n + i];
      if (factor === 0) continue;
      const row = i * m;
      for (let j = 0; j < m; j++) out[row + j] += factor * B[from + j];
    }
  }
}

/** out (n × m) = A B^T with A (n × k), B (m × k). */
export function multiplyByTransposed(
  A: Float64Array,
  B: Float64Array,
  out: Float64Array,
  n: number,
  k: number,
  m: number,
): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      const [p, q] = [i * k, j * k];
      let sum = 0;
      for (let l = 0; l < k; l++) sum += A[p + l] * B[q + l];
      out[i * m + j] = sum;
    }
  }
}
