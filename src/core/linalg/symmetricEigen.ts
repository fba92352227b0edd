/**
 * Eigenvalues and eigenvectors of small dense real symmetric matrices: Householder reduction to tridiagonal form,
 * then QL iterations with implicit Wilkinson shifts (Golub & Van Loan, Matrix Computations, 8.3). Ours rather than a
 * library's because it runs once in every Newton iteration of every system and must not allocate.
 */
export interface SymmetricEigen {
  /** Ascending. */
  readonly values: Float64Array;
  /** Row-major n x n; row j is the unit eigenvector of values[j]. */
  readonly vectors: Float64Array;
}

/** Scratch of the largest n so far: the eigenproblems of a search are small and many. */
let offDiagonal = new Float64Array(0);
let reflectorScale = new Float64Array(0);
let rowSums = new Float64Array(0);

function reserve(n: number): void {
  if (offDiagonal.length >= n) return;
  offDiagonal = new Float64Array(n);
  reflectorScale = new Float64Array(n);
  rowSums = new Float64Array(n);
}

const maxSweeps = 60;
/** Entries of a matrix scaled to 1 whose squares stay below this are as good as zero, and not safe to divide by. */
const negligibleSquare = 1e-60;

/**
 * Accurate to a few units in the last place of the largest magnitude among the values. Decomposes A = V^T diag(values) V.
 * @param matrix row-major n x n; only its symmetric part's lower triangle is read; left unchanged
 * @param into reused result of an earlier call of the same n, to spare the allocation
 */
export function symmetricEigen(
  matrix: Float64Array,
  n: number,
  into: SymmetricEigen = { values: new Float64Array(n), vectors: new Float64Array(n * n) },
): SymmetricEigen {
  const { values, vectors } = into;
  const scale = scaleFrom(matrix, n, vectors);
  reserve(n);
  tridiagonalise(vectors, n, values, offDiagonal);
  transpose(vectors, n);
  implicitQl(vectors, n, values, offDiagonal);
  sortAscending(vectors, n, values);
  for (let i = 0; i < n; i++) values[i] *= scale;
  return into;
}

/** The matrix divided by its largest magnitude, both triangles from the lower one. Returns that magnitude. */
export function scaleFrom(matrix: Float64Array, n: number, out: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) largest = Math.max(largest, Math.abs(matrix[i * n + j]));
  }
  const scale = largest === 0 ? 1 : largest;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) out[i * n + j] = out[j * n + i] = matrix[i * n + j] / scale;
  }
  return scale;
}

/** On return `v` holds the orthogonal Q with Q^T A Q tridiagonal: diagonal in `d`, subdiagonal in `e[1 … n-1]`. */
function tridiagonalise(v: Float64Array, n: number, d: Float64Array, e: Float64Array): void {
  const scale = reflectorScale;
  scale[0] = 0;
  for (let i = n - 1; i >= 1; i--) {
    // Householder vector u from row i left of the diagonal, stored in place; H = I - u u^T / h
    let norm2 = 0;
    for (let k = 0; k < i - 1; k++) norm2 += v[i * n + k] * v[i * n + k];
    const last = v[i * n + i - 1];
    if (norm2 < negligibleSquare) {
      e[i] = last;
      scale[i] = 0;
      continue;
    }
    norm2 += last * last;
    const g = last >= 0 ? -Math.sqrt(norm2) : Math.sqrt(norm2);
    e[i] = g;
    const h = norm2 - last * g;
    v[i * n + i - 1] = last - g;
    scale[i] = h;
    applyHouseholder(v, n, i, h, e);
  }
  accumulate(v, n, d, scale);
}

/** A <- H A H on the leading i x i block, with u in row i; e[0 … i-1] is scratch. */
function applyHouseholder(v: Float64Array, n: number, i: number, h: number, e: Float64Array): void {
  const row = i * n;
  for (let j = 0; j < i; j++) {
    let sum = 0;
    for (let k = 0; k <= j; k++) sum += v[j * n + k] * v[row + k];
    for (let k = j + 1; k < i; k++) sum += v[k * n + j] * v[row + k];
    e[j] = sum / h;
  }
  let inner = 0;
  for (let j = 0; j < i; j++) inner += e[j] * v[row + j];
  const half = inner / (2 * h);
  for (let j = 0; j < i; j++) {
    const uj = v[row + j];
    const ej = e[j] - half * uj;
    e[j] = ej;
    for (let k = 0; k <= j; k++) v[j * n + k] -= uj * e[k] + ej * v[row + k];
  }
}

/** Multiplies the reflections together into v and moves the diagonal into d. */
function accumulate(v: Float64Array, n: number, d: Float64Array, scale: Float64Array): void {
  const sums = rowSums;
  for (let i = 0; i < n; i++) {
    const h = scale[i];
    if (h !== 0) {
      sums.fill(0, 0, i);
      for (let k = 0; k < i; k++) {
        const factor = v[i * n + k] / h;
        for (let j = 0; j < i; j++) sums[j] += factor * v[k * n + j];
      }
      for (let k = 0; k < i; k++) {
        const factor = v[i * n + k];
        for (let j = 0; j < i; j++) v[k * n + j] -= factor * sums[j];
      }
    }
    d[i] = v[i * n + i];
    v[i * n + i] = 1;
    for (let j = 0; j < i; j++) {
      v[i * n + j] = 0;
      v[j * n + i] = 0;
    }
  }
}

/** Rows then rotate in contiguous memory. */
function transpose(v: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const kept = v[i * n + j];
      v[i * n + j] = v[j * n + i];
      v[j * n + i] = kept;
    }
  }
}

/** QL iterations on the tridiagonal matrix (d, e), rotating the rows of v along. */
function implicitQl(v: Float64Array, n: number, d: Float64Array, e: Float64Array): void {
  for (let i = 1; i < n; i++) e[i - 1] = e[i];
  e[n - 1] = 0;
  let norm = 0;
  for (let i = 0; i < n; i++) norm = Math.max(norm, Math.abs(d[i]) + Math.abs(e[i]));
  const negligible = 2 ** -54 * norm;
  for (let l = 0; l < n; l++) {
    for (let sweep = 0; sweep < maxSweeps; sweep++) {
      let m = l;
      while (m < n - 1 && Math.abs(e[m]) > negligible) m++;
      if (m === l) break;
      qlSweep(v, n, d, e, l, m);
    }
  }
}

/** One implicit QL step on the unreduced block l … m. */
function qlSweep(
  v: Float64Array,
  n: number,
  d: Float64Array,
  e: Float64Array,
  l: number,
  m: number,
): void {
  const theta = (d[l + 1] - d[l]) / (2 * e[l]);
  const root = Math.hypot(theta, 1);
  let g = d[m] - d[l] + e[l] / (theta + (theta >= 0 ? root : -root));
  let s = 1;
  let c = 1;
  let p = 0;
  for (let i = m - 1; i >= l; i--) {
    const f = s * e[i];
    const b = c * e[i];
    const r = Math.sqrt(f * f + g * g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1] -= p;
      e[m] = 0;
      return;
    }
    s = f / r;
    c = g / r;
    const q = d[i + 1] - p;
    const t = (d[i] - q) * s + 2 * c * b;
    p = s * t;
    d[i + 1] = q + p;
    g = c * t - b;
    const row = i * n;
    const next = row + n;
    for (let k = 0; k < n; k++) {
      const left = v[row + k];
      const right = v[next + k];
      v[next + k] = s * left + c * right;
      v[row + k] = c * left - s * right;
    }
  }
  d[l] -= p;
  e[l] = g;
  e[m] = 0;
}

/** Sorts values with the rows of v that belong to them. */
export function sortAscending(v: Float64Array, n: number, d: Float64Array): void {
  for (let i = 0; i < n - 1; i++) {
    let least = i;
    for (let j = i + 1; j < n; j++) if (d[j] < d[least]) least = j;
    if (least === i) continue;
    [d[i], d[least]] = [d[least], d[i]];
    for (let k = 0; k < n; k++) {
      const kept = v[i * n + k];
      v[i * n + k] = v[least * n + k];
      v[least * n + k] = kept;
    }
  }
}
