import { expect, test } from 'vitest';
import type { Tying } from '../../src/families/family';
import type { LayerPlan } from '../../src/worker/layerPlans';
import { layersAtOnce } from '../../src/worker/reduceLayers';

function plan(tying: Tying, untied = false): LayerPlan {
  const site = {
    ...{ family: 'dss' as const, name: 'layer', order: 8, slots: 8, channels: 4 },
    ...{ tying, tensors: {} },
  };
  const untying = {
    ...{ setting: 'n_ssm', value: 4, description: '', apply: () => new Map() },
    site: { ...site, tying: 'independent' as const },
  };
  return { site, hyper: {}, order: 4, storedOrder: 4, ...(untied ? { untying } : {}) };
}

test('layers that are one piece of work are reduced as many at once as there are threads', () => {
  expect(layersAtOnce([plan('independent'), plan('independent')], 8)).toBe(2);
  expect(layersAtOnce([plan('independent')], 32)).toBe(4);
  expect(layersAtOnce([plan('independent'), plan('tied')], 8)).toBe(8);
  expect(layersAtOnce([plan('mimo')], 1)).toBe(2);
  expect(layersAtOnce([plan('tied', true)], 8)).toBe(2);
});
