import { dot } from './symmetricEigen';

/**
 * A = D L L^T D with unit diagonal of the scaled matrix, as `factorScaledInto` of src/core/objective/realGram; L takes the
 * place of the lower triangle of A.
 *
 * @param scale receives D
 * @returns false where A is numerically singular
 */
export function factorScaled(a: usize, n: usize, scale: usize): bool {
  const step = n << 3;
  let largest: f64 = 0;
  for (let i: usize = 0; i < n; i++) {
    const size = Math.sqrt(max(load<f64>(a + i * step + (i << 3)), 1e-300));
    store<f64>(scale + (i << 3), size);
    largest = max(largest, size);
  }
  for (let i: usize = 0; i < n; i++) {
    const at = scale + (i << 3);
    store<f64>(at, max(load<f64>(at), 1e-9 * largest));
  }
  for (let i: usize = 0; i < n; i++) {
    const row = a + i * step;
    const own = load<f64>(scale + (i << 3));
    for (let j: usize = 0; j < i; j++) {
      const other = a + j * step;
      const at = row + (j << 3);
      const entry = load<f64>(at) / (own * load<f64>(scale + (j << 3)));
      store<f64>(at, (entry - dot(row, other, j)) / load<f64>(other + (j << 3)));
    }
    const at = row + (i << 3);
    const pivot = load<f64>(at) / (own * own) - dot(row, row, i);
    if (!(pivot > 1e-15)) return false;
    store<f64>(at, Math.sqrt(pivot));
  }
  return true;
}

/** Both entries of a symmetric matrix. */
export function storeBoth(matrix: usize, n: usize, i: usize, j: usize, value: f64): void {
  store<f64>(matrix + ((i * n + j) << 3), value);
  store<f64>(matrix + ((j * n + i) << 3), value);
}
