/**
 * `stackTriangles` of src/core/linalg/stackTriangles: top becomes the triangular factor of both, n × n each.
 *
 * @param filled rows of `low` that are not zero
 * @param room for 2 n numbers
 */
export function stackTriangles(top: usize, low: usize, n: usize, filled: usize, room: usize): void {
  const v = room;
  const sums = room + (n << 3);
  const row = n << 3;
  for (let j: usize = 0; j < n; j++) {
    const rows = min(j + 2, filled);
    let norm2: f64 = 0;
    for (let i: usize = 0; i < rows; i++) {
      const x = load<f64>(low + i * row + (j << 3));
      store<f64>(v + (i << 3), x);
      norm2 += x * x;
    }
    if (norm2 < 1e-200) continue;
    const diagonal = top + j * row + (j << 3);
    const pivot = load<f64>(diagonal);
    const length = Math.sqrt(pivot * pivot + norm2);
    const alpha = pivot > 0 ? -length : length;
    const head = pivot - alpha;
    const factor = 2 / (head * head + norm2);
    store<f64>(diagonal, alpha);
    const count = n - j - 1;
    const right = (j + 1) << 3;
    scaleInto(sums + right, top + j * row + right, head, count);
    for (let i: usize = 0; i < rows; i++) {
      addScaled(sums + right, low + i * row + right, load<f64>(v + (i << 3)), count);
    }
    scaleInto(sums + right, sums + right, factor, count);
    addScaled(top + j * row + right, sums + right, -head, count);
    for (let i: usize = 0; i < rows; i++) {
      addScaled(low + i * row + right, sums + right, -load<f64>(v + (i << 3)), count);
    }
  }
}

/** y = factor * x */
export function scaleInto(y: usize, x: usize, factor: f64, count: usize): void {
  const end = y + ((count >> 1) << 4);
  const f = f64x2.splat(factor);
  for (; y < end; y += 16, x += 16) v128.store(y, f64x2.mul(f, v128.load(x)));
  if (count & 1) store<f64>(y, factor * load<f64>(x));
}

/** y += factor * x */
export function addScaled(y: usize, x: usize, factor: f64, count: usize): void {
  const end = y + ((count >> 1) << 4);
  const f = f64x2.splat(factor);
  for (; y < end; y += 16, x += 16) {
    v128.store(y, f64x2.add(v128.load(y), f64x2.mul(f, v128.load(x))));
  }
  if (count & 1) store<f64>(y, load<f64>(y) + factor * load<f64>(x));
}
