import { arithmetic } from './arithmetic';
import { offsetsOf, threads } from './kernel';
import { linear } from './linear';
import { step } from './step';
import { weightedInsertion } from './weightedInsertion';
import { weightedProjection } from './weightedProjection';

/** Bytes of a workgroup's memory that columns may take; WebGPU promises 16,384 in all. */
const tileBytes = 13_000;

/** Numbers that each search gives back. */
export function outputsOf(r: number): number {
  return 2 * r + 2;
}

/** Arrays of one search in the working memory, in numbers, one behind the other. */
export function weightedWorkspaceOf(r: number): ReturnType<typeof offsetsOf> {
  const n = 2 * r;
  const [unknowns, columns] = [n + 1, 2 * n + 2];
  const square = n * n;
  return offsetsOf({
    ...{ trialRe: r, trialHigh: r, trialLow: r, growth: r, endRe: r, endIm: r },
    ...{ own: 4 * r, u: unknowns, missing: unknowns, scaleOf: unknowns },
    ...{ free: n, step: n, gradient: n, trialGradient: n },
    ...{ gram: columns * columns, inverse: unknowns * unknowns, mixed: unknowns * n },
    ...{ product: unknowns * n, hessian: square, trialHessian: square },
    ...{ unit: square, signA: square, signB: square },
  });
}

/**
 * Two kernels on the targets of calibrated layers, `threads` on each search: `search` takes whole Newton steps of the
 * weighted error in one dispatch, `weigh` finds what to add or take out next.
 */
export function weightedKernelFor(r: number): string {
  const { size, constants } = weightedWorkspaceOf(r);
  const tile = 2 ** Math.floor(Math.log2(Math.min(threads, tileBytes / (8 * (6 * r + 2)))));
  return /* wgsl */ `
const R = ${r}u;
const M = ${2 * r}u;
const UNKNOWNS = ${2 * r + 1}u;
const COLUMNS = ${4 * r + 2}u;
const VALUES = ${4 * r + 1}u;
const TILE = ${tile}u;
const THREADS = ${threads}u;
const SIZE = ${size}u;
const OUT = ${outputsOf(r)}u;
${constants}

// steps to try; frequencies; trial poles: how many all searches share, how many each target has, and all; for the
// arithmetic, as for plain searches; taper by lag; whether the skip weight is free; the slowest decay
struct Job {
  steps: u32, points: u32, shared_: u32, own: u32, trials: u32, finite: u32, near: u32, span: f32, horizon: f32,
  leastScale: f32, turns: f32, taper: f32, freeSkip: f32, slowest: f32
}
@group(0) @binding(0) var<uniform> job: Job;
@group(0) @binding(1) var<storage, read> targets: array<f32>;
@group(0) @binding(2) var<storage, read> grid: array<f32>;
@group(0) @binding(3) var<storage, read> trials: array<f32>;
@group(0) @binding(4) var<storage, read_write> poles: array<f32>;
@group(0) @binding(5) var<storage, read_write> scalars: array<f32>;
@group(0) @binding(6) var<storage, read_write> work: array<f32>;
@group(0) @binding(7) var<storage, read_write> found: array<f32>;

var<workgroup> tile: array<f32, ${(6 * r + 2) * 2}u * TILE>;
var<workgroup> reduced: array<f32, THREADS>;
var<workgroup> chosen: array<u32, THREADS>;
var<workgroup> row: array<f32, UNKNOWNS>;
var<workgroup> total: f32;
${arithmetic}${linear}${weightedProjection}${step}${weightedInsertion}${entry}`;
}

const entry = /* wgsl */ `
@compute @workgroup_size(THREADS)
fn search(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) me: u32) {
  let t = group.x;
  let w = t * SIZE;
  let p = t * 4u * R;
  let g = u32(scalars[2u * t]) * 3u * job.points;
  for (var j = me; j < R; j += THREADS) { fold(w, j, poles[p + j], poles[p + R + j], poles[p + 2u * R + j]); }
  sync();
  var value = 0.0;
  var damping = 1e-3;
  for (var k = 0u; k <= job.steps; k++) {
    var predicted = 0.0;
    if (k > 0u) { predicted = advance(p, w, job.slowest, damping, me); }
    let reached = project(w, p, g, me);
    // all threads have the same numbers, but the device cannot know that
    let better = sumOf(select(0.0, 1.0, k == 0u || reached < value), me) > 0.5;
    if (better) { accept(p, w, me); }
    if (k == 0u) {
      for (var i = me; i < M; i += THREADS) { found[t * OUT + i] = work[w + GRADIENT + i]; }
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
