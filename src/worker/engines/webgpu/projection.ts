import { singleRidge } from '../searchEngine';
import { literal } from './arithmetic';

/** WGSL for the variable projection of one search: its value, gradient and Hessian (`core/objective/varpro`). */
export const projection = /* wgsl */ `
fn fullPole(f: u32, n: u32) -> Pole {
  return Pole(full[f + n], full[f + job.n + n], full[f + 2u * job.n + n], full[f + 3u * job.n + n],
    vec2f(full[f + 4u * job.n + n], full[f + 5u * job.n + n]));
}

// sums with the full poles, weighted: six numbers for each of 2 R rows, conjugated rows first
fn crossSums(w: u32, f: u32, me: u32) {
  let lane = me % PER_ROW;
  for (var first = 0u; first < M; first += ROWS) {
    let at = first + me / PER_ROW;
    var sum = array<f32, 6>(0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    if (at < M && me / PER_ROW < ROWS) {
      var b = trialPole(w, at % R);
      if (at < R) { b = conjugated(b); }
      for (var n = lane; n < job.n; n += PER_ROW) {
        let s = modeSums(b, fullPole(f, n));
        let weight = vec2f(full[f + 6u * job.n + n], full[f + 7u * job.n + n]);
        let t0 = mul(s.s0, weight);
        let t1 = mul(s.s1, weight);
        let t2 = mul(s.s2, weight);
        sum[0] += t0.x; sum[1] += t0.y; sum[2] += t1.x; sum[3] += t1.y; sum[4] += t2.x; sum[5] += t2.y;
      }
    }
    shares[me] = sum;
    workgroupBarrier();
    if (at < M && lane == 0u && me / PER_ROW < ROWS) {
      for (var p = 0u; p < 6u; p++) {
        var whole = 0.0;
        for (var k = 0u; k < PER_ROW; k++) { whole += shares[me + k][p]; }
        work[w + CROSS + at * 6u + p] = whole;
      }
    }
    workgroupBarrier();
  }
}

fn ownSums(w: u32, me: u32) {
  for (var k = me; k < R * R; k += THREADS) {
    let i = k / R;
    let j = k % R;
    let a = trialPole(w, i);
    let b = trialPole(w, j);
    let s = modeSums(conjugated(a), b);
    let t = modeSums(a, b);
    let raised = select(1.0, 1.0 + ${literal(singleRidge)}, i == j);
    let at = w + OWN + 12u * k;
    setPair(at, raised * s.s0); setPair(at + 2u, raised * s.s1); setPair(at + 4u, raised * s.s2);
    setPair(at + 6u, t.s0); setPair(at + 8u, t.s1); setPair(at + 10u, t.s2);
    setBlock(w + GRAM, i, j, 0.5 * (raised * s.s0 + t.s0), 0.5 * (raised * s.s0 - t.s0));
  }
}

// the blocks of inner products from half of S + T and S - T
fn setBlock(at: u32, i: u32, j: u32, plus: vec2f, minus: vec2f) {
  work[at + i * M + j] = plus.x;
  work[at + i * M + j + R] = -plus.y;
  work[at + (i + R) * M + j] = minus.y;
  work[at + (i + R) * M + j + R] = minus.x;
}

// J at the trial poles; with trialGradient and trialHessian
fn project(w: u32, f: u32, me: u32) -> f32 {
  for (var j = me; j < R; j += THREADS) {
    let p = poleOf(work[w + TRIAL_RE + j], work[w + TRIAL_HIGH + j], work[w + TRIAL_LOW + j]);
    work[w + GROWTH + j] = p.growth;
    work[w + END_RE + j] = p.end.x;
    work[w + END_IM + j] = p.end.y;
  }
  sync();
  crossSums(w, f, me);
  ownSums(w, me);
  sync();
  for (var j = me; j < R; j += THREADS) {
    let c = pairAt(w + CROSS + 6u * j);
    let d = pairAt(w + CROSS + 6u * (j + R));
    work[w + RHS + j] = 0.5 * (c.x + d.x);
    work[w + RHS + j + R] = 0.5 * (c.y - d.y);
  }
  for (var i = me; i < M; i += THREADS) { work[w + SCALE_OF + i] = sqrt(work[w + GRAM + i * M + i]); }
  sync();
  for (var e = me; e < M * M; e += THREADS) {
    work[w + INVERSE + e] = work[w + GRAM + e] / (work[w + SCALE_OF + e / M] * work[w + SCALE_OF + e % M]);
  }
  sync();
  invert(w + INVERSE, M, me);
  for (var i = me; i < M; i += THREADS) {
    var sum = 0.0;
    for (var j = 0u; j < M; j++) { sum += work[w + INVERSE + i * M + j] * work[w + RHS + j] / work[w + SCALE_OF + j]; }
    work[w + U + i] = sum / work[w + SCALE_OF + i];
  }
  sync();
  var part = 0.0;
  for (var i = me; i < M; i += THREADS) {
    var missing = -2.0 * work[w + RHS + i];
    for (var j = 0u; j < M; j++) { missing += work[w + GRAM + i * M + j] * work[w + U + j]; }
    part += work[w + U + i] * missing;
  }
  let value = 1.0 + sumOf(part, me);
  differentiate(w, me);
  return value;
}

fn weightOf(w: u32, j: u32) -> vec2f { return vec2f(work[w + U + j], work[w + U + j + R]); }

fn differentiate(w: u32, me: u32) {
  for (var j = me; j < R; j += THREADS) {
    let v = weightOf(w, j);
    let beta = work[w + TRIAL_RE + j];
    for (var p = 1u; p < 3u; p++) {
      var q = pairAt(w + CROSS + 6u * (j + R) + 2u * p) + conj(pairAt(w + CROSS + 6u * j + 2u * p));
      for (var i = 0u; i < R; i++) {
        let at = w + OWN + 12u * (j * R + i) + 2u * p;
        let vi = weightOf(w, i);
        q -= mul(vi, pairAt(at + 6u)) + conj(mul(vi, pairAt(at)));
      }
      setPair(w + Q + 4u * j + 2u * (p - 1u), 0.5 * q);
    }
    let slope = mul(v, pairAt(w + Q + 4u * j));
    work[w + TRIAL_GRADIENT + j] = -2.0 * beta * slope.x;
    work[w + TRIAL_GRADIENT + j + R] = 2.0 * slope.y;
  }
  sync();
  for (var k = me; k < R * R; k += THREADS) {
    let i = k / R;
    let j = k % R;
    let at = w + OWN + 12u * k;
    let vi = weightOf(w, i);
    let vj = weightOf(w, j);
    let bi = work[w + TRIAL_RE + i];
    let bj = work[w + TRIAL_RE + j];
    let s = mul(mul(conj(vi), vj), pairAt(at + 4u));
    let t = mul(mul(vi, vj), pairAt(at + 10u));
    let x = mul(vj, pairAt(at + 2u));
    let y = mul(vj, pairAt(at + 8u));
    var h = array<f32, 4>(bi * bj * (s.x + t.x), -bi * (s.y + t.y), bj * (s.y - t.y), s.x - t.x);
    var m = array<f32, 4>(bj * (x.x + y.x), -(x.y + y.y), bj * (x.y - y.y), x.x - y.x);
    if (i == j) {
      let q1 = pairAt(w + Q + 4u * j);
      let v1 = mul(vj, q1);
      let v2 = mul(vj, pairAt(w + Q + 4u * j + 2u));
      h[0] -= 2.0 * (bj * bj * v2.x + bj * v1.x);
      h[1] += 2.0 * bj * v2.y;
      h[2] += 2.0 * bj * v2.y;
      h[3] += 2.0 * v2.x;
      m[0] -= 2.0 * bj * q1.x;
      m[1] += 2.0 * q1.y;
      m[2] += 2.0 * bj * q1.y;
      m[3] += 2.0 * q1.x;
    }
    for (var b = 0u; b < 4u; b++) {
      let line = i + select(0u, R, b > 1u);
      let e = line * M + j + select(0u, R, b % 2u == 1u);
      work[w + TRIAL_HESSIAN + e] = h[b];
      work[w + MIXED + e] = m[b] / work[w + SCALE_OF + line];
    }
  }
  sync();
  multiply(w + PRODUCT, w + INVERSE, w + MIXED, me);
  for (var e = me; e < M * M; e += THREADS) {
    var sum = 0.0;
    for (var k = 0u; k < M; k++) { sum += work[w + MIXED + k * M + e / M] * work[w + PRODUCT + k * M + e % M]; }
    work[w + TRIAL_HESSIAN + e] -= 0.5 * sum;
  }
  sync();
}
`;
