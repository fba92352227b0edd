import { transformPair } from './fourier';

/**
 * Four features convolved with a kernel each, as in src/core/network/ops/convolution: features 0 and 1 travel as real and
 * imaginary part of the transform in the first lane, 2 and 3 of that in the second.
 *
 * @param u four rows of `length` numbers
 * @param y four rows of `length` numbers
 * @param spectra four rows of bins 0 … size / 2 as (re, im)
 * @param input room for `size` elements of 32 bytes: the transform of u, kept for a next call
 * @param known whether `input` holds it already
 * @param work room for twice as many
 */
export function convolveQuad(
  u: usize,
  y: usize,
  length: usize,
  spectra: usize,
  size: usize,
  turns: usize,
  input: usize,
  known: bool,
  work: usize,
): void {
  const other = work + (size << 5);
  if (!known) {
    pack(u, length, work, size);
    const found = transformPair(work, other, turns, size);
    memory.copy(input, found, size << 5);
  }
  multiplySpectra(input, spectra, size, work);
  unpack(transformPair(work, other, turns, size), length, 1 / <f64>size, y);
}

function pack(u: usize, length: usize, to: usize, size: usize): void {
  const row = length << 3;
  const end = u + row;
  for (; u < end; u += 8, to += 32) {
    v128.store(to, v128.load_lane<f64>(u + 2 * row, v128.load_zero<f64>(u), 1));
    v128.store(to, v128.load_lane<f64>(u + 3 * row, v128.load_zero<f64>(u + row), 1), 16);
  }
  memory.fill(to, 0, (size - length) << 5);
}

/** Real and imaginary part come out exchanged, since the transform forward of that is the one backward. */
function unpack(from: usize, length: usize, factor: f64, y: usize): void {
  const row = length << 3;
  const end = y + row;
  const scale = f64x2.splat(factor);
  for (; y < end; y += 8, from += 32) {
    const im = f64x2.mul(v128.load(from), scale);
    const re = f64x2.mul(v128.load(from, 16), scale);
    v128.store_lane<f64>(y, re, 0);
    v128.store_lane<f64>(y + row, im, 0);
    v128.store_lane<f64>(y + 2 * row, re, 1);
    v128.store_lane<f64>(y + 3 * row, im, 1);
  }
}

/** `applySpectra` of the reference for both lanes, real and imaginary parts exchanged. */
function multiplySpectra(U: usize, spectra: usize, size: usize, Y: usize): void {
  const row = (size + 2) << 3;
  const half = f64x2.splat(0.5);
  for (let m: usize = 0; m <= size >> 1; m++, spectra += 16) {
    const p = m << 5;
    const q: usize = m === 0 ? 0 : (size - m) << 5;
    const pr = f64x2.mul(half, v128.load(U + p));
    const pi = f64x2.mul(half, v128.load(U + p, 16));
    const qr = f64x2.mul(half, v128.load(U + q));
    const qi = f64x2.mul(half, v128.load(U + q, 16));
    const aRe = f64x2.add(pr, qr);
    const aIm = f64x2.sub(pi, qi);
    const bRe = f64x2.add(pi, qi);
    const bIm = f64x2.sub(qr, pr);
    const k0 = v128.load(spectra);
    const k1 = v128.load(spectra + row);
    const k2 = v128.load(spectra + 2 * row);
    const k3 = v128.load(spectra + 3 * row);
    const kaRe = v128.shuffle<f64>(k0, k2, 0, 2);
    const kaIm = v128.shuffle<f64>(k0, k2, 1, 3);
    const kbRe = v128.shuffle<f64>(k1, k3, 0, 2);
    const kbIm = v128.shuffle<f64>(k1, k3, 1, 3);
    const yaRe = f64x2.sub(f64x2.mul(aRe, kaRe), f64x2.mul(aIm, kaIm));
    const yaIm = f64x2.add(f64x2.mul(aRe, kaIm), f64x2.mul(aIm, kaRe));
    const ybRe = f64x2.sub(f64x2.mul(bRe, kbRe), f64x2.mul(bIm, kbIm));
    const ybIm = f64x2.add(f64x2.mul(bRe, kbIm), f64x2.mul(bIm, kbRe));
    v128.store(Y + p, f64x2.add(yaIm, ybRe));
    v128.store(Y + p, f64x2.sub(yaRe, ybIm), 16);
    v128.store(Y + q, f64x2.sub(ybRe, yaIm));
    v128.store(Y + q, f64x2.add(yaRe, ybIm), 16);
  }
}
