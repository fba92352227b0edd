import type { LayerSystems } from '../core/systems/layer';
import { channelModes } from '../core/systems/tied';

/** Changes per step below which, and above which, no mode of a useful layer lies. */
const slowest = 1e-6;
const fastest = 20;

/**
 * Why systems can hardly be meant, as a clause; undefined where they can. A layer none of whose modes decays over a
 * million steps remembers everything alike; one whose modes all vanish within a step remembers nothing.
 */
export function implausibleDecay(systems: LayerSystems): string | undefined {
  const decays = decaysOf(systems).map(Math.abs);
  if (decays.length === 0) return undefined;
  if (decays.every((decay) => decay < slowest)) return 'no mode decays within a million steps';
  if (decays.every((decay) => decay > fastest)) return 'every mode vanishes within a step';
  return undefined;
}

/** Re a of the modes. */
function decaysOf(systems: LayerSystems): number[] {
  if (systems.kind === 'independent') return [...systems.batch.poleRe];
  if (systems.kind !== 'tied') return [];
  return systems.groups.flatMap(({ kernels, system }) =>
    [...kernels.keys()].flatMap((row) => [...channelModes(system, row).poles.re]),
  );
}
