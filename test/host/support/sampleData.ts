import { encodeNpy } from '../../../src/formats/npy';
import { zipFile } from '../../support/zipFile';

const length = 96;

/**
 * Sample data for the sample checkpoint: random walks in [0, 1], and labels of ten classes. Every call gives the same.
 */
export function sampleData(sequences: number): Buffer {
  const random = numbers(7);
  const x = new Float64Array(sequences * length);
  for (let i = 0; i < sequences; i++) {
    let value = random();
    for (let k = 0; k < length; k++) {
      value = Math.min(1, Math.max(0, value + 0.4 * (random() - 0.5)));
      x[i * length + k] = value;
    }
  }
  const y = Float64Array.from({ length: sequences }, () => Math.floor(10 * random()));
  return zipFile({
    'x.npy': encodeNpy({ dtype: 'float32', shape: [sequences, length], values: x }),
    'y.npy': encodeNpy({ dtype: 'int64', shape: [sequences], values: y }),
  });
}

/** What the layers of the sample checkpoint might receive, as its recording script stores it. */
export function recordedInputs(sequences: number): Buffer {
  const [steps, features] = [32, 64];
  const random = numbers(9);
  const values = Float64Array.from({ length: sequences * steps * features }, () => random() - 0.5);
  const inputs = encodeNpy({ dtype: 'float32', shape: [sequences, steps, features], values });
  const lengths = new Float64Array(sequences).fill(steps);
  return zipFile({
    's4_layers.0.npy': inputs,
    's4_layers.1.npy': inputs,
    'lengths.npy': encodeNpy({ dtype: 'int64', shape: [sequences], values: lengths }),
  });
}

/** The minimal standard generator, evenly in [0, 1). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (16_807 * state) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
