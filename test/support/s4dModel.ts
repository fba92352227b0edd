import { writeFileSync } from 'node:fs';

/** The four tensors of one S4D layer, in the names and the layout of the original code. */
export interface S4dLayer {
  readonly channels: number;
  readonly slots: number;
  readonly C: Float32Array;
  readonly log_dt: Float32Array;
  readonly log_A_real: Float32Array;
  readonly A_imag: Float32Array;
}

/** A layer with smooth made-up parameters, the same at every call and different for every `seed`. */
export function exampleLayer(channels: number, slots: number, seed = 0): S4dLayer {
  const wave = (length: number, at: (index: number) => number): Float32Array =>
    Float32Array.from({ length }, (_, index) => at(index));
  return {
    channels,
    slots,
    C: wave(2 * channels * slots, (i) => Math.cos(1.3 * i + seed) / (1 + (i % (2 * slots)))),
    log_dt: wave(channels, (h) => Math.log(0.02 * (1 + h))),
    log_A_real: wave(channels * slots, (i) => Math.log(0.5 + 0.05 * Math.sin(i + seed))),
    A_imag: wave(channels * slots, (i) => Math.PI * (i % slots) + 0.1 * Math.sin(3 * i)),
  };
}

/** One tensor of a safetensors file; `bytes` may be fewer than the shape needs to make a broken file. */
export interface RawTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** The tensors of a small network around S4D layers, as the original example names them. */
export function s4dTensors(layers: readonly S4dLayer[]): RawTensor[] {
  return layers.flatMap((layer, index) => {
    const { channels: h, slots: n } = layer;
    const kernel = `s4_layers.${index}.kernel`;
    return [
      { name: `s4_layers.${index}.D`, shape: [h], values: new Float32Array(h).fill(0.5) },
      { name: `${kernel}.C`, shape: [h, n, 2], values: layer.C },
      { name: `${kernel}.log_dt`, shape: [h], values: layer.log_dt },
      { name: `${kernel}.log_A_real`, shape: [h, n], values: layer.log_A_real },
      { name: `${kernel}.A_imag`, shape: [h, n], values: layer.A_imag },
    ];
  });
}

type Header = Record<string, unknown>;

/** The bytes of a safetensors file. `alter` may spoil the header. */
export function safetensorsBytes(
  tensors: readonly RawTensor[],
  alter: (header: Header) => Header = (header) => header,
): Buffer {
  const header: Header = {};
  let offset = 0;
  for (const { name, shape, values } of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, (offset += values.byteLength)] };
  }
  const json = Buffer.from(JSON.stringify(alter(header)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const data = tensors.map(({ values: { buffer, byteOffset, byteLength } }) =>
    Buffer.from(buffer, byteOffset, byteLength),
  );
  return Buffer.concat([length, json, ...data]);
}

/** Writes a model of S4D layers as a safetensors file. */
export function writeS4dModel(path: string, layers: readonly S4dLayer[]): void {
  writeFileSync(path, safetensorsBytes(s4dTensors(layers)));
}

/** Reads the tensors of a safetensors file, all float32, without the code under test. */
export function readSafetensors(bytes: Buffer): Map<string, RawTensor> {
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Record<
    string,
    { shape: number[]; data_offsets: [number, number] }
  >;
  const tensors = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(
      ([
        name,
        {
          shape,
          data_offsets: [from, to],
        },
      ]): [string, RawTensor] => {
        const data = Uint8Array.from(bytes.subarray(8 + length + from, 8 + length + to));
        return [name, { name, shape, values: new Float32Array(data.buffer) }];
      },
    );
  return new Map(tensors);
}

/**
 * The impulse response of one channel straight from the definition of S4D,
 * K_l = 2 Re sum_n C_n (exp(dt A_n) - 1) / A_n exp(dt A_n l), in float64.
 */
export function s4dKernel(
  tensors: ReadonlyMap<string, RawTensor>,
  layer: number,
  channel: number,
  length: number,
): Float64Array {
  const tensor = (name: string): RawTensor => {
    const found = tensors.get(`s4_layers.${layer}.kernel.${name}`);
    if (found === undefined) throw new Error(`no ${name} in layer ${layer}`);
    return found;
  };
  const [C, logA, imag] = ['C', 'log_A_real', 'A_imag'].map((name) => tensor(name));
  const slots = logA.shape[1];
  const dt = Math.exp(tensor('log_dt').values[channel]);
  const kernel = new Float64Array(length);
  for (let n = channel * slots; n < (channel + 1) * slots; n++) {
    const [ar, ai] = [-Math.exp(logA.values[n]), imag.values[n]];
    const [er, ei] = [
      Math.exp(dt * ar) * Math.cos(dt * ai) - 1,
      Math.exp(dt * ar) * Math.sin(dt * ai),
    ];
    const size = ar * ar + ai * ai;
    const [qr, qi] = [(er * ar + ei * ai) / size, (ei * ar - er * ai) / size];
    const [cr, ci] = [C.values[2 * n], C.values[2 * n + 1]];
    const [wr, wi] = [2 * (cr * qr - ci * qi), 2 * (cr * qi + ci * qr)];
    for (let l = 0; l < length; l++) {
      const decay = Math.exp(dt * ar * l);
      kernel[l] += decay * (wr * Math.cos(dt * ai * l) - wi * Math.sin(dt * ai * l));
    }
  }
  return kernel;
}

export function distance(a: Float64Array, b: Float64Array): number {
  return Math.hypot(...a.map((value, index) => value - b[index]));
}
