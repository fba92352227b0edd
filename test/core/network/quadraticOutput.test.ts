import { describe, expect, it } from 'vitest';
import { stateSpace } from '../../../src/core/network/ops/stateSpace';
import { randomOf } from '../bound/randomNetworks';
import { quadraticLayer } from '../bound/quadraticNetworks';

type Complex = readonly [re: number, im: number];

describe('a layer with quadratic outputs', () => {
  it('answers with the sums over its linear and quadratic kernels', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const random = randomOf(seed + 50);
      const [inputs, outputs, length] = [2, 2, 7];
      const layer = quadraticLayer(random, 'layer', inputs, outputs);
      const { system } = layer.systems as Extract<typeof layer.systems, { kind: 'lqo' }>;
      const u = Float64Array.from({ length: inputs * length }, () => random.normal());
      const y = stateSpace(layer, u, length);
      const n = system.poles.re.length;
      // x_t = sum_j e^{a j} B u_{t-j}, without a recurrence
      for (let t = 0; t < length; t++) {
        const x = Array.from({ length: n }, (_, k): Complex => {
          let [re, im] = [0, 0];
          for (let j = 0; j <= t; j++) {
            const size = Math.exp(system.poles.re[k] * j);
            const [c, s] = [Math.cos(system.poles.im[k] * j), Math.sin(system.poles.im[k] * j)];
            for (let i = 0; i < inputs; i++) {
              const [b, d] = [system.B.re[k * inputs + i], system.B.im[k * inputs + i]];
              const value = u[i * length + t - j] * size;
              re += (c * b - s * d) * value;
              im += (c * d + s * b) * value;
            }
          }
          return [re, im];
        });
        for (let o = 0; o < outputs; o++) {
          const form = system.forms[o];
          if (form.kind !== 'dense') throw new Error('a dense form was made');
          let value = (layer.skip?.weight.values[o] ?? 0) * u[(o % inputs) * length + t];
          for (let k = 0; k < n; k++) {
            value += system.C.re[o * n + k] * x[k][0] - system.C.im[o * n + k] * x[k][1];
            for (let l = 0; l < n; l++) {
              const [re, im] = [
                x[k][0] * x[l][0] - x[k][1] * x[l][1],
                x[k][0] * x[l][1] + x[k][1] * x[l][0],
              ];
              value += form.matrix.re[k * n + l] * re - form.matrix.im[k * n + l] * im;
            }
          }
          expect(y[o * length + t]).toBeCloseTo(value, 9);
        }
      }
    }
  });
});
