/** Terms of the series for |z| < 1.5. */
const terms = 26;

/** Values of phi, psi and chi at L s and at s, as pairs. */
const phi: usize = memory.data(96, 16);

/**
 * The sums over the horizon of a pole so slow that |L s| < 1.5, where numerator and denominator of the geometric sum both
 * vanish: ratios of phi functions (math reference, 0.1), as `nearlyConstantSums` of src/core/scalars.
 *
 * @param out real parts of S, S', S'' at 0, 32, 64 bytes, imaginary parts 16 bytes behind each
 */
export function nearlyConstantSums(x: f64, y: f64, horizon: f64, order: i32, out: usize): void {
  const L = horizon;
  const step = phi + 48;
  for (let p = 0; p <= order; p++) {
    series(L * x, L * y, <f64>(p + 1), phi + 16 * p);
    series(x, y, <f64>(p + 1), step + 16 * p);
  }
  const dr = load<f64>(step);
  const di = load<f64>(step, 8);
  const inverse = 1 / (dr * dr + di * di);
  const ir = dr * inverse;
  const ii = -di * inverse;
  const ar = L * load<f64>(phi);
  const ai = L * load<f64>(phi, 8);
  const sr = ar * ir - ai * ii;
  const si = ar * ii + ai * ir;
  store<f64>(out, sr);
  store<f64>(out, si, 16);
  if (order === 0) return;
  const pr = load<f64>(step, 16);
  const pi = load<f64>(step, 24);
  const br = L * L * load<f64>(phi, 16) - (sr * pr - si * pi);
  const bi = L * L * load<f64>(phi, 24) - (sr * pi + si * pr);
  const tr = br * ir - bi * ii;
  const ti = br * ii + bi * ir;
  store<f64>(out, tr, 32);
  store<f64>(out, ti, 48);
  const qr = load<f64>(step, 32);
  const qi = load<f64>(step, 40);
  const cube = L * L * L;
  const cr = cube * load<f64>(phi, 32) - 2 * (tr * pr - ti * pi) - (sr * qr - si * qi);
  const ci = cube * load<f64>(phi, 40) - 2 * (tr * pi + ti * pr) - (sr * qi + si * qr);
  store<f64>(out, cr * ir - ci * ii, 64);
  store<f64>(out, cr * ii + ci * ir, 80);
}

/** sum_n z^n / (n! (n + shift)) by Horner's rule. */
function series(x: f64, y: f64, shift: f64, out: usize): void {
  let re: f64 = 1;
  let im: f64 = 0;
  for (let n: f64 = terms; n >= 1; n--) {
    const ratio = (n - 1 + shift) / (n * (n + shift));
    const t = (re * x - im * y) * ratio + 1;
    im = (re * y + im * x) * ratio;
    re = t;
  }
  store<f64>(out, re / shift);
  store<f64>(out, im / shift, 8);
}
