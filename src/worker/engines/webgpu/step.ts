import { fastestDecay, leastAngle } from '../../../core/solve/newtonSearch';
import { literal } from './arithmetic';

/** WGSL for the saddle-free step of one search (`core/solve/newtonSearch`). */
export const step = /* wgsl */ `
fn marginOf(re: f32) -> f32 { return job.turns * min(-re * ${literal(leastAngle)}, 0.5); }

// variables at a bound whose gradient pushes outward stay: scale 0
fn freeScale(p: u32, w: u32, slowest: f32, i: u32) -> f32 {
  let j = i % R;
  let g = work[w + GRADIENT + i];
  let re = poles[p + j];
  if (i < R) {
    if ((re >= slowest && g > 0.0) || (re <= ${literal(fastestDecay)} && g < 0.0)) { return 0.0; }
    return 1.0;
  }
  let margin = marginOf(re) * 1.0001;
  let high = poles[p + R + j];
  if ((high <= margin && g > 0.0) || (high >= 0.5 * job.span - margin && g < 0.0)) { return 0.0; }
  return max(-re, job.leastScale);
}

// puts the pole where it may be: Im b in [margin, pi - margin]
fn fold(w: u32, j: u32, re: f32, high: f32, low: f32) {
  let turns = high - round(high / job.span) * job.span;
  let margin = marginOf(re);
  let mirrored = abs(turns);
  let clipped = max(min(mirrored, 0.5 * job.span - margin), margin);
  work[w + TRIAL_RE + j] = re;
  work[w + TRIAL_HIGH + j] = clipped;
  work[w + TRIAL_LOW + j] = select(0.0, select(low, -low, turns < 0.0), clipped == mirrored);
}

// the saddle-free step to the trial poles; returns the decrease predicted
fn advance(p: u32, w: u32, slowest: f32, damping: f32, me: u32) -> f32 {
  for (var i = me; i < M; i += THREADS) { work[w + FREE + i] = freeScale(p, w, slowest, i); }
  sync();
  var part = 0.0;
  for (var e = me; e < M * M; e += THREADS) {
    let x = work[w + HESSIAN + e] * work[w + FREE + e / M] * work[w + FREE + e % M];
    work[w + UNIT + e] = x;
    part += x * x;
  }
  let size = max(sqrt(sumOf(part, me)), 1e-30);
  for (var e = me; e < M * M; e += THREADS) {
    let x = work[w + UNIT + e] / size;
    work[w + UNIT + e] = x;
    work[w + SIGN_A + e] = x;
  }
  sync();
  // X <- X (3 - X²) / 2 leads to the sign of the Hessian
  var sign = w + SIGN_A;
  var other = w + SIGN_B;
  for (var k = 0u; k < 18u; k++) {
    multiply(w + PRODUCT, sign, sign, me);
    for (var e = me; e < M * M; e += THREADS) {
      work[w + PRODUCT + e] = select(0.0, 1.5, e / M == e % M) - 0.5 * work[w + PRODUCT + e];
    }
    sync();
    multiply(other, sign, w + PRODUCT, me);
    let next = sign;
    sign = other;
    other = next;
  }
  multiply(w + PRODUCT, w + UNIT, sign, me);
  for (var i = me; i < M; i += THREADS) {
    work[w + U + i] = sqrt(max(work[w + PRODUCT + i * M + i] + damping, 1e-5));
  }
  sync();
  for (var e = me; e < M * M; e += THREADS) {
    let i = e / M;
    let j = e % M;
    let x = 0.5 * (work[w + PRODUCT + e] + work[w + PRODUCT + j * M + i]) + select(0.0, damping, i == j);
    work[w + INVERSE + e] = x / (work[w + U + i] * work[w + U + j]);
  }
  sync();
  invert(w + INVERSE, M, me);
  var longest = 0.0;
  for (var i = me; i < M; i += THREADS) {
    var sum = 0.0;
    for (var j = 0u; j < M; j++) {
      sum += work[w + INVERSE + i * M + j] * work[w + GRADIENT + j] * work[w + FREE + j] / work[w + U + j];
    }
    let x = -sum / (work[w + U + i] * size);
    work[w + STEP + i] = x;
    longest = max(longest, abs(x));
  }
  sync();
  let shorter = 1.0 / max(largestOf(longest, me), 1.0);
  var change = 0.0;
  for (var i = me; i < M; i += THREADS) {
    var bent = 0.0;
    for (var j = 0u; j < M; j++) { bent += work[w + UNIT + i * M + j] * work[w + STEP + j]; }
    let x = work[w + STEP + i] * shorter;
    change += x * (work[w + GRADIENT + i] * work[w + FREE + i] + 0.5 * size * shorter * bent);
  }
  let predicted = -sumOf(change, me);
  for (var j = me; j < R; j += THREADS) {
    let dx = work[w + STEP + j] * shorter * work[w + FREE + j];
    let dy = work[w + STEP + j + R] * shorter * work[w + FREE + j + R] * job.turns;
    let re = max(min(poles[p + j] * exp(dx), slowest), ${literal(fastestDecay)});
    let high = poles[p + R + j];
    let sum = high + dy;
    let back = sum - high;
    let lost = (high - (sum - back)) + (dy - back);
    fold(w, j, re, sum, poles[p + 2u * R + j] + lost);
  }
  sync();
  return predicted;
}

fn accept(p: u32, w: u32, me: u32) {
  for (var j = me; j < R; j += THREADS) {
    poles[p + j] = work[w + TRIAL_RE + j];
    poles[p + R + j] = work[w + TRIAL_HIGH + j];
    poles[p + 2u * R + j] = work[w + TRIAL_LOW + j];
  }
  for (var i = me; i < M; i += THREADS) { work[w + GRADIENT + i] = work[w + TRIAL_GRADIENT + i]; }
  for (var e = me; e < M * M; e += THREADS) { work[w + HESSIAN + e] = work[w + TRIAL_HESSIAN + e]; }
  sync();
}
`;
