import { hippoPoles, type HippoStart } from '../../src/core/start/hippo';
import { zeroOrderHold } from '../../src/core/systems/discretise';
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

interface Random {
  uniform(): number;
  normal(): number;
}

/** Mulberry32, and the Box-Muller transform of it. */
function generator(seed: number): Random {
  let state = Math.imul(seed, 0x9e3779b9);
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
}
