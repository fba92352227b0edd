import { addScaled } from './triangles';

/**
 * Eigenvalues and eigenvectors of a symmetric matrix by the steps of src/core/linalg/symmetricEigen: Householder's
 * reduction to tridiagonal form, then implicit QL. The caller has scaled the matrix and sorts what comes out.
 *
 * @param v the matrix, both triangles, n × n; becomes the eigenvectors, one a row
 * @param d receives the eigenvalues
 * @param room for 3 n numbers
 */
export function symmetricEigen(v: usize, n: usize, d: usize, room: usize): void {
  const e = room;
  const scale = room + (n << 3);
  const sums = room + (n << 4);
  tridiagonalise(v, n, e, scale);
  accumulate(v, n, d, scale, sums);
  transpose(v, n);
  implicitQl(v, n, d, e);
}

function tridiagonalise(v: usize, n: usize, e: usize, scale: usize): void {
  store<f64>(scale, 0);
  for (let i = n - 1; i >= 1; i--) {
    const row = v + ((i * n) << 3);
    const last = load<f64>(row + ((i - 1) << 3));
    let norm2 = dot(row, row, i - 1);
    if (norm2 < 1e-60) {
      store<f64>(e + (i << 3), last);
      store<f64>(scale + (i << 3), 0);
      continue;
    }
    norm2 += last * last;
    const length = Math.sqrt(norm2);
    const g = last >= 0 ? -length : length;
    const h = norm2 - last * g;
    store<f64>(row + ((i - 1) << 3), last - g);
    store<f64>(scale + (i << 3), h);
    applyHouseholder(v, n, i, h, e);
    store<f64>(e + (i << 3), g);
  }
}

/** A <- H A H on the leading i × i block with u in row i; the first i numbers of e are scratch. Both triangles are kept. */
function applyHouseholder(v: usize, n: usize, i: usize, h: f64, e: usize): void {
  const u = v + ((i * n) << 3);
  const step = n << 3;
  for (let j: usize = 0, row = v; j < i; j++, row += step) {
    store<f64>(e + (j << 3), dot(row, u, i) / h);
  }
  addScaled(e, u, -dot(e, u, i) / (2 * h), i);
  for (let j: usize = 0, row = v; j < i; j++, row += step) {
    addScaled(row, e, -load<f64>(u + (j << 3)), i);
    addScaled(row, u, -load<f64>(e + (j << 3)), i);
  }
}

/** Multiplies the reflections together into v and moves the diagonal into d. */
function accumulate(v: usize, n: usize, d: usize, scale: usize, sums: usize): void {
  const step = n << 3;
  for (let i: usize = 0; i < n; i++) {
    const row = v + i * step;
    const h = load<f64>(scale + (i << 3));
    if (h !== 0) {
      memory.fill(sums, 0, i << 3);
      for (let k: usize = 0; k < i; k++) {
        addScaled(sums, v + k * step, load<f64>(row + (k << 3)) / h, i);
      }
      for (let k: usize = 0; k < i; k++) {
        addScaled(v + k * step, sums, -load<f64>(row + (k << 3)), i);
      }
    }
    const diagonal = row + (i << 3);
    store<f64>(d + (i << 3), load<f64>(diagonal));
    store<f64>(diagonal, 1);
    for (let j: usize = 0; j < i; j++) {
      store<f64>(row + (j << 3), 0);
      store<f64>(v + j * step + (i << 3), 0);
    }
  }
}

function transpose(v: usize, n: usize): void {
  for (let i: usize = 1; i < n; i++) {
    for (let j: usize = 0; j < i; j++) {
      const a = v + ((i * n + j) << 3);
      const b = v + ((j * n + i) << 3);
      const kept = load<f64>(a);
      store<f64>(a, load<f64>(b));
      store<f64>(b, kept);
    }
  }
}

function implicitQl(v: usize, n: usize, d: usize, e: usize): void {
  for (let i: usize = 1; i < n; i++) store<f64>(e + ((i - 1) << 3), load<f64>(e + (i << 3)));
  store<f64>(e + ((n - 1) << 3), 0);
  let norm: f64 = 0;
  for (let i: usize = 0; i < n; i++) {
    norm = max(norm, abs(load<f64>(d + (i << 3))) + abs(load<f64>(e + (i << 3))));
  }
  const negligible = norm * 5.551115123125783e-17; // 2^-54
  for (let l: usize = 0; l < n; l++) {
    for (let sweep = 0; sweep < 60; sweep++) {
      let m = l;
      while (m < n - 1 && abs(load<f64>(e + (m << 3))) > negligible) m++;
      if (m === l) break;
      qlSweep(v, n, d, e, l, m);
    }
  }
}

/** One implicit QL step on the unreduced block l … m. */
function qlSweep(v: usize, n: usize, d: usize, e: usize, l: usize, m: usize): void {
  const el = load<f64>(e + (l << 3));
  const dl = load<f64>(d + (l << 3));
  const theta = (load<f64>(d + ((l + 1) << 3)) - dl) / (2 * el);
  const root = abs(theta) > 1e150 ? abs(theta) : Math.sqrt(theta * theta + 1);
  let g = load<f64>(d + (m << 3)) - dl + el / (theta + (theta >= 0 ? root : -root));
  let s: f64 = 1;
  let c: f64 = 1;
  let p: f64 = 0;
  for (let i = m - 1; ; i--) {
    const at = i << 3;
    const f = s * load<f64>(e + at);
    const b = c * load<f64>(e + at);
    const r = Math.sqrt(f * f + g * g);
    store<f64>(e + at, r, 8);
    if (r === 0) {
      store<f64>(d + at, load<f64>(d + at, 8) - p, 8);
      store<f64>(e + (m << 3), 0);
      return;
    }
    s = f / r;
    c = g / r;
    const q = load<f64>(d + at, 8) - p;
    const t = (load<f64>(d + at) - q) * s + 2 * c * b;
    p = s * t;
    store<f64>(d + at, q + p, 8);
    g = c * t - b;
    rotate(v + ((i * n) << 3), n, c, s);
    if (i === l) break;
  }
  store<f64>(d + (l << 3), load<f64>(d + (l << 3)) - p);
  store<f64>(e + (l << 3), g);
  store<f64>(e + (m << 3), 0);
}

/** Rotates a row and the one after it. */
function rotate(row: usize, n: usize, c: f64, s: f64): void {
  const next = n << 3;
  const end = row + ((n >> 1) << 4);
  const cosine = f64x2.splat(c);
  const sine = f64x2.splat(s);
  for (; row < end; row += 16) {
    const left = v128.load(row);
    const right = v128.load(row + next);
    v128.store(row + next, f64x2.add(f64x2.mul(sine, left), f64x2.mul(cosine, right)));
    v128.store(row, f64x2.sub(f64x2.mul(cosine, left), f64x2.mul(sine, right)));
  }
  if (n & 1) {
    const left = load<f64>(row);
    const right = load<f64>(row + next);
    store<f64>(row + next, s * left + c * right);
    store<f64>(row, c * left - s * right);
  }
}

export function dot(x: usize, y: usize, count: usize): f64 {
  const end = x + ((count >> 1) << 4);
  let sum = f64x2.splat(0);
  for (; x < end; x += 16, y += 16) sum = f64x2.add(sum, f64x2.mul(v128.load(x), v128.load(y)));
  const total = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
  return count & 1 ? total + load<f64>(x) * load<f64>(y) : total;
}
