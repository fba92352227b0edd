import { arithmetic } from './arithmetic';
import { linear } from './linear';
import { projection } from './projection';
import { step } from './step';

/** Threads that share a search. */
export const threads = 64;

/** Arrays one behind the other, in numbers: how much they take, and WGSL that names where each begins. */
export function offsetsOf(lengths: Readonly<Record<string, number>>): {
  readonly size: number;
  readonly constants: string;
} {
  let size = 0;
  const lines = Object.entries(lengths).map(([name, length]) => {
    const at = size;
    size += length;
    return `const ${constant(name)} = ${at}u;`;
  });
  return { size, constants: lines.join('\n') };
}

/** Arrays of one search in the working memory. */
export function workspaceOf(r: number): ReturnType<typeof offsetsOf> {
  const n = 2 * r;
  const square = n * n;
  return offsetsOf({
    ...{ trialRe: r, trialHigh: r, trialLow: r, growth: r, endRe: r, endIm: r },
    ...{ cross: 12 * r, own: 12 * r * r, q: 4 * r },
    ...{ rhs: n, u: n, scaleOf: n, free: n, step: n, gradient: n, trialGradient: n },
    ...{ gram: square, inverse: square, mixed: square, hessian: square, trialHessian: square },
    ...{ unit: square, signA: square, signB: square, product: square },
  });
}

/**
 * One kernel that does a whole search in one dispatch, `threads` of them on every search: the projection, its derivatives
 * and the saddle-free steps that `tfjs/projection` and `tfjs/search` write in TensorFlow's operations, in the same order.
 */
export function kernelFor(r: number): string {
  const { size, constants } = workspaceOf(r);
  const perRow = Math.max(1, Math.floor(threads / (2 * r)));
  return /* wgsl */ `
const R = ${r}u;
const M = ${2 * r}u;
const THREADS = ${threads}u;
const PER_ROW = ${perRow}u;
const ROWS = ${Math.floor(threads / perRow)}u;
const SIZE = ${size}u;
${constants}

// steps to try; poles of a full system; whether the horizon is finite, and short enough for the series; the span in
// steps; the horizon or 0; the least scale of Im b; turns over the span for Im b = 1
struct Job { steps: u32, n: u32, finite: u32, near: u32, span: f32, horizon: f32, leastScale: f32, turns: f32 }
@group(0) @binding(0) var<uniform> job: Job;
@group(0) @binding(1) var<storage, read> full: array<f32>;
@group(0) @binding(2) var<storage, read_write> poles: array<f32>;
@group(0) @binding(3) var<storage, read_write> scalars: array<f32>;
@group(0) @binding(4) var<storage, read_write> work: array<f32>;
@group(0) @binding(5) var<storage, read_write> slopes: array<f32>;

var<workgroup> shares: array<array<f32, 6>, THREADS>;
var<workgroup> reduced: array<f32, THREADS>;
var<workgroup> row: array<f32, M>;
var<workgroup> total: f32;
${arithmetic}${linear}${projection}${step}${entry}`;
}

function constant(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

const entry = /* wgsl */ `
@compute @workgroup_size(THREADS)
fn search(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) me: u32) {
  let t = group.x;
  let w = t * SIZE;
  let f = t * 8u * job.n;
  let p = t * 3u * R;
  let slowest = scalars[2u * t];
  for (var j = me; j < R; j += THREADS) { fold(w, j, poles[p + j], poles[p + R + j], poles[p + 2u * R + j]); }
  sync();
  var value = 0.0;
  var damping = 1e-3;
  for (var k = 0u; k <= job.steps; k++) {
    var predicted = 0.0;
    if (k > 0u) { predicted = advance(p, w, slowest, damping, me); }
    let reached = project(w, f, me);
    // all threads have the same numbers, but the device cannot know that
    let better = sumOf(select(0.0, 1.0, k == 0u || reached < value), me) > 0.5;
    if (better) { accept(p, w, me); }
    if (k == 0u) {
      for (var i = me; i < M; i += THREADS) { slopes[t * M + i] = work[w + GRADIENT + i]; }
    } else if (better) {
      let ratio = (value - reached) / max(predicted, 1e-30);
      damping *= select(select(4.0, 1.0, ratio > 0.1), 0.1, ratio > 0.5);
    } else { damping *= 8.0; }
    if (better) { value = reached; }
    damping = clamp(damping, 1e-5, 1e4);
  }
  if (me == 0u) { scalars[2u * t + 1u] = value; }
}
`;
