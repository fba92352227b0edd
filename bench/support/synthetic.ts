import { hippoPoles, type HippoStart } from '../../src/core/start/hippo';
import { zeroOrderHold } from '../../src/core/systems/discretise';
import { generator } from './random';
import type { BenchSystem } from './systems';

const slots = 32;
const horizons = [1024, 2048];
/** Size of the perturbation of "trained-like" systems: standard deviation of log rates, relative one of frequencies. */
const perturbation = 0.6;

const families: readonly (readonly [string, HippoStart])[] = [
  ['S4D-Lin', 's4d-lin'],
  ['S4D-Inv', 's4d-inv'],
  ['skew-HiPPO', 'skew-hippo'],
];

/**
 * Systems as networks start out (math reference, 7.2): 32 complex modes, step log-uniform in [1e-3, 1e-1], weights of
 * both parts standard normal; plain and with perturbed poles: rates times exp(0.6 g), frequencies times 1 + 0.6 g.
 * Deterministic.
 */
export function syntheticSystems(perKind: number): BenchSystem[] {
  return families.flatMap(([name, start], family) =>
    [false, true].flatMap((perturbed) => {
      const random = generator(1 + 2 * family + Number(perturbed));
      const kind = perturbed ? `${name}, perturbed` : name;
      return Array.from({ length: perKind }, (_, i) => {
        const poles = hippoPoles(start, slots);
        if (perturbed) {
          poles.re.forEach((x, n) => (poles.re[n] = x * Math.exp(perturbation * random.normal())));
          poles.im.forEach((y, n) => (poles.im[n] = y * (1 + perturbation * random.normal())));
        }
        const step = 10 ** (-3 + 2 * random.uniform());
        // the factor 2 of S4D does not change relative errors
        const weights = {
          re: poles.re.map(() => random.normal()),
          im: poles.re.map(() => random.normal()),
        };
        const system = { ...zeroOrderHold({ poles, weights }, step), step };
        return { kind, name: `${kind} ${i}`, system, horizon: horizons[i % horizons.length] };
      });
    }),
  );
}
