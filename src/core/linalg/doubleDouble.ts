/**
 * Complex numbers in double-double arithmetic, about 32 digits: each part is the unevaluated sum of two doubles (Dekker
 * 1971; Knuth, The Art of Computer Programming 2, 4.2.2). Number k of an array stands at 4k as re high, re low,
 * im high, im low. The operations write number `o` of `out`, which may be one of the operands; magnitudes must stay far
 * from the limits of doubles.
 */
export type DoubleDoubles = Float64Array;

export function doubleDoubles(length: number): DoubleDoubles {
  return new Float64Array(4 * length);
}

/** Numbers from parts in plain doubles. */
export function fromDoubles(re: Float64Array, im: Float64Array): DoubleDoubles {
  const out = doubleDoubles(re.length);
  for (let k = 0; k < re.length; k++) {
    out[4 * k] = re[k];
    out[4 * k + 2] = im[k];
  }
  return out;
}

/** The low part of the last result; its high part is what the function returned. */
let low = 0;

const splitter = 2 ** 27 + 1;

function product(a: number, b: number): number {
  const p = a * b;
  const ta = splitter * a;
  const ah = ta - (ta - a);
  const al = a - ah;
  const tb = splitter * b;
  const bh = tb - (tb - b);
  const bl = b - bh;
  low = ah * bh - p + ah * bl + al * bh + al * bl;
  return p;
}

function multiplyParts(ah: number, al: number, bh: number, bl: number): number {
  const p = product(ah, bh);
  const e = low + (ah * bl + al * bh);
  const sum = p + e;
  low = e - (sum - p);
  return sum;
}

function addParts(ah: number, al: number, bh: number, bl: number): number {
  const s = ah + bh;
  const bb = s - ah;
  const t = al + bl;
  const tb = t - al;
  const et = al - (t - tb) + (bl - tb);
  let e = ah - (s - bb) + (bh - bb) + t;
  const first = s + e;
  e = e - (first - s) + et;
  const sum = first + e;
  low = e - (sum - first);
  return sum;
}

function divideParts(ah: number, al: number, bh: number, bl: number): number {
  const q1 = ah / bh;
  let ph = multiplyParts(q1, 0, bh, bl);
  let rh = addParts(ah, al, -ph, -low);
  let rl = low;
  const q2 = rh / bh;
  ph = multiplyParts(q2, 0, bh, bl);
  rh = addParts(rh, rl, -ph, -low);
  rl = low;
  const q3 = (rh + rl) / bh;
  const sum = addParts(q1, 0, q2, 0);
  return addParts(sum, low, q3, 0);
}

/** out_o = a_i + sign b_j. */
export function add(
  a: DoubleDoubles,
  i: number,
  b: DoubleDoubles,
  j: number,
  sign: 1 | -1,
  out: DoubleDoubles,
  o: number,
): void {
  const x = 4 * i;
  const y = 4 * j;
  const re = addParts(a[x], a[x + 1], sign * b[y], sign * b[y + 1]);
  const reLow = low;
  const im = addParts(a[x + 2], a[x + 3], sign * b[y + 2], sign * b[y + 3]);
  const at = 4 * o;
  out[at] = re;
  out[at + 1] = reLow;
  out[at + 2] = im;
  out[at + 3] = low;
}

/** out_o = a_i b_j. */
export function multiply(
  a: DoubleDoubles,
  i: number,
  b: DoubleDoubles,
  j: number,
  out: DoubleDoubles,
  o: number,
): void {
  const ar = a[4 * i];
  const arLow = a[4 * i + 1];
  const ai = a[4 * i + 2];
  const aiLow = a[4 * i + 3];
  const br = b[4 * j];
  const brLow = b[4 * j + 1];
  const bi = b[4 * j + 2];
  const biLow = b[4 * j + 3];
  let p = multiplyParts(ar, arLow, br, brLow);
  let pLow = low;
  let q = multiplyParts(ai, aiLow, bi, biLow);
  const at = 4 * o;
  out[at] = addParts(p, pLow, -q, -low);
  out[at + 1] = low;
  p = multiplyParts(ar, arLow, bi, biLow);
  pLow = low;
  q = multiplyParts(ai, aiLow, br, brLow);
  out[at + 2] = addParts(p, pLow, q, low);
  out[at + 3] = low;
}

/** out_o = out_o + a_i b_j; `out` must not be an operand. */
export function addProduct(
  a: DoubleDoubles,
  i: number,
  b: DoubleDoubles,
  j: number,
  out: DoubleDoubles,
  o: number,
): void {
  multiply(a, i, b, j, scratch, 0);
  add(out, o, scratch, 0, 1, out, o);
}

/** out_o = 1 / a_i. */
export function invert(a: DoubleDoubles, i: number, out: DoubleDoubles, o: number): void {
  const re = a[4 * i];
  const reLow = a[4 * i + 1];
  const im = a[4 * i + 2];
  const imLow = a[4 * i + 3];
  let size = multiplyParts(re, reLow, re, reLow);
  let sizeLow = low;
  const square = multiplyParts(im, imLow, im, imLow);
  size = addParts(size, sizeLow, square, low);
  sizeLow = low;
  const inverse = divideParts(1, 0, size, sizeLow);
  const inverseLow = low;
  out[4 * o] = multiplyParts(re, reLow, inverse, inverseLow);
  out[4 * o + 1] = low;
  out[4 * o + 2] = multiplyParts(-im, -imLow, inverse, inverseLow);
  out[4 * o + 3] = low;
}

const scratch = doubleDoubles(1);
