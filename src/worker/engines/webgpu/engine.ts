import { SsmError } from '../../../core/errors';
import type { SearchTargets } from '../../../core/calibrate/searchTargets';
import { packBatch, unpackResult, type PackedBatch } from '../packedBatch';
import { joinResults, sliceSearches, type SearchBatch, type SearchEngine } from '../searchEngine';
import { packTargets, piecesOfTargets, type PackedTargets } from '../weighted/packedTargets';
import { allPoints, searchTogether } from '../weighted/searchTogether';
import { mapForReading, usage, type GpuBuffer, type GpuDevice, type GpuPipeline } from './device';
import { interleaved } from './interleaved';
import { kernelFor, workspaceOf } from './kernel';
import type { OpenedGpu } from './load';
import {
  compileWeighted,
  weightedBytes,
  weightedOnGpu,
  type WeightedGpu,
  type WeightedKernels,
} from './weightedDevice';
import { outputsOf } from './weightedKernel';

/** Searches of one dispatch: systems end a dispatch that takes seconds, and a person may cancel between two. */
const atOnce = 2048;

/** Numbers that a dispatch gives back, one search after another. */
interface Computed {
  readonly poles: Float32Array;
  readonly values: Float32Array;
  readonly slopes: Float32Array;
}

/** The engine of kernels of our own on WebGPU. */
export function createWebGpuEngine({ gpu, device }: OpenedGpu): SearchEngine {
  const pipelines = new Map<number, Promise<GpuPipeline>>();
  const kernels = new Map<number, Promise<WeightedKernels>>();
  let lost: string | undefined;
  void gpu.lost.then(({ message }) => {
    lost = message.split('\n')[0];
  });

  /** What is computed, or that the device was lost meanwhile. */
  const unlessLost = <T>(compute: () => Promise<T>): Promise<T> => {
    const gone = gpu.lost.then(({ message }) => {
      throw new SsmError('worker-lost', `The device was lost: ${message.split('\n')[0]}`);
    });
    return lost === undefined ? Promise.race([gone, compute()]) : gone;
  };

  const compute = (batch: PackedBatch, steps: number): Promise<Computed> => {
    const { slots } = batch;
    const pipeline = pipelines.get(slots) ?? compile(gpu, kernelFor(slots));
    pipelines.set(slots, pipeline);
    return unlessLost(async () => dispatch(gpu, await pipeline, batch, steps));
  };

  const onWeighted = <T>(
    targets: SearchTargets,
    compute: (device: WeightedGpu, packed: PackedTargets) => Promise<T>,
  ): Promise<T> => {
    const { slots } = targets;
    const ready = kernels.get(slots) ?? compileWeighted(gpu, slots);
    kernels.set(slots, ready);
    return unlessLost(async () => {
      const packed = packTargets(targets);
      const device = weightedOnGpu(gpu, await ready, packed);
      try {
        return await compute(device, packed);
      } finally {
        device.dispose();
      }
    });
  };

  const piecesOf = (batch: SearchBatch): SearchBatch[] => {
    const bytes = 4 * Math.max(workspaceOf(batch.slots).size, 8 * batch.systems.slots);
    const fit = Math.floor(gpu.limits.maxStorageBufferBindingSize / bytes);
    const size = Math.max(1, Math.min(atOnce, fit));
    return Array.from({ length: Math.ceil(batch.systemOf.length / size) }, (_, i) =>
      sliceSearches(batch, i * size, (i + 1) * size),
    );
  };

  return {
    id: 'webgpu',
    device,
    async search(batch, steps) {
      const parts = [];
      for (const piece of piecesOf(batch)) {
        const packed = packBatch(piece);
        const { poles, values } = await compute(packed, steps);
        const { slots: r, searches: T, span } = packed;
        const part = (k: number): Float32Array =>
          Float32Array.from({ length: T * r }, (_, i) => {
            const t = Math.floor(i / r);
            return poles[3 * r * t + k * r + (i % r)];
          });
        const found = { re: part(0), high: part(1), low: part(2) };
        parts.push(unpackResult(found, values, span));
      }
      return joinResults(parts);
    },
    async derivatives(batch) {
      const { values, slopes } = await compute(packBatch(batch), 0);
      return { value: values, gradient: slopes };
    },
    async searchWeighted(targets) {
      const bytes = weightedBytes(targets, targets.slots);
      const fit = Math.floor(gpu.limits.maxStorageBufferBindingSize / bytes);
      const parts = [];
      for (const piece of piecesOfTargets(targets, Math.min(atOnce, fit))) {
        const found = await onWeighted(piece, (device, packed) =>
          searchTogether(device, packed, piece.effort),
        );
        parts.push(unpackResult(found.poles, found.value, piece.horizon));
      }
      return joinResults(parts);
    },
    weightedDerivatives: (targets, poles) =>
      onWeighted(targets, async (device) => {
        const points = allPoints(targets, poles);
        const { value, found } = await device.newton(points, 0);
        const [all, width] = [outputsOf(targets.slots), 2 * targets.slots];
        const own = (_: number, i: number): boolean => i % all < width;
        return { value, gradient: found.filter(own), ...(await device.weigh(points)) };
      }),
    dispose() {
      gpu.destroy();
      return Promise.resolve();
    },
  };
}

async function compile(gpu: GpuDevice, code: string): Promise<GpuPipeline> {
  const module = gpu.createShaderModule({ code });
  return gpu.createComputePipelineAsync({
    layout: 'auto',
    compute: { module, entryPoint: 'search' },
  });
}

/** Sends a batch to the device, runs the kernel on it and reads what it found. */
async function dispatch(
  gpu: GpuDevice,
  pipeline: GpuPipeline,
  batch: PackedBatch,
  steps: number,
): Promise<Computed> {
  const { searches: T, slots: r } = batch;
  const made: GpuBuffer[] = [];
  const buffer = (length: number, flags: number): GpuBuffer => {
    const one = gpu.createBuffer({ size: 4 * length, usage: flags });
    made.push(one);
    return one;
  };
  const { storage, copySource, copyTarget, uniform, mapRead } = usage;
  gpu.pushErrorScope('out-of-memory');
  const inputs = [inputsOf(batch), startsOf(batch), scalarsOf(batch)];
  const job = buffer(8, uniform | copyTarget);
  const [full, poles, scalars] = inputs.map((data) =>
    buffer(data.length, storage | copySource | copyTarget),
  );
  const work = buffer(T * workspaceOf(r).size, storage);
  const slopes = buffer(2 * r * T, storage | copySource);
  const results = buffer((3 * r + 2 + 2 * r) * T, mapRead | copyTarget);
  try {
    const failed = await gpu.popErrorScope();
    if (failed !== null) throw new SsmError('worker-lost', `Out of memory: ${failed.message}`);
    gpu.queue.writeBuffer(job, 0, jobOf(batch, steps));
    [full, poles, scalars].forEach((one, i) => {
      gpu.queue.writeBuffer(one, 0, inputs[i]);
    });
    const group = gpu.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [job, full, poles, scalars, work, slopes].map((one, binding) => ({
        binding,
        resource: { buffer: one },
      })),
    });
    const encoder = gpu.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(T);
    pass.end();
    const [first, second] = [12 * r * T, (12 * r + 8) * T];
    encoder.copyBufferToBuffer(poles, 0, results, 0, first);
    encoder.copyBufferToBuffer(scalars, 0, results, first, 8 * T);
    encoder.copyBufferToBuffer(slopes, 0, results, second, 8 * r * T);
    gpu.queue.submit([encoder.finish()]);
    await results.mapAsync(mapForReading);
    const numbers = new Float32Array(results.getMappedRange().slice(0));
    results.unmap();
    return {
      poles: numbers.slice(0, 3 * r * T),
      values: Float32Array.from({ length: T }, (_, t) => numbers[3 * r * T + 2 * t + 1]),
      slopes: numbers.slice((3 * r + 2) * T),
    };
  } finally {
    for (const one of made) one.destroy();
  }
}

/** What the kernel's `Job` says. */
function jobOf(batch: PackedBatch, steps: number): Uint8Array {
  const { systemSlots, finite, near, span } = batch;
  const [horizon, leastScale] = finite ? [span, 1 / span] : [0, 1e-12];
  const counts = Uint32Array.of(steps, systemSlots, Number(finite), Number(near));
  const reals = Float32Array.of(span, horizon, leastScale, span / (2 * Math.PI));
  const job = new Uint8Array(32);
  job.set(new Uint8Array(counts.buffer), 0);
  job.set(new Uint8Array(reals.buffer), 16);
  return job;
}

/** Poles and weights of the systems: eight arrays of N numbers a search. */
function inputsOf(batch: PackedBatch): Float32Array {
  const { full, fullGrowth, fullEndRe, fullEndIm, weightRe, weightIm } = batch;
  const parts = [full.re, full.high, full.low, fullGrowth, fullEndRe, fullEndIm];
  return interleaved([...parts, weightRe, weightIm], batch.searches, batch.systemSlots);
}

function startsOf({ start, searches, slots }: PackedBatch): Float32Array {
  return interleaved([start.re, start.high, start.low], searches, slots);
}

/** The slowest decay and room for the value. */
function scalarsOf({ slowest, searches }: PackedBatch): Float32Array {
  const scalars = new Float32Array(2 * searches);
  slowest.forEach((decay, t) => {
    scalars[2 * t] = decay;
  });
  return scalars;
}
