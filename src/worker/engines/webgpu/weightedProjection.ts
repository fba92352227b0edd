import { singleRidge } from '../searchEngine';
import { literal } from './arithmetic';

/**
 * WGSL for the variable projection of the weighted error on a grid of frequencies (`core/calibrate/weightedProjection`),
 * one tile of frequencies after another. Columns of a tile, two halves (real and imaginary parts) each: those of the
 * unknowns (A, B, skip), their first derivatives C and D, the values or residual, the second derivatives E and F. A slot
 * that is not active has columns of zeros.
 */
export const weightedProjection = /* wgsl */ `
const forGram = 0u;
const forWeights = 1u;
const forSlopes = 2u;
const forTrial = 3u;

struct Pair { a0: vec2f, b0: vec2f, a1: vec2f, b1: vec2f, a2: vec2f, b2: vec2f }

fn gridPole(m: u32) -> Pole {
  return Pole(0.0, -grid[m], -grid[job.points + m], 0.0, vec2f(grid[2u * job.points + m], -grid[3u * job.points + m]));
}

fn turned(x: vec2f) -> vec2f { return vec2f(-x.y, x.x); }

// twice the transforms of Re e^{bl} and Re i e^{bl}, whose lags weigh 1 - taper l, with two derivatives: sums and
// differences of those of b and of its conjugate
fn pairOf(b: Pole, m: u32) -> Pair {
  var all = Pair();
  for (var k = 0u; k < 2u; k++) {
    let sign = select(1.0, -1.0, k == 1u);
    let s = modeSums(Pole(b.re, sign * b.high, sign * b.low, b.growth, vec2f(b.end.x, sign * b.end.y)), gridPole(m));
    let s0 = s.s0 - job.taper * s.s1;
    let s1 = s.s1 - job.taper * s.s2;
    let s2 = s.s2 - job.taper * s.s3;
    all.a0 += s0; all.b0 += sign * turned(s0);
    all.a1 += s1; all.b1 += sign * turned(s1);
    all.a2 += s2; all.b2 += sign * turned(s2);
  }
  return all;
}

fn put(column: u32, k: u32, x: vec2f) {
  tile[column * 2u * TILE + k] = x.x;
  tile[column * 2u * TILE + TILE + k] = x.y;
}

fn entryOf(column: u32, k: u32) -> vec2f {
  return vec2f(tile[column * 2u * TILE + k], tile[column * 2u * TILE + TILE + k]);
}

// columns that frequencies first … first + TILE add, after a barrier
fn fill(w: u32, p: u32, g: u32, first: u32, me: u32) {
  workgroupBarrier();
  for (var e = me; e < TILE * (R + 1u); e += THREADS) {
    let k = e % TILE;
    let j = e / TILE;
    let inside = first + k < job.points;
    let m = min(first + k, job.points - 1u);
    let root = select(0.0, targets[g + m], inside);
    if (j == R) {
      put(2u * R, k, vec2f(root * job.freeSkip, 0.0));
      put(VALUES, k, select(vec2f(0.0, 0.0), vec2f(targets[g + job.points + m], targets[g + 2u * job.points + m]), inside));
    } else {
      let half = 0.5 * root * poles[p + 3u * R + j];
      let pair = pairOf(trialPole(w, j), m);
      put(j, k, half * pair.a0);
      put(R + j, k, half * pair.b0);
      put(UNKNOWNS + j, k, half * pair.a1);
      put(UNKNOWNS + R + j, k, half * pair.b1);
      put(VALUES + 1u + j, k, half * pair.a2);
      put(VALUES + 1u + R + j, k, half * pair.b2);
    }
  }
  workgroupBarrier();
}

fn tileProduct(a: u32, b: u32) -> f32 {
  var sum = 0.0;
  for (var k = 0u; k < 2u * TILE; k++) { sum += tile[a * 2u * TILE + k] * tile[b * 2u * TILE + k]; }
  return sum;
}

// values - model in the place of the values; returns this thread's share of its square
fn subtractModel(w: u32, me: u32) -> f32 {
  var part = 0.0;
  for (var k = me; k < TILE; k += THREADS) {
    var left = entryOf(VALUES, k);
    for (var i = 0u; i < UNKNOWNS; i++) { left -= work[w + U + i] * entryOf(i, k); }
    put(VALUES, k, left);
    part += dot(left, left);
  }
  workgroupBarrier();
  return part;
}

// goes through all frequencies: for the inner products of the columns, for those of the unknowns' columns with the
// residual, for those of the derivatives' columns, or for a trial pole; returns this thread's share of the residual's square
fn sweep(what: u32, w: u32, p: u32, g: u32, pole: Pole, me: u32) -> f32 {
  var part = 0.0;
  for (var first = 0u; first < job.points; first += TILE) {
    fill(w, p, g, first, me);
    if (what == forGram) {
      for (var e = me; e < COLUMNS * COLUMNS; e += THREADS) {
        if (e % COLUMNS <= e / COLUMNS) { work[w + GRAM + e] += tileProduct(e / COLUMNS, e % COLUMNS); }
      }
    } else {
      part += subtractModel(w, me);
      if (what == forTrial) { addTile(w, g, pole, first); }
      if (what == forWeights) {
        for (var i = me; i < UNKNOWNS; i += THREADS) { work[w + MISSING + i] += tileProduct(i, VALUES); }
      }
      if (what == forSlopes) {
        for (var k = me; k < 4u * R; k += THREADS) {
          work[w + OWN + k] += tileProduct(select(VALUES + 1u - M, UNKNOWNS, k < M) + k, VALUES);
        }
      }
    }
  }
  sync();
  return part;
}

fn clear(w: u32, me: u32) {
  for (var e = me; e < COLUMNS * COLUMNS; e += THREADS) { work[w + GRAM + e] = 0.0; }
  for (var k = me; k < 4u * R; k += THREADS) { work[w + OWN + k] = 0.0; }
  for (var i = me; i < UNKNOWNS; i += THREADS) {
    work[w + U + i] = 0.0;
    work[w + MISSING + i] = 0.0;
  }
}

fn gramAt(w: u32, i: u32, j: u32) -> f32 { return work[w + GRAM + max(i, j) * COLUMNS + min(i, j)]; }

fn ridgeOf(i: u32) -> f32 { return select(0.0, ${literal(singleRidge)}, i < M); }

// the inverse of the normal equations, scaled to a diagonal of ones
fn invertGram(w: u32, me: u32) {
  for (var i = me; i < UNKNOWNS; i += THREADS) {
    let raised = gramAt(w, i, i) * (1.0 + ridgeOf(i));
    work[w + SCALE_OF + i] = select(1.0, sqrt(raised), raised > 0.0);
    work[w + MISSING + i] = gramAt(w, VALUES, i);
  }
  sync();
  for (var e = me; e < UNKNOWNS * UNKNOWNS; e += THREADS) {
    let i = e / UNKNOWNS;
    let j = e % UNKNOWNS;
    let x = gramAt(w, i, j) / (work[w + SCALE_OF + i] * work[w + SCALE_OF + j]);
    work[w + INVERSE + e] = select(x, 1.0, i == j);
  }
  sync();
  invert(w + INVERSE, UNKNOWNS, me);
}

// weights and skip that fit best; from the values at first, then from what they leave, which mends what was rounded off
fn addWeights(w: u32, me: u32) {
  for (var i = me; i < UNKNOWNS; i += THREADS) {
    work[w + MIXED + i] = work[w + MISSING + i] - ridgeOf(i) * gramAt(w, i, i) * work[w + U + i];
  }
  sync();
  for (var i = me; i < UNKNOWNS; i += THREADS) {
    var sum = 0.0;
    for (var j = 0u; j < UNKNOWNS; j++) {
      sum += work[w + INVERSE + i * UNKNOWNS + j] * work[w + MIXED + j] / work[w + SCALE_OF + j];
    }
    work[w + U + i] += sum / work[w + SCALE_OF + i];
    work[w + MISSING + i] = 0.0;
  }
  sync();
}

fn preparePoles(w: u32, me: u32) {
  for (var j = me; j < R; j += THREADS) {
    let pole = poleOf(work[w + TRIAL_RE + j], work[w + TRIAL_HIGH + j], work[w + TRIAL_LOW + j]);
    work[w + GROWTH + j] = pole.growth;
    work[w + END_RE + j] = pole.end.x;
    work[w + END_IM + j] = pole.end.y;
  }
  sync();
}

// J at the trial poles; with trialGradient and trialHessian
fn project(w: u32, p: u32, g: u32, me: u32) -> f32 {
  preparePoles(w, me);
  clear(w, me);
  var part = 0.0;
  for (var what = forGram; what < forTrial; what++) {
    part = sweep(what, w, p, g, trialPole(w, 0u), me);
    if (what == forGram) { invertGram(w, me); }
    if (what != forSlopes) { addWeights(w, me); }
  }
  for (var i = me; i < M; i += THREADS) {
    part += ${literal(singleRidge)} * work[w + U + i] * work[w + U + i] * gramAt(w, i, i);
  }
  let value = sumOf(part, me);
  differentiate(w, me);
  return value;
}

// a variable's derivative of the model as a combination of the columns C and D of its slot
fn mixOf(w: u32, a: u32) -> vec2f {
  let v = vec2f(work[w + U + a % R], work[w + U + a % R + R]);
  if (a < R) { return work[w + TRIAL_RE + a] * v; }
  return vec2f(-v.y, v.x);
}

// <column i, derivative of the model by variable a>
fn mixedProduct(w: u32, i: u32, a: u32) -> f32 {
  let mix = mixOf(w, a);
  return mix.x * gramAt(w, i, UNKNOWNS + a % R) + mix.y * gramAt(w, i, UNKNOWNS + R + a % R);
}

fn differentiate(w: u32, me: u32) {
  for (var e = me; e < UNKNOWNS * M; e += THREADS) {
    let i = e / M;
    let a = e % M;
    let j = a % R;
    var x = 2.0 * mixedProduct(w, i, a);
    if (i < M && i % R == j) {
      let q = 2.0 * vec2f(work[w + OWN + j], -work[w + OWN + R + j]);
      let beta = work[w + TRIAL_RE + j];
      if (a < R) { x += select(beta * q.y, -beta * q.x, i == j); } else { x += select(q.x, q.y, i == j); }
    }
    work[w + MIXED + e] = x / work[w + SCALE_OF + i];
  }
  for (var e = me; e < M * M; e += THREADS) {
    let a = e / M;
    let b = e % M;
    let j = a % R;
    let mix = mixOf(w, a);
    var x = 2.0 * (mix.x * mixedProduct(w, UNKNOWNS + j, b) + mix.y * mixedProduct(w, UNKNOWNS + R + j, b));
    if (j == b % R) {
      let beta = work[w + TRIAL_RE + j];
      let v = vec2f(work[w + U + j], work[w + U + j + R]);
      let v1 = mul(v, vec2f(work[w + OWN + j], -work[w + OWN + R + j]));
      let v2 = mul(v, vec2f(work[w + OWN + 2u * R + j], -work[w + OWN + 3u * R + j]));
      if (a < R && b < R) { x -= 2.0 * (beta * beta * v2.x + beta * v1.x); }
      else if (a >= R && b >= R) { x += 2.0 * v2.x; }
      else { x += 2.0 * beta * v2.y; }
      if (a == b) { work[w + TRIAL_GRADIENT + a] = select(2.0 * v1.y, -2.0 * beta * v1.x, a < R); }
    }
    work[w + TRIAL_HESSIAN + e] = x;
  }
  sync();
  for (var e = me; e < UNKNOWNS * M; e += THREADS) {
    var sum = 0.0;
    for (var k = 0u; k < UNKNOWNS; k++) {
      sum += work[w + INVERSE + (e / M) * UNKNOWNS + k] * work[w + MIXED + k * M + e % M];
    }
    work[w + PRODUCT + e] = sum;
  }
  sync();
  for (var e = me; e < M * M; e += THREADS) {
    var sum = 0.0;
    for (var k = 0u; k < UNKNOWNS; k++) { sum += work[w + MIXED + k * M + e / M] * work[w + PRODUCT + k * M + e % M]; }
    work[w + TRIAL_HESSIAN + e] -= 0.5 * sum;
  }
  sync();
}
`;
