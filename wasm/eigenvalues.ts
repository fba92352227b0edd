import { addScaled } from './triangles';
import { dot } from './symmetricEigen';

const epsilon: f64 = 2.220446049250313e-16;
const mostSweeps: i32 = 60;

/**
 * Eigenvalues of a real matrix: Householder's reduction to Hessenberg form, then QR steps with two implicit shifts (Golub
 * & Van Loan, Matrix Computations, 7.4 and 7.5). Conjugate eigenvalues stand beside each other.
 *
 * @param a n × n, row-major; used up
 * @param room for n numbers
 * @param values receives n real parts, then n imaginary parts
 * @returns whether all were found
 */
export function eigenvalues(a: usize, n: usize, room: usize, values: usize): bool {
  toHessenberg(a, n, room);
  return hessenbergValues(a, <i32>n, values, values + (n << 3));
}

function toHessenberg(a: usize, n: usize, v: usize): void {
  const row = n << 3;
  for (let k: usize = 0; k + 2 < n; k++) {
    const column = a + (k << 3);
    let norm2: f64 = 0;
    for (let i = k + 2; i < n; i++) {
      const x = load<f64>(column + i * row);
      norm2 += x * x;
    }
    if (norm2 < 1e-300) continue;
    const first = load<f64>(column + (k + 1) * row);
    const length = Math.sqrt(first * first + norm2);
    const alpha = first > 0 ? -length : length;
    const head = first - alpha;
    const factor = 2 / (head * head + norm2);
    const count = n - k - 1;
    store<f64>(v, head);
    for (let i: usize = 1; i < count; i++) {
      store<f64>(v + (i << 3), load<f64>(column + (k + 1 + i) * row));
    }
    store<f64>(column + (k + 1) * row, alpha);
    for (let i = k + 2; i < n; i++) store<f64>(column + i * row, 0);
    // from the left, a column at a time
    for (let j = k + 1; j < n; j++) {
      const top = a + (k + 1) * row + (j << 3);
      let sum: f64 = 0;
      for (let i: usize = 0; i < count; i++)
        sum += load<f64>(v + (i << 3)) * load<f64>(top + i * row);
      sum *= factor;
      for (let i: usize = 0; i < count; i++) {
        const at = top + i * row;
        store<f64>(at, load<f64>(at) - sum * load<f64>(v + (i << 3)));
      }
    }
    // from the right, a row at a time
    for (let i: usize = 0; i < n; i++) {
      const at = a + i * row + ((k + 1) << 3);
      addScaled(at, v, -factor * dot(at, v, count), count);
    }
  }
}

function at(a: usize, n: i32, i: i32, j: i32): usize {
  return a + ((<usize>(i * n + j)) << 3);
}

/** Deflates eigenvalues from the end of a Hessenberg matrix, one or two at a time. */
function hessenbergValues(h: usize, n: i32, re: usize, im: usize): bool {
  let norm: f64 = 0;
  for (let i = 0; i < n; i++) {
    for (let j = max(i - 1, 0); j < n; j++) norm += abs(load<f64>(at(h, n, i, j)));
  }
  if (!isFinite(norm)) return false;
  let shifted: f64 = 0;
  let end = n - 1;
  let sweeps = 0;
  while (end >= 0) {
    const from = unreducedFrom(h, n, end, norm);
    let x = load<f64>(at(h, n, end, end));
    if (from === end) {
      store<f64>(re + ((<usize>end) << 3), x + shifted);
      store<f64>(im + ((<usize>end) << 3), 0);
      end--;
      sweeps = 0;
      continue;
    }
    let y = load<f64>(at(h, n, end - 1, end - 1));
    let w = load<f64>(at(h, n, end, end - 1)) * load<f64>(at(h, n, end - 1, end));
    if (from === end - 1) {
      storeTwo(x, y, w, shifted, re + ((<usize>from) << 3), im + ((<usize>from) << 3));
      end -= 2;
      sweeps = 0;
      continue;
    }
    if (sweeps === mostSweeps) return false;
    sweeps++;
    if (sweeps % 10 === 0) {
      // a shift out of the ordinary breaks cycles
      shifted += x;
      for (let i = 0; i <= end; i++) {
        const p = at(h, n, i, i);
        store<f64>(p, load<f64>(p) - x);
      }
      const s = abs(load<f64>(at(h, n, end, end - 1))) + abs(load<f64>(at(h, n, end - 1, end - 2)));
      x = 0.75 * s;
      y = x;
      w = -0.4375 * s * s;
    }
    doubleStep(h, n, from, end, x, y, w);
  }
  return true;
}

/** The first row of the block that ends at `end` and has no negligible entry below its diagonal. */
function unreducedFrom(h: usize, n: i32, end: i32, norm: f64): i32 {
  let l = end;
  for (; l > 0; l--) {
    let s = abs(load<f64>(at(h, n, l - 1, l - 1))) + abs(load<f64>(at(h, n, l, l)));
    if (s === 0) s = norm;
    if (abs(load<f64>(at(h, n, l, l - 1))) <= epsilon * s) break;
  }
  return l;
}

/** The eigenvalues of [[y, .], [., x]] with w the product of the other two entries. */
function storeTwo(x: f64, y: f64, w: f64, shifted: f64, re: usize, im: usize): void {
  const p = (y - x) / 2;
  const q = p * p + w;
  const z = Math.sqrt(abs(q));
  if (q >= 0) {
    const far = p >= 0 ? p + z : p - z;
    store<f64>(re, x + shifted + far);
    store<f64>(re, far === 0 ? x + shifted : x + shifted - w / far, 8);
    store<f64>(im, 0);
    store<f64>(im, 0, 8);
    return;
  }
  store<f64>(re, x + shifted + p);
  store<f64>(re, x + shifted + p, 8);
  store<f64>(im, z);
  store<f64>(im, -z, 8);
}

/** One QR step with the shifts of the trailing 2 × 2 block on the rows `from` … `end`. */
function doubleStep(h: usize, n: i32, from: i32, end: i32, x: f64, y: f64, w: f64): void {
  let p: f64 = 0;
  let q: f64 = 0;
  let r: f64 = 0;
  let m = end - 2;
  for (; ; m--) {
    const z = load<f64>(at(h, n, m, m));
    const a = x - z;
    const b = y - z;
    p = (a * b - w) / load<f64>(at(h, n, m + 1, m)) + load<f64>(at(h, n, m, m + 1));
    q = load<f64>(at(h, n, m + 1, m + 1)) - z - a - b;
    r = load<f64>(at(h, n, m + 2, m + 1));
    const size = abs(p) + abs(q) + abs(r);
    p /= size;
    q /= size;
    r /= size;
    if (m === from) break;
    const u = abs(load<f64>(at(h, n, m, m - 1))) * (abs(q) + abs(r));
    const v =
      abs(p) *
      (abs(load<f64>(at(h, n, m - 1, m - 1))) + abs(z) + abs(load<f64>(at(h, n, m + 1, m + 1))));
    if (u <= epsilon * v) break;
  }
  for (let i = m + 2; i <= end; i++) {
    store<f64>(at(h, n, i, i - 2), 0);
    if (i > m + 2) store<f64>(at(h, n, i, i - 3), 0);
  }
  for (let k = m; k < end; k++) {
    const three = k !== end - 1;
    if (k !== m) {
      p = load<f64>(at(h, n, k, k - 1));
      q = load<f64>(at(h, n, k + 1, k - 1));
      r = three ? load<f64>(at(h, n, k + 2, k - 1)) : 0;
      const size = abs(p) + abs(q) + abs(r);
      if (size === 0) continue;
      store<f64>(at(h, n, k, k - 1), size);
      p /= size;
      q /= size;
      r /= size;
    }
    const length = Math.sqrt(p * p + q * q + r * r);
    const s = p >= 0 ? length : -length;
    const below = at(h, n, k, k - 1);
    if (k !== m) store<f64>(below, -s * load<f64>(below));
    else if (from !== m) store<f64>(below, -load<f64>(below));
    p += s;
    reflect(h, n, k, from, end, p / s, q / s, r / s, q / p, r / p, three);
  }
}

/** (1, q, r)^T (x, y, z) from the left and from the right on two or three rows and columns. */
function reflect(
  h: usize,
  n: i32,
  k: i32,
  from: i32,
  end: i32,
  x: f64,
  y: f64,
  z: f64,
  q: f64,
  r: f64,
  three: bool,
): void {
  const row = (<usize>n) << 3;
  for (let j = k, p = at(h, n, k, k); j <= end; j++, p += 8) {
    const one = p + row;
    const two = one + row;
    let sum = load<f64>(p) + q * load<f64>(one);
    if (three) {
      sum += r * load<f64>(two);
      store<f64>(two, load<f64>(two) - sum * z);
    }
    store<f64>(one, load<f64>(one) - sum * y);
    store<f64>(p, load<f64>(p) - sum * x);
  }
  const last = min(end, k + 3);
  for (let i = from, p = at(h, n, from, k); i <= last; i++, p += row) {
    let sum = x * load<f64>(p) + y * load<f64>(p, 8);
    if (three) {
      sum += z * load<f64>(p, 16);
      store<f64>(p, load<f64>(p, 16) - sum * r, 16);
    }
    store<f64>(p, load<f64>(p, 8) - sum * q, 8);
    store<f64>(p, load<f64>(p) - sum);
  }
}
