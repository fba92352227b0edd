import { SsmError } from '../../../core/errors';
import type { PackedTargets } from '../weighted/packedTargets';
import type { Points, Reached, WeightedDevice } from '../weighted/searchTogether';
import { joinArrays } from '../searchEngine';
import { mapForReading, usage, type GpuBuffer, type GpuDevice, type GpuPipeline } from './device';
import { interleaved } from './interleaved';
import { outputsOf, weightedKernelFor, weightedWorkspaceOf } from './weightedKernel';

/** Searches of one dispatch: systems end a dispatch that takes seconds. */
const atOnce = 1024;

/** The kernels for a number of slots, ready to run. */
export interface WeightedKernels {
  readonly layout: object;
  readonly search: GpuPipeline;
  readonly weigh: GpuPipeline;
}

export async function compileWeighted(gpu: GpuDevice, slots: number): Promise<WeightedKernels> {
  const module = gpu.createShaderModule({ code: weightedKernelFor(slots) });
  const [input, output] = ['read-only-storage', 'storage'];
  const kinds = ['uniform', input, input, input, output, output, output, output];
  const layout = gpu.createBindGroupLayout({
    entries: kinds.map((type, binding) => ({
      ...{ binding, visibility: usage.compute },
      buffer: { type },
    })),
  });
  const pipeline = (entryPoint: string): Promise<GpuPipeline> =>
    gpu.createComputePipelineAsync({
      layout: gpu.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint },
    });
  const [search, weigh] = await Promise.all([pipeline('search'), pipeline('weigh')]);
  return { layout, search, weigh };
}

/** Bytes of the largest buffer that a target or its search needs. */
export function weightedBytes({ length }: { readonly length: number }, slots: number): number {
  return 4 * Math.max(3 * (length / 2 + 1), weightedWorkspaceOf(slots).size);
}

/** Numbers that a dispatch gives back, one search after another. */
export interface Computed extends Reached {
  /** `outputsOf` of each search. */
  readonly found: Float32Array;
}

export interface WeightedGpu extends WeightedDevice {
  newton(points: Points, steps: number): Promise<Computed>;
  dispose(): void;
}

/** Puts targets onto the device and keeps them there until disposed of. */
export function weightedOnGpu(
  gpu: GpuDevice,
  kernels: WeightedKernels,
  targets: PackedTargets,
): WeightedGpu {
  const { storage, copyTarget } = usage;
  const { root, values, points, count, grid, trials, slots } = targets;
  const made: GpuBuffer[] = [];
  const held = (data: Float32Array): GpuBuffer => {
    const one = gpu.createBuffer({ size: data.byteLength, usage: storage | copyTarget });
    made.push(one);
    gpu.queue.writeBuffer(one, 0, data);
    return one;
  };
  const halves = [0, 1].map((half) => halfOf(values, half, count, points));
  const inputs = [
    held(interleaved([root, ...halves], count, points)),
    held(interleaved([grid.high, grid.low, grid.endRe, grid.endIm], 1, points)),
    held(interleaved([trials.re, trials.high, trials.low], 1, trials.re.length)),
  ];
  const run = async (which: 'search' | 'weigh', all: Points, steps: number): Promise<Computed> => {
    const parts: Computed[] = [];
    for (let from = 0; from < all.targetOf.length; from += atOnce) {
      const some = sliced(all, from, Math.min(from + atOnce, all.targetOf.length), slots);
      parts.push(await dispatch(gpu, kernels, which, inputs, { targets, steps, points: some }));
    }
    return joined(parts);
  };
  return {
    newton: (all, steps) => run('search', all, steps),
    async weigh(all) {
      const { found } = await run('weigh', all, 0);
      const width = outputsOf(slots);
      const T = all.targetOf.length;
      const costs = new Float32Array(T * slots);
      const best = new Int32Array(T);
      const gain = new Float32Array(T);
      for (let t = 0; t < T; t++) {
        costs.set(found.subarray(t * width, t * width + slots), t * slots);
        best[t] = found[t * width + slots];
        gain[t] = found[t * width + slots + 1];
      }
      return { costs, best, gain };
    },
    dispose() {
      for (const one of made) one.destroy();
    },
  };
}

/** Real or imaginary parts of all rows. */
function halfOf(values: Float32Array, half: number, count: number, points: number): Float32Array {
  const part = new Float32Array(count * points);
  for (let c = 0; c < count; c++) {
    const from = (2 * c + half) * points;
    part.set(values.subarray(from, from + points), c * points);
  }
  return part;
}

interface Dispatch {
  readonly targets: PackedTargets;
  readonly steps: number;
  readonly points: Points;
}

async function dispatch(
  gpu: GpuDevice,
  { layout, ...pipelines }: WeightedKernels,
  which: 'search' | 'weigh',
  inputs: readonly GpuBuffer[],
  { targets, steps, points }: Dispatch,
): Promise<Computed> {
  const { slots: r } = targets;
  const T = points.targetOf.length;
  const out = outputsOf(r);
  const made: GpuBuffer[] = [];
  const buffer = (length: number, flags: number): GpuBuffer => {
    const one = gpu.createBuffer({ size: 4 * length, usage: flags });
    made.push(one);
    return one;
  };
  const { storage, copySource, copyTarget, uniform, mapRead } = usage;
  gpu.pushErrorScope('out-of-memory');
  const job = buffer(jobWords, uniform | copyTarget);
  const poles = buffer(4 * r * T, storage | copySource | copyTarget);
  const scalars = buffer(2 * T, storage | copySource | copyTarget);
  const work = buffer(T * weightedWorkspaceOf(r).size, storage);
  const found = buffer(out * T, storage | copySource);
  const results = buffer((4 * r + 2 + out) * T, mapRead | copyTarget);
  try {
    const failed = await gpu.popErrorScope();
    if (failed !== null) throw new SsmError('worker-lost', `Out of memory: ${failed.message}`);
    gpu.queue.writeBuffer(job, 0, jobOf(targets, steps));
    const { re, high, low } = points.poles;
    gpu.queue.writeBuffer(poles, 0, interleaved([re, high, low, points.active], T, r));
    gpu.queue.writeBuffer(
      scalars,
      0,
      Float32Array.from({ length: 2 * T }, (_, i) => (i % 2 === 0 ? points.targetOf[i / 2] : 0)),
    );
    const group = gpu.createBindGroup({
      layout,
      entries: [job, ...inputs, poles, scalars, work, found].map((one, binding) => ({
        binding,
        resource: { buffer: one },
      })),
    });
    const encoder = gpu.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipelines[which]);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(T);
    pass.end();
    encoder.copyBufferToBuffer(poles, 0, results, 0, 16 * r * T);
    encoder.copyBufferToBuffer(scalars, 0, results, 16 * r * T, 8 * T);
    encoder.copyBufferToBuffer(found, 0, results, (16 * r + 8) * T, 4 * out * T);
    gpu.queue.submit([encoder.finish()]);
    await results.mapAsync(mapForReading);
    const numbers = new Float32Array(results.getMappedRange().slice(0));
    results.unmap();
    const part = (k: number): Float32Array =>
      Float32Array.from({ length: T * r }, (_, i) => {
        const t = Math.floor(i / r);
        return numbers[4 * r * t + k * r + (i % r)];
      });
    return {
      poles: { re: part(0), high: part(1), low: part(2) },
      value: Float32Array.from({ length: T }, (_, t) => numbers[4 * r * T + 2 * t + 1]),
      found: numbers.slice((4 * r + 2) * T),
    };
  } finally {
    for (const one of made) one.destroy();
  }
}

/** Words of `Job`, a multiple of four. */
const jobWords = 16;

/** What the kernels' `Job` says. */
function jobOf(targets: PackedTargets, steps: number): Uint8Array {
  const { points, shared, own, trials, span, taper, freeSkip, slowest } = targets;
  const job = new Uint8Array(4 * jobWords);
  const [finite, near] = [1, 1];
  const counts = Uint32Array.of(steps, points, shared, own, trials.re.length, finite, near);
  const turns = span / (2 * Math.PI);
  const reals = Float32Array.of(span, span, 1 / span, turns, taper, Number(freeSkip), slowest);
  job.set(new Uint8Array(counts.buffer), 0);
  job.set(new Uint8Array(reals.buffer), counts.byteLength);
  return job;
}

function sliced(all: Points, from: number, to: number, slots: number): Points {
  const part = (x: Float32Array): Float32Array => x.subarray(from * slots, to * slots);
  const { re, high, low } = all.poles;
  return {
    targetOf: all.targetOf.subarray(from, to),
    poles: { re: part(re), high: part(high), low: part(low) },
    active: part(all.active),
  };
}

function joined(parts: readonly Computed[]): Computed {
  const join = (of: (part: Computed) => Float32Array): Float32Array =>
    joinArrays(Float32Array, parts.map(of));
  return {
    poles: {
      re: join(({ poles }) => poles.re),
      high: join(({ poles }) => poles.high),
      low: join(({ poles }) => poles.low),
    },
    value: join(({ value }) => value),
    found: join(({ found }) => found),
  };
}
