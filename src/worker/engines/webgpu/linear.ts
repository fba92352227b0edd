/** WGSL that all kernels share: sums over the threads of a search, the poles on trial, and matrices in working memory. */
export const linear = /* wgsl */ `
fn sync() { storageBarrier(); workgroupBarrier(); }

// the sum of x over all threads, the same for each
fn sumOf(x: f32, me: u32) -> f32 {
  reduced[me] = x;
  workgroupBarrier();
  if (me == 0u) {
    var sum = 0.0;
    for (var k = 0u; k < THREADS; k++) { sum += reduced[k]; }
    total = sum;
  }
  return workgroupUniformLoad(&total);
}

fn largestOf(x: f32, me: u32) -> f32 {
  reduced[me] = x;
  workgroupBarrier();
  if (me == 0u) {
    var most = 0.0;
    for (var k = 0u; k < THREADS; k++) { most = max(most, reduced[k]); }
    total = most;
  }
  return workgroupUniformLoad(&total);
}

fn trialPole(w: u32, j: u32) -> Pole {
  return Pole(work[w + TRIAL_RE + j], work[w + TRIAL_HIGH + j], work[w + TRIAL_LOW + j], work[w + GROWTH + j],
    vec2f(work[w + END_RE + j], work[w + END_IM + j]));
}

fn setPair(at: u32, x: vec2f) { work[at] = x.x; work[at + 1u] = x.y; }
fn pairAt(at: u32) -> vec2f { return vec2f(work[at], work[at + 1u]); }

// inverse in place of a symmetric positive definite matrix with a diagonal near 1, by sweeps
fn invert(at: u32, size: u32, me: u32) {
  for (var k = 0u; k < size; k++) {
    for (var i = me; i < size; i += THREADS) { row[i] = work[at + k * size + i]; }
    sync();
    let pivot = max(row[k], 1e-7);
    for (var e = me; e < size * size; e += THREADS) {
      let i = e / size;
      let j = e % size;
      var x = work[at + e] - row[i] * row[j] / pivot;
      if (i == k && j == k) { x = -1.0 / pivot; }
      else if (i == k) { x = row[j] / pivot; }
      else if (j == k) { x = row[i] / pivot; }
      work[at + e] = x;
    }
    sync();
  }
  for (var e = me; e < size * size; e += THREADS) { work[at + e] = -work[at + e]; }
  sync();
}

// into = left * right, of M x M
fn multiply(into: u32, left: u32, right: u32, me: u32) {
  for (var e = me; e < M * M; e += THREADS) {
    var sum = 0.0;
    for (var k = 0u; k < M; k++) { sum += work[left + (e / M) * M + k] * work[right + k * M + e % M]; }
    work[into + e] = sum;
  }
  sync();
}
`;
