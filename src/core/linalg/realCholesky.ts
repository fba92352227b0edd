/**
 * Cholesky factor of a small real symmetric positive definite matrix, in place: on return the lower triangle of the
 * row-major n x n `a` holds L with L L^T = A (the upper triangle is left alone).
 * @returns false, with `a` half overwritten, if a pivot is not above `leastPivot`
 */
export function choleskyInPlace(a: Float64Array, n: number, leastPivot = 0): boolean {
  for (let j = 0; j < n; j++) {
    const rowJ = j * n;
    let pivot = a[rowJ + j];
    for (let k = 0; k < j; k++) pivot -= a[rowJ + k] * a[rowJ + k];
    if (!(pivot > leastPivot)) return false;
    const diagonal = Math.sqrt(pivot);
    a[rowJ + j] = diagonal;
    for (let i = j + 1; i < n; i++) {
      const rowI = i * n;
      let sum = a[rowI + j];
      for (let k = 0; k < j; k++) sum -= a[rowI + k] * a[rowJ + k];
      a[rowI + j] = sum / diagonal;
    }
  }
  return true;
}

/** Solves L x = b in place for the lower triangle L of a row-major n x n matrix. */
export function solveLower(l: Float64Array, n: number, x: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let sum = x[i];
    for (let k = 0; k < i; k++) sum -= l[i * n + k] * x[k];
    x[i] = sum / l[i * n + i];
  }
}

/** Solves L x = b and L y = c in place, reading L once. */
export function solveLowerPair(l: Float64Array, n: number, x: Float64Array, y: Float64Array): void {
  for (let i = 0; i < n; i++) {
    const row = i * n;
    let s = x[i];
    let t = y[i];
    for (let k = 0; k < i; k++) {
      const factor = l[row + k];
      s -= factor * x[k];
      t -= factor * y[k];
    }
    const inverse = 1 / l[row + i];
    x[i] = s * inverse;
    y[i] = t * inverse;
  }
}

/** Solves L^T x = b in place. */
export function solveLowerTransposed(l: Float64Array, n: number, x: Float64Array): void {
  for (let i = n - 1; i >= 0; i--) {
    let sum = x[i];
    for (let k = i + 1; k < n; k++) sum -= l[k * n + i] * x[k];
    x[i] = sum / l[i * n + i];
  }
}

/** Solves L X = B in place for the n x m row-major right-hand sides. */
export function solveLowerMany(l: Float64Array, n: number, x: Float64Array, m: number): void {
  for (let i = 0; i < n; i++) {
    const row = i * m;
    for (let k = 0; k < i; k++) {
      const factor = l[i * n + k];
      if (factor === 0) continue;
      const other = k * m;
      for (let j = 0; j < m; j++) x[row + j] -= factor * x[other + j];
    }
    const inverse = 1 / l[i * n + i];
    for (let j = 0; j < m; j++) x[row + j] *= inverse;
  }
}
