import { describe, expect, it } from 'vitest';
import { forward } from '../../../src/core/network/forward';
import type { Network } from '../../../src/core/network/network';
import { networkOf, npy, npz, sequence } from '../../support/networks';
import { sharedAvailable, sharedPath } from '../../support/shared';

/** Trained models against the outputs that their original code gave, stored beside them. */

const trained = (...parts: string[]): string => sharedPath('trained', ...parts);

function largestDifference(
  network: Network,
  sequences: readonly ReturnType<typeof sequence>[],
  stored: Float64Array,
): number {
  let most = 0;
  let at = 0;
  for (const one of sequences) {
    const { x, width, length } = forward(network, one);
    for (let t = 0; t < length; t++) {
      for (let h = 0; h < width; h++) {
        most = Math.max(most, Math.abs(x[h * length + t] - stored[at++]));
      }
    }
  }
  return most;
}

describe.skipIf(!sharedAvailable)('the outputs of a trained model are the original ones', () => {
  it('S4D, sequential digits, post-norm', async () => {
    const network = await networkOf(trained('s4d_smnist', 's4d_smnist.pt'), {
      prenorm: 'false',
      pooling: 'mean',
    });
    const images = await npz(trained('s4d_smnist', 'smnist_test1500.npz'), 'X');
    const sequences = Array.from({ length: 64 }, (_, i) => {
      const { x, ...rest } = sequence(images, i);
      return { ...rest, x: x.map((value) => value / 255) };
    });
    const logits = npy(trained('s4d_smnist', 'logits64.npy'));
    // Its logits reach 16, and the original's float32 phases leave 1e-5 of that; test/python compares in float64.
    expect(largestDifference(network, sequences, logits.values)).toBeLessThan(16 * 2e-5);
  });

  it('S4D, IMDb, pre-norm, embedding, sequences of their own lengths', async () => {
    const folder = (name: string): string => trained('s4d_imdb', name);
    const network = await networkOf(folder('s4d_imdb.safetensors'), {
      prenorm: 'true',
      pooling: 'mean',
    });
    const tokens = npy(folder('tokens64.npy'));
    const lengths = npy(folder('lengths64.npy')).values;
    const sequences = Array.from(lengths, (length, i) => sequence(tokens, i, length));
    const logits = npy(folder('logits64.npy'));
    expect(largestDifference(network, sequences, logits.values)).toBeLessThan(1e-5);
  });

  it('DSS, IMDb, tied poles, batch norm', async () => {
    const folder = (name: string): string => trained('dss_exp_imdb', name);
    const network = await networkOf(
      folder('dss_exp_imdb.pt'),
      { activation: 'gelu', pooling: 'mean' },
      { version: 'exp', kernel_to_real: 'real' },
    );
    const tokens = npy(folder('tokens64.npy'));
    const lengths = npy(folder('lengths64.npy')).values;
    const sequences = Array.from(lengths, (length, i) => sequence(tokens, i, length));
    const logits = npy(folder('logits64.npy'));
    expect(largestDifference(network, sequences, logits.values)).toBeLessThan(1e-5);
  });

  it('LRU, system identification, an output at every position', async () => {
    const folder = (name: string): string => trained('lru_wh', name);
    const network = await networkOf(folder('lru_wh.pt'), {});
    const inputs = await npz(folder('wh_test200.npz'), 'U');
    const sequences = Array.from({ length: 64 }, (_, i) => sequence(inputs, i));
    const stored = npy(folder('pred_first64.npy'));
    expect(largestDifference(network, sequences, stored.values)).toBeLessThan(1e-5);
  });
});
