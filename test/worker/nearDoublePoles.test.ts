import { describe, expect, test } from 'vitest';
import { certifySystems, reduceSystems } from '../../src/core/solve/reduceLayer';
import { refitWeights } from '../../src/core/solve/refitWeights';
import type { SolverId } from '../../src/core/solve/solver';
import { hasKernels } from '../../src/core/systems/kernels';
import type { LayerSystems } from '../../src/core/systems/layer';
import { emptyModalBatch } from '../../src/core/systems/modal';
import type { Family, LayerSite } from '../../src/families/family';
import type { HyperValues } from '../../src/families/hyperParameters';
import { familyOf } from '../../src/families/recognise';
import { s4dMinimal } from '../../src/families/s4dMinimal';
import type { TensorValues } from '../../src/formats/tensor';
import { storeLayer } from '../../src/worker/storeLayer';
import { firstFeatures } from '../../src/families/firstFeatures';
import { fileLayers } from '../support/layers';
import { sharedAvailable, sharedPath } from '../support/shared';

const horizon = 512;

interface Layer {
  readonly family: Family;
  readonly site: LayerSite;
  readonly hyper: HyperValues;
  readonly values: ReadonlyMap<string, TensorValues>;
}

function errorOf(original: LayerSystems, reduced: LayerSystems): number {
  return Math.hypot(...certifySystems(original, reduced, horizon).errors);
}

/** Certified errors of a reduced layer: not rounded, stored with the weights it has, stored with weights chosen anew. */
async function errors(layer: Layer, original: LayerSystems, reduced: LayerSystems, order: number) {
  const storing = {
    ...{ ...layer, order, expectedError: errorOf(original, reduced) },
    certify: (stored: LayerSystems) => Promise.resolve(errorOf(original, stored)),
    errorOf: (error: number) => error,
  };
  const refit = (rounded: LayerSystems, ridge: number): Promise<LayerSystems> => {
    if (!hasKernels(original) || !hasKernels(rounded)) throw new Error('No kernels.');
    return Promise.resolve(refitWeights(original, rounded, { horizon, ridge }));
  };
  const [plain, refitted] = [
    await storeLayer(reduced, storing),
    await storeLayer(reduced, { ...storing, refit }),
  ];
  return {
    unrounded: storing.expectedError,
    plain: plain.certificate,
    refitted: refitted.certificate,
  };
}

/** Two fast poles at a distance of 2e-4 whose weights of 2600 cancel: nearly a double pole. */
function nearlyDouble(): LayerSystems {
  const batch = {
    ...emptyModalBatch(1, 2),
    poleRe: Float64Array.of(-0.0500713, -0.0500713),
    poleIm: Float64Array.of(2.9001237, 2.9003241),
    weightRe: Float64Array.of(2600.123, -2599.321),
    weightIm: Float64Array.of(0, 0.3),
  };
  return { kind: 'independent', batch, poles: 'complex' };
}

function s4dLayer(): Layer {
  const tensor = (name: string, shape: number[], value: number): [string, TensorValues] => [
    name,
    {
      info: { name, dtype: 'float32', shape, role: 'model' },
      values: new Float64Array(shape.reduce((a, b) => a * b, 1)).fill(value),
    },
  ];
  const tensors = { C: 'C', log_dt: 'log_dt', log_A_real: 'log_A_real', A_imag: 'A_imag' };
  return {
    family: s4dMinimal,
    hyper: {},
    site: {
      ...{ family: 's4d-minimal', name: 'layer', order: 8, slots: 4, channels: 1 },
      ...{ tying: 'independent', tensors },
    },
    values: new Map([
      tensor('C', [1, 4, 2], 1),
      tensor('log_dt', [1], 0),
      tensor('log_A_real', [1, 4], 0),
      tensor('A_imag', [1, 4], 1),
    ]),
  };
}

describe('poles that nearly coincide, stored in float32', () => {
  test.each([4, 6])(
    'weights fitted to the stored poles lose far less (order %i)',
    async (order) => {
      const systems = nearlyDouble();
      const { plain, refitted } = await errors(s4dLayer(), systems, systems, order);
      expect(plain).toBeGreaterThan(1e-4);
      expect(refitted).toBeLessThan(0.1 * plain);
    },
  );
});

describe.skipIf(!sharedAvailable)('stored layers keep the error of the reduction', () => {
  test.each<[string, HyperValues, number, SolverId]>([
    ['real/liquids4-ckpt.pth', { liquid_kernel: 'none' }, 4, 'balanced'],
    ['generated/dss_exp-re-im_H8_N16.pt', { kernel_to_real: 'real' }, 6, 'newton'],
    ['generated/dss_exp-re-im_H8_N16.pt', { kernel_to_real: 'real' }, 6, 'balanced'],
  ])('%s', async (file, hyper, order, solver) => {
    const [whole] = await fileLayers(sharedPath('checkpoints', file));
    const { site, values } = whole.site.family === 'dss' ? whole : firstFeatures(whole, 4);
    const family = familyOf(site.family);
    const original = family.read(site, values, hyper);
    const slots = family.slotsForOrder(order);
    const { reduced } = reduceSystems(original, { solver, slots, horizon });
    const layer = { family, site, hyper, values };
    const { unrounded, refitted } = await errors(layer, original, reduced, order);
    expect(unrounded).toBeGreaterThan(0);
    expect(refitted).toBeLessThan(1.01 * unrounded);
  });
});
