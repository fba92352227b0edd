import { nearLimit } from '../packedBatch';

/** A number as WGSL writes it. */
export function literal(x: number): string {
  const text = String(Math.fround(x));
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** Horner's rule in x for coefficients from the constant up. */
function polynomial(terms: readonly number[], x: string): string {
  return terms.reduceRight(
    (sum, term) => (sum === '' ? literal(term) : `(${literal(term)} + ${x} * ${sum})`),
    '',
  );
}

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}

const sinTerms = [1, 3, 5, 7, 9, 11].map((n, k) => ((-1) ** k * Math.PI ** n) / factorial(n));
const cosTerms = [0, 2, 4, 6, 8, 10, 12].map((n, k) => ((-1) ** k * Math.PI ** n) / factorial(n));
const growthTerms = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => 1 / factorial(n));

/** The p-th derivative of (e^w - 1) / w as Horner's rule for complex w. */
function series(p: number): string {
  const terms = Array.from(
    { length: 6 },
    (_, k) => factorial(k + p) / (factorial(k) * factorial(k + p + 1)),
  );
  return terms.reduceRight(
    (sum, term) =>
      sum === ''
        ? `vec2f(${literal(term)}, 0.0)`
        : `(vec2f(${literal(term)}, 0.0) + mul(w, ${sum}))`,
    '',
  );
}

/**
 * WGSL for the sums over the horizon of products of two modes, as `modeSums` has them for TensorFlow: sin, cos and e^x - 1
 * by polynomials of its own, because devices promise no more than eleven bits; phases in turns over the span.
 */
export const arithmetic = /* wgsl */ `
struct Pole { re: f32, high: f32, low: f32, growth: f32, end: vec2f }
struct Sums { s0: vec2f, s1: vec2f, s2: vec2f, s3: vec2f }

fn mul(a: vec2f, b: vec2f) -> vec2f { return vec2f(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x); }
fn conj(a: vec2f) -> vec2f { return vec2f(a.x, -a.y); }
fn inverse(a: vec2f) -> vec2f { return conj(a) / max(dot(a, a), 1e-30); }

// (sin, cos) of half of f turns, |f| <= 1/2
fn halfTurn(f: f32) -> vec2f {
  let q = f * f;
  return vec2f(f * ${polynomial(sinTerms, 'q')}, ${polynomial(cosTerms, 'q')});
}

fn turn(f: f32) -> vec2f {
  let h = halfTurn(f);
  return vec2f(1.0 - 2.0 * h.x * h.x, 2.0 * h.x * h.y);
}

fn growthOf(x: f32) -> f32 {
  if (x > -0.5) { return x * ${polynomial(growthTerms, 'x')}; }
  return exp(x) - 1.0;
}

fn fraction(x: f32) -> f32 { return x - round(x); }

fn poleOf(re: f32, high: f32, low: f32) -> Pole {
  var end = vec2f(0.0, 0.0);
  if (job.finite == 1u) { end = exp(re * job.span) * turn(fraction(fraction(high) + fraction(low))); }
  return Pole(re, high, low, growthOf(re), end);
}

fn conjugated(p: Pole) -> Pole { return Pole(p.re, -p.high, -p.low, p.growth, conj(p.end)); }

// sum over k of e^{ks}, s = a + b, with three derivatives
fn modeSums(a: Pole, b: Pole) -> Sums {
  let wraps = round((a.high + b.high) / job.span);
  let turns = ((b.high - wraps * job.span) + a.high) + (a.low + b.low);
  if (job.near == 1u) {
    let w = vec2f((a.re + b.re) * job.span, turns * ${literal(2 * Math.PI)});
    if (dot(w, w) < ${literal(nearLimit * nearLimit)}) { return nearSums(w); }
  }
  let growth = a.growth + b.growth + a.growth * b.growth;
  let h = halfTurn(turns / job.span);
  let twice = 2.0 * h.x * h.x;
  let g = vec2f(growth * (1.0 - twice) - twice, (growth + 1.0) * 2.0 * h.x * h.y);
  let z = g + vec2f(1.0, 0.0);
  let end = mul(a.end, b.end);
  let m = inverse(g);
  let s0 = mul(end - vec2f(1.0, 0.0), m);
  let s1 = mul(job.horizon * end - mul(s0, z), m);
  let s2 = mul(job.horizon * job.horizon * end - mul(2.0 * s1 + s0, z), m);
  let s3 = mul(job.horizon * job.horizon * job.horizon * end - mul(3.0 * s2 + 3.0 * s1 + s0, z), m);
  return Sums(s0, s1, s2, s3);
}

fn nearSums(w: vec2f) -> Sums {
  let f0 = job.span * ${series(0)};
  let f1 = job.span * job.span * ${series(1)};
  let f2 = job.span * job.span * job.span * ${series(2)};
  let f3 = job.span * job.span * job.span * job.span * ${series(3)};
  let s = w / job.span;
  let b0 = vec2f(1.0, 0.0) - s / 2.0 + mul(s, s) / 12.0;
  let b1 = vec2f(-0.5, 0.0) + s / 6.0;
  return Sums(mul(f0, b0), mul(f1, b0) + mul(f0, b1), mul(f2, b0) + 2.0 * mul(f1, b1) + f0 / 6.0,
    mul(f3, b0) + 3.0 * mul(f2, b1) + 0.5 * f1);
}
`;
