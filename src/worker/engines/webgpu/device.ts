/** The parts of WebGPU that are used here, as its specification has them. */
export interface GpuBuffer {
  mapAsync(mode: number): Promise<undefined>;
  getMappedRange(): ArrayBuffer;
  unmap(): void;
  destroy(): void;
}

export interface GpuPipeline {
  getBindGroupLayout(index: number): object;
}

interface GpuPass {
  setPipeline(pipeline: GpuPipeline): void;
  setBindGroup(index: number, group: object): void;
  dispatchWorkgroups(count: number): void;
  end(): void;
}

interface GpuEncoder {
  beginComputePass(): GpuPass;
  copyBufferToBuffer(
    from: GpuBuffer,
    fromOffset: number,
    to: GpuBuffer,
    toOffset: number,
    bytes: number,
  ): void;
  finish(): object;
}

export interface GpuDevice {
  readonly limits: { readonly maxStorageBufferBindingSize: number };
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
  readonly queue: {
    submit(commands: readonly object[]): void;
    writeBuffer(buffer: GpuBuffer, offset: number, data: ArrayBufferView): void;
  };
  createShaderModule(descriptor: { code: string }): object;
  createComputePipelineAsync(descriptor: object): Promise<GpuPipeline>;
  createBuffer(descriptor: { size: number; usage: number }): GpuBuffer;
  createBindGroupLayout(descriptor: object): object;
  createPipelineLayout(descriptor: object): object;
  createBindGroup(descriptor: object): object;
  createCommandEncoder(): GpuEncoder;
  pushErrorScope(filter: 'out-of-memory' | 'validation'): void;
  popErrorScope(): Promise<{ readonly message: string } | null>;
  destroy(): void;
}

export interface GpuAdapter {
  readonly info: {
    readonly vendor: string;
    readonly architecture: string;
    readonly description: string;
    readonly isFallbackAdapter?: boolean;
  };
  readonly limits: GpuDevice['limits'] & { readonly maxBufferSize: number };
  requestDevice(descriptor: object): Promise<GpuDevice>;
}

export interface Gpu {
  requestAdapter(options?: object): Promise<GpuAdapter | null>;
}

/** Flags of the specification. */
export const usage = {
  ...{ mapRead: 1, copySource: 4, copyTarget: 8, uniform: 64, storage: 128 },
  /** Of bind groups: visible to compute shaders. */
  compute: 4,
};
export const mapForReading = 1;
