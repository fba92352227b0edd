/**
 * WGSL for what is weighed between searches (`core/calibrate/insertion`): what the loss of each active slot costs, and
 * which trial pole beside the active ones lowers the error most. A thread does one trial pole at a time.
 */
export const weightedInsertion = /* wgsl */ `
// (A^-1)_ij of the normal equations
fn inverseAt(w: u32, i: u32, j: u32) -> f32 {
  return work[w + INVERSE + i * UNKNOWNS + j] / (work[w + SCALE_OF + i] * work[w + SCALE_OF + j]);
}

fn removalCost(w: u32, j: u32) -> f32 {
  let a = inverseAt(w, j, j);
  let b = inverseAt(w, j, R + j);
  let c = inverseAt(w, R + j, R + j);
  let x = work[w + U + j];
  let y = work[w + U + R + j];
  return (x * x * c - 2.0 * x * y * b + y * y * a) / max(a * c - b * b, 1e-30);
}

// sums of a trial pole: products of its two columns with the unknowns', with the residual, and among themselves
var<private> sums: array<f32, 2u * UNKNOWNS + 5u>;

fn addTile(w: u32, g: u32, pole: Pole, first: u32) {
  for (var k = 0u; k < min(TILE, job.points - first); k++) {
    let m = first + k;
    let half = 0.5 * targets[g + m];
    let pair = pairOf(pole, m);
    let a = half * pair.a0;
    let b = half * pair.b0;
    for (var i = 0u; i < UNKNOWNS; i++) {
      let column = entryOf(i, k);
      sums[i] += dot(a, column);
      sums[UNKNOWNS + i] += dot(b, column);
    }
    let left = entryOf(VALUES, k);
    sums[2u * UNKNOWNS] += dot(a, left);
    sums[2u * UNKNOWNS + 1u] += dot(b, left);
    sums[2u * UNKNOWNS + 2u] += dot(a, a);
    sums[2u * UNKNOWNS + 3u] += dot(a, b);
    sums[2u * UNKNOWNS + 4u] += dot(b, b);
  }
}

// the share of trial columns x and y in the span of the unknowns'
fn spanned(w: u32, x: u32, y: u32) -> f32 {
  var whole = 0.0;
  for (var i = 0u; i < UNKNOWNS; i++) {
    var sum = 0.0;
    for (var j = 0u; j < UNKNOWNS; j++) {
      sum += work[w + INVERSE + i * UNKNOWNS + j] * sums[y * UNKNOWNS + j] / work[w + SCALE_OF + j];
    }
    whole += sums[x * UNKNOWNS + i] * sum / work[w + SCALE_OF + i];
  }
  return whole;
}

fn gainOf(w: u32) -> f32 {
  let last = 2u * UNKNOWNS;
  let a11 = sums[last + 2u];
  let a22 = sums[last + 4u];
  let b11 = a11 - spanned(w, 0u, 0u);
  let b12 = sums[last + 3u] - spanned(w, 0u, 1u);
  let b22 = a22 - spanned(w, 1u, 1u);
  let determinant = b11 * b22 - b12 * b12;
  if (!(determinant > 1e-5 * a11 * a22 && b11 > 1e-3 * a11)) { return -1.0; }
  let x = sums[last];
  let y = sums[last + 1u];
  return (x * x * b22 - 2.0 * x * y * b12 + y * y * b11) / determinant;
}

@compute @workgroup_size(THREADS)
fn weigh(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) me: u32) {
  let t = group.x;
  let w = t * SIZE;
  let p = t * 4u * R;
  let target_ = u32(scalars[2u * t]);
  let g = target_ * 3u * job.points;
  for (var j = me; j < R; j += THREADS) { fold(w, j, poles[p + j], poles[p + R + j], poles[p + 2u * R + j]); }
  sync();
  preparePoles(w, me);
  clear(w, me);
  var gain = -1.0;
  var best = 0u;
  let all = job.shared_ + job.own;
  let length = job.trials;
  // the first round is for the normal equations
  for (var end = 0u; end < all + THREADS; end += THREADS) {
    let c = min(end - min(end, THREADS) + me, all - 1u);
    let at = select(job.shared_ + target_ * job.own + c - job.shared_, c, c < job.shared_);
    let pole = poleOf(trials[at], trials[length + at], trials[2u * length + at]);
    for (var i = 0u; i < 2u * UNKNOWNS + 5u; i++) { sums[i] = 0.0; }
    sweep(select(forTrial, forGram, end == 0u), w, p, g, pole, me);
    if (end == 0u) {
      invertGram(w, me);
      addWeights(w, me);
      for (var j = me; j < R; j += THREADS) {
        found[t * OUT + j] = select(1e30, removalCost(w, j), poles[p + 3u * R + j] > 0.5);
      }
    } else {
      let one = gainOf(w);
      if (one > gain) { gain = one; best = at; }
    }
  }
  reduced[me] = gain;
  chosen[me] = best;
  workgroupBarrier();
  if (me == 0u) {
    for (var k = 1u; k < THREADS; k++) {
      if (reduced[k] > gain || (reduced[k] == gain && chosen[k] < best)) { gain = reduced[k]; best = chosen[k]; }
    }
    found[t * OUT + R] = f32(best);
    found[t * OUT + R + 1u] = gain;
  }
}
`;
