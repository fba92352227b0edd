import { factorScaled, storeBoth } from './factor';
import { found, modeSums } from './modeSums';
import { addScaled, scaleInto } from './triangles';

/**
 * `eliminateModes` of src/core/start/backwardElimination: from all modes of a system, deletes again and again the one
 * whose loss costs least, until few are left.
 *
 * @param poles six rows of `stride` numbers, even (see fitSums), then two rows of weights
 * @param keep how many are left
 * @param ridge see `realGram` of src/core/objective/realGram
 * @param room for 8 count² + 8 count numbers
 * @param alive receives for every mode whether it is left, as 32-bit integers
 * @returns false where the Gram matrix is numerically singular
 */
export function eliminateModes(
  poles: usize,
  count: usize,
  stride: usize,
  keep: usize,
  horizon: f64,
  ridge: f64,
  room: usize,
  alive: usize,
): bool {
  const n = count << 1;
  const square = (n * n) << 3;
  const inverse = room + square;
  const scale = inverse + square;
  const u = scale + (n << 3);
  const scratch = u + (n << 3);
  fillGram(poles, count, stride, horizon, ridge, room);
  if (!factorScaled(room, n, scale)) return false;
  invert(room, n, inverse);
  const weights = poles + 6 * (stride << 3);
  for (let i: usize = 0; i < count; i++) {
    const at = i << 3;
    const late = (i + count) << 3;
    store<f64>(u + at, load<f64>(weights + at) * load<f64>(scale + at));
    store<f64>(u + late, load<f64>(weights + at + (stride << 3)) * load<f64>(scale + late));
    store<i32>(alive + (i << 2), 1);
  }
  for (let left = count; left > keep; left--) {
    const deleted = cheapest(inverse, u, count, alive);
    store<i32>(alive + (deleted << 2), 0);
    remove(inverse, u, count, deleted, alive, scratch);
  }
  return true;
}

/** Gram matrix of the real columns Re e^{ak}, Re i e^{ak}: its lower triangle and more. */
function fillGram(
  poles: usize,
  count: usize,
  stride: usize,
  horizon: f64,
  ridge: f64,
  gram: usize,
): void {
  const row = stride << 3;
  const half = f64x2.splat(0.5);
  for (let i: usize = 0; i < count; i++) {
    const one = poles + (i << 3);
    const x0 = v128.load_splat<f64>(one);
    const y0 = v128.load_splat<f64>(one + row);
    const c = v128.load_splat<f64>(one + 2 * row);
    const d = v128.load_splat<f64>(one + 3 * row);
    const e = v128.load_splat<f64>(one + 4 * row);
    const f = v128.load_splat<f64>(one + 5 * row);
    for (let j = i & ~1; j < count; j += 2) {
      const other = poles + (j << 3);
      const x = f64x2.add(x0, v128.load(other));
      const y = v128.load(other + row);
      const r = v128.load(other + 2 * row);
      const s = v128.load(other + 3 * row);
      const endRe = v128.load(other + 4 * row);
      const endIm = v128.load(other + 5 * row);
      modeSums(
        x,
        f64x2.sub(y, y0),
        f64x2.add(f64x2.mul(r, c), f64x2.mul(s, d)),
        f64x2.sub(f64x2.mul(s, c), f64x2.mul(r, d)),
        f64x2.add(f64x2.mul(endRe, e), f64x2.mul(endIm, f)),
        f64x2.sub(f64x2.mul(endIm, e), f64x2.mul(endRe, f)),
        horizon,
        0,
      );
      let sr = v128.load(found);
      const si = v128.load(found, 16);
      if (i === j) sr = f64x2.mul(sr, f64x2(1 + ridge, 1));
      if (i === j + 1) sr = f64x2.mul(sr, f64x2(1, 1 + ridge));
      modeSums(
        x,
        f64x2.add(y, y0),
        f64x2.sub(f64x2.mul(r, c), f64x2.mul(s, d)),
        f64x2.add(f64x2.mul(s, c), f64x2.mul(r, d)),
        f64x2.sub(f64x2.mul(endRe, e), f64x2.mul(endIm, f)),
        f64x2.add(f64x2.mul(endIm, e), f64x2.mul(endRe, f)),
        horizon,
        0,
      );
      const tr = v128.load(found);
      const ti = v128.load(found, 16);
      const rr = f64x2.mul(half, f64x2.add(sr, tr));
      const ri = f64x2.neg(f64x2.mul(half, f64x2.add(si, ti)));
      const ir = f64x2.mul(half, f64x2.sub(si, ti));
      const ii = f64x2.mul(half, f64x2.sub(sr, tr));
      storeFour(gram, count, i, j, 0, rr, ri, ir, ii);
      if (j + 1 < count) storeFour(gram, count, i, j + 1, 1, rr, ri, ir, ii);
    }
  }
}

function lane(v: v128, k: i32): f64 {
  return k === 0 ? f64x2.extract_lane(v, 0) : f64x2.extract_lane(v, 1);
}

/** The products of columns i and j and of their quadratures, at both places of the symmetric matrix. */
function storeFour(
  gram: usize,
  count: usize,
  i: usize,
  j: usize,
  k: i32,
  rr: v128,
  ri: v128,
  ir: v128,
  ii: v128,
): void {
  const n = count << 1;
  storeBoth(gram, n, i, j, lane(rr, k));
  storeBoth(gram, n, i, j + count, lane(ri, k));
  storeBoth(gram, n, i + count, j, lane(ir, k));
  storeBoth(gram, n, i + count, j + count, lane(ii, k));
}

/** inverse <- (L L^T)^{-1}; the inverse of L takes its place. */
function invert(lower: usize, n: usize, inverse: usize): void {
  const step = n << 3;
  // the first row of `inverse` holds a row of L meanwhile
  for (let i: usize = 0; i < n; i++) {
    const row = lower + i * step;
    memory.copy(inverse, row, (i + 1) << 3);
    memory.fill(row, 0, i << 3);
    for (let k: usize = 0; k < i; k++) {
      addScaled(row, lower + k * step, -load<f64>(inverse + (k << 3)), k + 1);
    }
    const diagonal = 1 / load<f64>(inverse + (i << 3));
    store<f64>(row + (i << 3), 1);
    scaleInto(row, row, diagonal, i + 1);
  }
  memory.fill(inverse, 0, n * step);
  for (let k: usize = 0; k < n; k++) {
    const row = lower + k * step;
    for (let i: usize = 0; i <= k; i++) {
      addScaled(inverse + i * step, row, load<f64>(row + (i << 3)), i + 1);
    }
  }
  for (let i: usize = 0; i < n; i++) {
    for (let j: usize = 0; j < i; j++) {
      store<f64>(inverse + j * step + (i << 3), load<f64>(inverse + i * step + (j << 3)));
    }
  }
}

/** The mode of the least `deletionCost` of src/core/objective/realGram. */
function cheapest(inverse: usize, u: usize, count: usize, alive: usize): usize {
  const n = count << 1;
  let best = count;
  let least = Infinity;
  for (let j: usize = 0; j < count; j++) {
    if (load<i32>(alive + (j << 2)) === 0) continue;
    if (best === count) best = j;
    const row = inverse + ((j * n) << 3);
    const a = load<f64>(row + (j << 3));
    const b = load<f64>(row + ((j + count) << 3));
    const c = load<f64>(inverse + (((j + count) * (n + 1)) << 3));
    const x = load<f64>(u + (j << 3));
    const y = load<f64>(u + ((j + count) << 3));
    const cost = (x * x * c - 2 * x * y * b + y * y * a) / max(a * c - b * b, 1e-300);
    if (cost < least) {
      least = cost;
      best = j;
    }
  }
  return best;
}

/** The inverse and the weights without mode j, for the modes that are left. */
function remove(inverse: usize, u: usize, count: usize, j: usize, alive: usize, room: usize): void {
  const n = count << 1;
  const step = n << 3;
  const p = j << 3;
  const q = (j + count) << 3;
  const first = room;
  const second = room + step;
  memory.copy(first, inverse + j * step, step);
  memory.copy(second, inverse + (j + count) * step, step);
  const a = load<f64>(first + p);
  const b = load<f64>(first + q);
  const c = load<f64>(second + q);
  const determinant = max(a * c - b * b, 1e-300);
  const x = load<f64>(u + p);
  const y = load<f64>(u + q);
  for (let i: usize = 0; i < n; i++) {
    if (load<i32>(alive + ((i < count ? i : i - count) << 2)) === 0) continue;
    const row = inverse + i * step;
    const g = load<f64>(row + p);
    const h = load<f64>(row + q);
    const s = (g * c - h * b) / determinant;
    const t = (h * a - g * b) / determinant;
    const at = u + (i << 3);
    store<f64>(at, load<f64>(at) - (s * x + t * y));
    addScaled(row, first, -s, n);
    addScaled(row, second, -t, n);
  }
}
