import { createTarget } from '../objective/varpro';
import { mimoTarget } from '../objective/mimoProjection';
import { lqoHankel } from '../start/lqoBalanced';
import { balanceRealMimo } from '../start/mimoBalanced';
import { balanceReal } from '../start/realBalanced';
import { checkedModal, floorLogPoles } from '../systems/check';
import { hasKernels } from '../systems/kernels';
import type { LayerSystems } from '../systems/layer';
import { realLqo } from '../systems/lqo';
import type { ModalSystem } from '../systems/modal';
import { discrete } from '../systems/timeSpan';
import type { LayerChannels } from './channels';

/**
 * Hankel singular values over the horizon, descending, two for every slot: of each of the channels, or the one list of a
 * system with matrices B and C. Where outputs are quadratic, they are the values of the whole system, quadratic kernel
 * included.
 */
export function hankelLists(
  systems: LayerSystems,
  channels: LayerChannels,
  shown: readonly number[],
  horizon: number,
): Float64Array[] {
  if (channels.kind === 'kernels') {
    return shown.map((k) => kernelHankel(channels.kernels[k], horizon));
  }
  if (systems.kind === 'lqo') {
    const full = { ...systems.system, poles: floorLogPoles(systems.system.poles) };
    return [lqoHankel(realLqo(full), discrete(horizon))];
  }
  if (hasKernels(systems)) return [];
  const full = { ...systems.system, poles: floorLogPoles(systems.system.poles) };
  return [balanceRealMimo(full, mimoTarget(full, horizon)).hankel];
}

function kernelHankel(given: ModalSystem, horizon: number): Float64Array {
  if (given.poles.re.length === 0) return new Float64Array(0);
  const system = checkedModal(given);
  const { re, im } = system.weights;
  const largest = re.reduce((most, x, n) => Math.max(most, Math.hypot(x, im[n])), 0);
  const weights = { re: re.map((x) => x / largest), im: im.map((y) => y / largest) };
  const target = createTarget({ ...system, weights }, horizon);
  if (!(target.norm2 > 0)) return new Float64Array(2 * re.length);
  return balanceReal(target).values.map((value) => Math.abs(value) * largest);
}
