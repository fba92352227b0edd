import { describe, expect, it } from 'vitest';
import { describeLayer } from '../../../src/core/describe/describeLayer';
import { orderCurve } from '../../../src/core/describe/orderCurve';
import { slotCount } from '../../../src/core/systems/kernels';
import { familyOf } from '../../../src/families/recognise';
import { familySamples } from '../../support/familySamples';
import { fileLayers, layerKernels } from '../../support/layers';
import { sharedAvailable } from '../../support/shared';

const horizon = 64;
// those that are edited first are other parameters of the same families
const samples = familySamples.filter(
  ({ title, file, trulyReduced, before }) =>
    file !== undefined && !trulyReduced && before === undefined && !title.endsWith('trained'),
);

describe.skipIf(!sharedAvailable)('a layer of every family', () => {
  it.each(samples.map((sample) => [sample.title, sample] as const))(
    'can be drawn: %s',
    async (_, { file = '', hyper }) => {
      const [layer] = await fileLayers(file);
      const systems = familyOf(layer.site.family).read(layer.site, layer.values, hyper);
      const { impulse, poles, hankel, kind, channels } = describeLayer({
        original: systems,
        channel: 1,
        horizon,
      });
      // kernels are numbered as channels are; of a system with m inputs, output i has the kernels i m … i m + m - 1
      const kernels = layerKernels(systems, horizon);
      const inputs = kernels.length / channels;
      const own = kernels.slice(inputs, 2 * inputs);
      const scale = Math.max(...own.flatMap((kernel) => [...kernel].map(Math.abs)), 1e-300);
      const [{ value }] = impulse.curves;
      for (const i of [0, 1, value.length - 1]) {
        const at = own.map((kernel) => kernel[impulse.x[i]]);
        const expected = kind === 'kernels' ? at[0] : Math.hypot(...at);
        expect(Math.abs(value[i] - expected) / scale).toBeLessThan(1e-9);
      }
      expect(poles.original.re.length).toBeGreaterThan(0);
      expect(hankel.curves[0].value[0]).toBeGreaterThan(0);

      const slots = [1, Math.floor(slotCount(systems) / 2)].filter((r) => r >= 1);
      const curve = orderCurve({ systems, channels: [1], slots, horizon });
      const errors = curve.squaredErrors.map((part) => part.reduce((sum, one) => sum + one, 0));
      const norm2 = curve.squaredNorms.reduce((sum, one) => sum + one, 0);
      expect(errors.at(-1)).toBeLessThanOrEqual(errors[0] * 1.001);
      expect(errors[0]).toBeLessThan(1.001 * norm2);
    },
  );
});
