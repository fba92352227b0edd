import { writeFileSync } from 'node:fs';
import { uniform } from '../../src/core/random';
import { encodeNpy } from '../../src/formats/npy';
import { exampleLayer, s4dTensors, safetensorsBytes, type RawTensor } from './s4dModel';
import { zipOf } from './torchZip';

/** Sizes of a small network in the names of the original example. */
const [width, features, classes] = [2, 4, 3];

/** A network with made-up weights, the same at every call: encoder, two S4D layers, mean pooling, decoder. */
export function writeExampleNetwork(path: string, slots: number): void {
  const next = uniform(7);
  const random = (name: string, shape: readonly number[], size: number): RawTensor => ({
    name,
    shape,
    values: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
      return size * (2 * next() - 1);
    }),
  });
  const ones = (name: string): RawTensor => ({
    name,
    shape: [features],
    values: new Float32Array(features).fill(1),
  });
  const around = [0, 1].flatMap((i) => [
    random(`s4_layers.${i}.output_linear.0.weight`, [2 * features, features, 1], 0.8),
    random(`s4_layers.${i}.output_linear.0.bias`, [2 * features], 0.1),
    ones(`norms.${i}.weight`),
    random(`norms.${i}.bias`, [features], 0.1),
  ]);
  const tensors = [
    random('encoder.weight', [features, width], 1),
    random('encoder.bias', [features], 0.2),
    ...s4dTensors([exampleLayer(features, slots, 1), exampleLayer(features, slots, 2)]),
    ...around,
    random('decoder.weight', [classes, features], 1),
    random('decoder.bias', [classes], 0.2),
  ];
  writeFileSync(path, safetensorsBytes(tensors));
}

/** Slow waves with noise as sequences for the network, and labels where `labelled`. */
export async function writeExampleData(
  path: string,
  count: number,
  length: number,
  labelled = true,
): Promise<void> {
  const next = uniform(11);
  const values = new Float64Array(count * length * width);
  for (let i = 0; i < count; i++) {
    const [pace, phase] = [0.02 + 0.2 * next(), 6 * next()];
    for (let t = 0; t < length; t++) {
      for (let h = 0; h < width; h++) {
        values[(i * length + t) * width + h] = Math.sin(pace * t + phase + h) + 0.3 * next();
      }
    }
  }
  const x = encodeNpy({ dtype: 'float32', shape: [count, length, width], values });
  const y = encodeNpy({
    dtype: 'int64',
    shape: [count],
    values: Float64Array.from({ length: count }, (_, i) => i % classes),
  });
  writeFileSync(path, await zipOf(labelled ? { 'x.npy': x, 'y.npy': y } : { 'x.npy': x }));
}
