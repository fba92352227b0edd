import * as tf from '@tensorflow/tfjs-core';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { cutModalBatch, joinModalBatches, type ModalBatch } from '../../../src/core/systems/modal';
import { familyOf } from '../../../src/families/recognise';
import { selfTest } from '../../../src/worker/engines/selfTest';
import { createTfjsEngine } from '../../../src/worker/engines/tfjs/engine';
import { exampleBatch } from '../../support/batches';
import { fileLayers } from '../../support/layers';
import { useBackend, useWasm } from '../../support/tensorflow';
import {
  calibratedBoth,
  calibratedRequest,
  goldenSystems,
  objectives,
  reducedBoth,
} from '../../support/searches';

const engine = createTfjsEngine(tf, { kind: 'cpu', name: 'test' });

/** Where others compute too, the slowest back end takes long. */
const patient = { timeout: 120_000 };

describe.each([
  { backend: 'cpu' as const, cases: goldenSystems.slice(0, 1), orders: [2] },
  { backend: 'wasm' as const, cases: goldenSystems, orders: goldenSystems[0].slots },
])(
  'the search written in TensorFlow operations, on $backend',
  patient,
  ({ backend, cases, orders }) => {
    beforeAll(() => useBackend(backend));

    test('passes the self-test and frees its tensors', async () => {
      const before = tf.memory().numTensors;
      const found = await selfTest(engine);
      expect(found).toMatchObject({ passed: true });
      expect(tf.memory().numTensors).toBe(before);
    });

    test.each(
      cases.flatMap(({ kind, horizon, batch }) => orders.map((r) => ({ kind, horizon, r, batch }))),
    )(
      '$kind over $horizon to $r: the objective of the processor',
      async ({ horizon, r, batch }) => {
        const both = await reducedBoth(engine, batch, r, horizon);
        const [[reached], [alone]] = [both.engine, both.alone].map(objectives);
        expect(reached).toBeLessThanOrEqual(alone * (1 + 1e-9));
        const { objective } = both.engine.traces[0];
        expect(objective.every((value, k) => k === 0 || value <= objective[k - 1])).toBe(true);
      },
    );
  },
);

describe('the search of calibrated layers', patient, () => {
  beforeAll(useWasm);

  const golden = joinModalBatches(goldenSystems.map(({ batch }) => batch));
  test.each<[string, boolean, () => Promise<ModalBatch>]>([
    ['the golden systems', true, () => Promise.resolve(golden)],
    ['the sample checkpoint', false, sampleChannels],
  ])('of %s, free skip %s: as good as the processor', async (_, freeSkip, batch) => {
    const request = calibratedRequest(await batch(), 2, freeSkip);
    const before = tf.memory().numTensors;
    const { engine: found, alone } = await calibratedBoth(engine, request);
    expect(tf.memory().numTensors).toBe(before);
    found.forEach((error, c) => {
      expect(error).toBeLessThanOrEqual(alone[c] * (1 + 1e-9));
    });
  });
});

/** Some channels of the sample checkpoint. */
async function sampleChannels(): Promise<ModalBatch> {
  const file = join(import.meta.dirname, '../../../media/samples/s4d-smnist.safetensors');
  const [{ site, values }] = await fileLayers(file);
  const systems = familyOf(site.family).read(site, values, {});
  if (systems.kind !== 'independent') throw new Error('a layer of another kind');
  return cutModalBatch(systems.batch, 0, 3);
}

describe('batches', () => {
  beforeAll(useWasm);

  test('are cut to the memory given, which changes nothing', async () => {
    const small = createTfjsEngine(tf, { kind: 'cpu', name: 'test' }, 1);
    const batch = exampleBatch(2, 5);
    const searches = {
      ...{ systems: batch, slots: 2, horizon: 128, systemOf: Int32Array.of(0, 1, 0) },
      poleRe: Float64Array.of(-0.01, -0.03, -0.02, -0.04, -0.05, -0.02),
      poleIm: Float64Array.of(0.1, 0.9, 0.2, 0.8, 0.3, 0.5),
    };
    const [whole, cut] = await Promise.all([engine, small].map((one) => one.search(searches, 3)));
    expect(cut).toEqual(whole);
    expect(cut.poleRe).not.toEqual(searches.poleRe);
  });
});
