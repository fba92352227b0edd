/** Numbers of a pass over the columns, few enough that all of them stay in the fast caches. */
const chunk: usize = 256;

/**
 * Inner products of all columns of x with all columns of y, as `innerProducts` of src/core/calibrate/gram: entry (i, j)
 * is added to out[i * stride + j]. Four by two columns share their loads.
 *
 * @param from the first column of x
 * @param rows numbers of a column to sum over, even
 * @param xColumn numbers from one column of x to the next
 * @param lower whether x and y are the same columns and only j <= i is needed; more may be written
 */
export function innerProducts(
  x: usize,
  xColumn: usize,
  from: usize,
  to: usize,
  y: usize,
  yColumn: usize,
  yCount: usize,
  rows: usize,
  out: usize,
  stride: usize,
  lower: bool,
): void {
  const xStep = xColumn << 3;
  const yStep = yColumn << 3;
  for (let start: usize = 0; start < rows; start += chunk) {
    const size = min(chunk, rows - start) << 3;
    const xs = x + (start << 3);
    const ys = y + (start << 3);
    let i = from;
    for (; i + 4 <= to; i += 4) {
      const end = lower ? min(yCount, i + 4) : yCount;
      const a = xs + i * xStep;
      const row = out + ((i * stride) << 3);
      let j: usize = 0;
      for (; j + 2 <= end; j += 2) {
        fourByTwo(a, xStep, ys + j * yStep, yStep, size, row + (j << 3), stride << 3);
      }
      if (j < end) fourByOne(a, xStep, ys + j * yStep, size, row + (j << 3), stride << 3);
    }
    for (; i < to; i++) {
      const end = lower ? min(yCount, i + 1) : yCount;
      const a = xs + i * xStep;
      const row = out + ((i * stride) << 3);
      for (let j: usize = 0; j < end; j++) oneByOne(a, ys + j * yStep, size, row + (j << 3));
    }
  }
}

function fourByTwo(
  x: usize,
  column: usize,
  y: usize,
  yColumn: usize,
  size: usize,
  out: usize,
  row: usize,
): void {
  let a0 = f64x2.splat(0);
  let a1 = a0;
  let b0 = a0;
  let b1 = a0;
  let c0 = a0;
  let c1 = a0;
  let d0 = a0;
  let d1 = a0;
  const end = x + size;
  for (; x < end; x += 16, y += 16) {
    const u = v128.load(y);
    const v = v128.load(y + yColumn);
    const a = v128.load(x);
    a0 = f64x2.add(a0, f64x2.mul(a, u));
    a1 = f64x2.add(a1, f64x2.mul(a, v));
    const b = v128.load(x + column);
    b0 = f64x2.add(b0, f64x2.mul(b, u));
    b1 = f64x2.add(b1, f64x2.mul(b, v));
    const c = v128.load(x + 2 * column);
    c0 = f64x2.add(c0, f64x2.mul(c, u));
    c1 = f64x2.add(c1, f64x2.mul(c, v));
    const d = v128.load(x + 3 * column);
    d0 = f64x2.add(d0, f64x2.mul(d, u));
    d1 = f64x2.add(d1, f64x2.mul(d, v));
  }
  addPair(out, a0, a1);
  addPair(out + row, b0, b1);
  addPair(out + 2 * row, c0, c1);
  addPair(out + 3 * row, d0, d1);
}

/** Adds the sums of the lanes of a and of b to two neighbours. */
function addPair(out: usize, a: v128, b: v128): void {
  const first = v128.shuffle<f64>(a, b, 0, 2);
  const second = v128.shuffle<f64>(a, b, 1, 3);
  v128.store(out, f64x2.add(v128.load(out), f64x2.add(first, second)));
}

function addOne(out: usize, a: v128): void {
  const sum = f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1);
  store<f64>(out, load<f64>(out) + sum);
}

function fourByOne(x: usize, column: usize, y: usize, size: usize, out: usize, row: usize): void {
  let a = f64x2.splat(0);
  let b = a;
  let c = a;
  let d = a;
  const end = x + size;
  for (; x < end; x += 16, y += 16) {
    const u = v128.load(y);
    a = f64x2.add(a, f64x2.mul(v128.load(x), u));
    b = f64x2.add(b, f64x2.mul(v128.load(x + column), u));
    c = f64x2.add(c, f64x2.mul(v128.load(x + 2 * column), u));
    d = f64x2.add(d, f64x2.mul(v128.load(x + 3 * column), u));
  }
  addOne(out, a);
  addOne(out + row, b);
  addOne(out + 2 * row, c);
  addOne(out + 3 * row, d);
}

function oneByOne(x: usize, y: usize, size: usize, out: usize): void {
  let a = f64x2.splat(0);
  const end = x + size;
  for (; x < end; x += 16, y += 16) a = f64x2.add(a, f64x2.mul(v128.load(x), v128.load(y)));
  addOne(out, a);
}
