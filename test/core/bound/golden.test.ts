import { describe, expect, it } from 'vitest';
import { deepBound, type DeepBound } from '../../../src/core/bound/deepBound';
import { bestCertificate, layerGains } from '../../../src/core/bound/layerGains';
import { observe } from '../../../src/core/bound/observe';
import { forward } from '../../../src/core/network/forward';
import { programOf } from '../../../src/core/network/program';
import { goldenCases, goldenNetwork, sequenceOf, type GoldenCase } from './goldenNetworks';

/**
 * Within 1e-10 of the golden value, relative to what it is made of: a kernel error is the difference of two kernels, and
 * rounded upward by a part of their size, not of its own. Behind a saturated norm a larger error of one layer makes the
 * contributions of others smaller.
 */
function expectBound(found: number, golden: number, cancelled = 0): void {
  const tolerance = 1e-10 + 1e-12 * cancelled;
  expect(found).toBeGreaterThanOrEqual(golden * (1 - tolerance));
  expect(found).toBeLessThanOrEqual(golden * (1 + tolerance));
}

function expectGolden(found: DeepBound, golden: GoldenCase['worst'], cancelled: number): void {
  expectBound(found.bound, golden.bound, cancelled);
  found.layers.forEach(({ contribution, blockGain }, l) => {
    expectBound(contribution, golden.contributions[l], cancelled);
    expectBound(blockGain, golden.gains[l], cancelled);
  });
  const sum = found.layers.reduce((total, { contribution }) => total + contribution, found.outside);
  expect(Math.abs(sum - found.bound)).toBeLessThanOrEqual(1e-13 * found.bound);
}

/** How much larger a kernel is than its error, at most. */
function cancellation({ certs }: GoldenCase): number {
  const ratios = certs.flatMap(({ l1K, h2 }) => l1K.map((k, c) => (h2[c] > 0 ? k / h2[c] : 1)));
  return Math.max(1, ...ratios);
}

describe.each(goldenCases().map((golden, i) => ({ i, golden })))(
  'golden network $i',
  ({ golden }) => {
    const { L, U, net, hat, u } = golden;
    const original = goldenNetwork(
      golden,
      net.blocks.map(({ ssm }) => ssm),
    );
    const reduced = goldenNetwork(golden, hat);
    const sequence = sequenceOf(u);

    it('is the same network', () => {
      const [y, yHat] = [original, reduced].map((one) => forward(one, sequence).x);
      golden.y.forEach((value, i) => {
        expect(y[i]).toBeCloseTo(value, 11);
      });
      golden.y_hat.forEach((value, i) => {
        expect(yHat[i]).toBeCloseTo(value, 11);
      });
    });

    it('has the certificates of every layer', () => {
      golden.certs.forEach((certs, l) => {
        const gains = layerGains(original.layers[l], reduced.layers[l], L);
        gains.channels.forEach(({ original: g, reduced: gh, absoluteSum, error }, c) => {
          expectBound(g, certs.g[c]);
          expectBound(gh, certs.gh[c]);
          expectBound(absoluteSum, certs.l1K[c]);
          const cancelled = certs.h2[c] > 0 ? certs.l1K[c] / certs.h2[c] : 1;
          expectBound(error.h2, certs.h2[c], cancelled);
          expectBound(error.frobenius, certs.frob[c], cancelled);
          expectBound(error.absoluteSum, certs.l1[c], cancelled);
          expectBound(error.frequency, certs.dft[c], cancelled);
          expectBound(bestCertificate(error).gain, certs.T[c], cancelled);
        });
        expectBound(gains.peak.original, certs.supgain);
        expectBound(gains.peak.reduced, certs.supgainh);
        expectBound(gains.peak.error, certs.supe, cancellation(golden));
      });
    });

    it('has the certified bounds', () => {
      const options = { length: L, inputBound: U };
      expectGolden(deepBound(original, reduced, options), golden.worst, cancellation(golden));
      const h2 = deepBound(original, reduced, { ...options, certificate: 'h2' });
      expectGolden(h2, golden.worst_h2, cancellation(golden));
    });

    it('has the calibrated bounds', () => {
      const statistics = observe(original, programOf(original), sequence, reduced);
      const options = { length: L, statistics };
      expectGolden(
        deepBound(original, reduced, { ...options, exactLocal: false }),
        golden.calibrated,
        cancellation(golden),
      );
      expectGolden(
        deepBound(original, reduced, options),
        golden.calibrated_exact_local,
        cancellation(golden),
      );
    });
  },
);
