import { eigenvalues } from './eigenvalues';
import { storeBoth } from './factor';
import { found, modeSums } from './modeSums';
import { dot } from './symmetricEigen';
import { addScaled, scaleInto } from './triangles';

/*
 * States are stored as all real parts, then all imaginary parts, with a zero where a row of them is one longer than there
 * are modes.
 */

/**
 * The eigenvalues of `projectedDynamics` of src/core/start/realProjection.
 *
 * @param full ten rows of `stride` numbers, even: the poles' six (see fitSums), real and imaginary parts of the weights,
 *   zero behind the last, and of the dynamics
 * @param count of modes
 * @param probes six rows of `many` numbers
 * @param horizon 0 for an infinite one
 * @param room for 12 many stride + 8 many² numbers
 * @param values receives the real parts, then the imaginary parts; 2 many each at most
 * @returns how many there are; -1 where the projection does not exist or they were not found
 */
export function realProjection(
  full: usize,
  count: usize,
  stride: usize,
  probes: usize,
  many: usize,
  horizon: f64,
  room: usize,
  values: usize,
): i32 {
  const size = stride << 1;
  const images = room + ((many * size) << 4);
  const left = images + ((many * size) << 4);
  const order = basisOf(full, count, stride, probes, many, horizon, room, left);
  if (order === 0) return -1;
  const gram = left + ((many * size) << 4);
  const next = gram + ((order * order) << 3);
  for (let j: usize = 0; j < order; j++) {
    const v = room + ((j * size) << 3);
    readout(full, stride, v, images + ((j * size) << 3));
    step(full, stride, v, left);
    const moved = left + (size << 3);
    readout(full, stride, left, moved);
    for (let i: usize = 0; i <= j; i++) {
      const u = room + ((i * size) << 3);
      storeBoth(gram, order, i, j, dot(u, images + ((j * size) << 3), size));
      storeBoth(next, order, i, j, dot(u, moved, size));
    }
  }
  if (!solve(gram, next, order)) return -1;
  return eigenvalues(next, order, gram, values) ? <i32>order : -1;
}

/** Orthonormal real basis of sum_t x_t e^{bt} and its conjugate for every pole b; returns its size. */
function basisOf(
  full: usize,
  count: usize,
  stride: usize,
  probes: usize,
  many: usize,
  horizon: f64,
  basis: usize,
  room: usize,
): usize {
  const row = stride << 3;
  let size: usize = 0;
  const re = room;
  const im = room + 2 * row;
  for (let j: usize = 0; j < many; j++) {
    for (let i: usize = 0; i < row; i += 16)
      crossSums(full + i, row, probes + (j << 3), many << 3, horizon, re + i, im + i, row);
    if (count < stride) {
      const last = row - 8;
      store<f64>(re + last, 0);
      store<f64>(re + last + row, 0);
      store<f64>(im + last, 0);
      store<f64>(im + last + row, 0);
    }
    size = addOrthonormal(basis, size, re, stride << 1);
    const phase = load<f64>(probes + ((many + j) << 3));
    if (phase !== 0 && abs(phase) !== Math.PI) size = addOrthonormal(basis, size, im, stride << 1);
  }
  return size;
}

/** Real and imaginary part of sum_t x_t e^{bt} for two modes of the full system and pole b. */
function crossSums(
  mode: usize,
  row: usize,
  probe: usize,
  probeRow: usize,
  horizon: f64,
  re: usize,
  im: usize,
  imaginary: usize,
): void {
  const x = f64x2.add(v128.load(mode), v128.load_splat<f64>(probe));
  const y = v128.load(mode + row);
  const c = v128.load(mode + 2 * row);
  const s = v128.load(mode + 3 * row);
  const endRe = v128.load(mode + 4 * row);
  const endIm = v128.load(mode + 5 * row);
  const p = v128.load_splat<f64>(probe + 2 * probeRow);
  const e = v128.load_splat<f64>(probe + 4 * probeRow);
  let phase = f64x2.neg(v128.load_splat<f64>(probe + probeRow));
  let q = f64x2.neg(v128.load_splat<f64>(probe + 3 * probeRow));
  let f = f64x2.neg(v128.load_splat<f64>(probe + 5 * probeRow));
  let sr = x;
  let si = x;
  for (let side = 0; side < 2; side++) {
    modeSums(
      x,
      f64x2.add(y, phase),
      f64x2.sub(f64x2.mul(c, p), f64x2.mul(s, q)),
      f64x2.add(f64x2.mul(c, q), f64x2.mul(s, p)),
      f64x2.sub(f64x2.mul(endRe, e), f64x2.mul(endIm, f)),
      f64x2.add(f64x2.mul(endRe, f), f64x2.mul(endIm, e)),
      horizon,
      0,
    );
    if (side === 1) break;
    sr = v128.load(found);
    si = v128.load(found, 16);
    phase = f64x2.neg(phase);
    q = f64x2.neg(q);
    f = f64x2.neg(f);
  }
  const tr = v128.load(found);
  const ti = v128.load(found, 16);
  v128.store(re, f64x2.add(tr, sr));
  v128.store(im, f64x2.sub(ti, si));
  v128.store(re + imaginary, f64x2.add(ti, si));
  v128.store(im + imaginary, f64x2.sub(sr, tr));
}

/** Gram-Schmidt, twice; columns that lose all but 1e-13 of their length add nothing. Returns the new size. */
function addOrthonormal(basis: usize, count: usize, v: usize, size: usize): usize {
  const length = Math.sqrt(dot(v, v, size));
  const step = size << 3;
  const end = basis + count * step;
  for (let pass = 0; pass < 2; pass++) {
    for (let u = basis; u < end; u += step) addScaled(v, u, -dot(u, v, size), size);
  }
  const rest = Math.sqrt(dot(v, v, size));
  if (!(rest > 1e-13 * length)) return count;
  scaleInto(end, v, 1 / rest, size);
  return count + 1;
}

/** out = (A - I) v */
function step(full: usize, stride: usize, v: usize, out: usize): void {
  const row = stride << 3;
  for (let i: usize = 0; i < row; i += 16) {
    const c = v128.load(full + 8 * row + i);
    const s = v128.load(full + 9 * row + i);
    const x = v128.load(v + i);
    const y = v128.load(v + row + i);
    v128.store(out + i, f64x2.sub(f64x2.mul(c, x), f64x2.mul(s, y)));
    v128.store(out + row + i, f64x2.add(f64x2.mul(s, x), f64x2.mul(c, y)));
  }
}

/** out = M v */
function readout(full: usize, stride: usize, v: usize, out: usize): void {
  const row = stride << 3;
  for (let i: usize = 0; i < row; i += 16) {
    const p = v128.load(full + 6 * row + i);
    const q = v128.load(full + 7 * row + i);
    const x = v128.load(v + i);
    const y = v128.load(v + row + i);
    v128.store(out + i, f64x2.sub(f64x2.mul(p, x), f64x2.mul(q, y)));
    v128.store(out + row + i, f64x2.neg(f64x2.add(f64x2.mul(q, x), f64x2.mul(p, y))));
  }
}

/** b <- a^{-1} b, n × n both, by elimination with the largest pivots; false where a is singular. */
function solve(a: usize, b: usize, n: usize): bool {
  const row = n << 3;
  for (let k: usize = 0; k < n; k++) {
    let pivot = k;
    let largest: f64 = 0;
    for (let i = k; i < n; i++) {
      const size = abs(load<f64>(a + i * row + (k << 3)));
      if (size > largest) {
        largest = size;
        pivot = i;
      }
    }
    if (!(largest > 0 && largest < Infinity)) return false;
    if (pivot !== k) {
      swapRows(a + k * row, a + pivot * row, row);
      swapRows(b + k * row, b + pivot * row, row);
    }
    const top = a + k * row;
    const inverse = 1 / load<f64>(top + (k << 3));
    for (let i = k + 1; i < n; i++) {
      const factor = -load<f64>(a + i * row + (k << 3)) * inverse;
      if (factor === 0) continue;
      addScaled(a + i * row + (k << 3), top + (k << 3), factor, n - k);
      addScaled(b + i * row, b + k * row, factor, n);
    }
  }
  for (let k: usize = n; k-- > 0;) {
    const line = b + k * row;
    for (let j = k + 1; j < n; j++) {
      addScaled(line, b + j * row, -load<f64>(a + k * row + (j << 3)), n);
    }
    scaleInto(line, line, 1 / load<f64>(a + k * row + (k << 3)), n);
  }
  return true;
}

function swapRows(p: usize, q: usize, size: usize): void {
  for (let i: usize = 0; i < size; i += 8) {
    const kept = load<f64>(p + i);
    store<f64>(p + i, load<f64>(q + i));
    store<f64>(q + i, kept);
  }
}
