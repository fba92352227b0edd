import { copyFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { writeSparseSafetensors, writeSparseTorch, type Shaped } from '../support/sparseFiles';

/** Editors that are opened one after another, of which the last is to be seen. */
export const hiddenEditors = 10;

const embedding: Shaped = { name: 'embedding.weight', shape: [2 ** 19, 1024] }; // 2 GiB

/** The tensors of S4D layers as the original code names them. */
function layers(count: number, channels: number): Shaped[] {
  return Array.from({ length: count }, (_, layer): Shaped[] =>
    (
      [
        ['D', [channels]],
        ['kernel.C', [channels, 32, 2]],
        ['kernel.log_dt', [channels]],
        ['kernel.log_A_real', [channels, 32]],
        ['kernel.A_imag', [channels, 32]],
      ] as const
    ).map(([name, shape]) => ({ name: `s4_layers.${layer}.${name}`, shape })),
  ).flat();
}

export const small = 'small.safetensors';
export const long = 'long.safetensors';
export const files: Readonly<Record<string, string>> = {
  [small]: 'the sample',
  'large.safetensors': 'safetensors, 48 layers',
  'large.pth': 'PyTorch, 24 layers',
  [long]: 'safetensors, 5000 layers',
};

export async function fill(folder: string): Promise<void> {
  const sample = resolve('media/samples/s4d-smnist.safetensors');
  copyFileSync(sample, join(folder, small));
  for (let i = 0; i < hiddenEditors; i++)
    copyFileSync(sample, join(folder, `hidden${i}.safetensors`));
  const head: Shaped = { ...embedding, name: 'decoder.weight' };
  await writeSparseSafetensors(join(folder, 'large.safetensors'), [
    embedding,
    ...layers(48, 1024),
    head,
  ]);
  await writeSparseTorch(join(folder, 'large.pth'), [embedding, ...layers(24, 512), head]);
  await writeSparseSafetensors(join(folder, long), [embedding, ...layers(5000, 1024)]);
}
