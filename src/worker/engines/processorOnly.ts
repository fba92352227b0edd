import { slotCount } from '../../core/systems/kernels';
import type { LayerSystems } from '../../core/systems/layer';
import type { SearchesElsewhere } from '../../protocol/engines';
import type { TaskKind, Tasks } from '../tasks';

const reasons = {
  tied: 'Channels that share their poles are searched for together; engines search for the poles of single channels.',
  mimo: 'A system with several inputs and outputs is searched for as a whole; engines search for the poles of single channels.',
  lqo: 'A system with quadratic outputs is searched for as a whole; engines search for the poles of single channels.',
  real: 'Its poles are real; engines search for complex pairs.',
  solver: 'Engines search by the recommended solver only.',
};

/** Why no engine searches for systems of this kind; undefined where they do. */
export function whyProcessor(systems: LayerSystems): string | undefined {
  if (systems.kind !== 'independent') return reasons[systems.kind];
  return systems.poles === 'real' ? reasons.real : undefined;
}

/** Why a task that searches is the processor's; undefined for tasks that engines take part in, and those that do not search. */
export function whyTaskStays<K extends TaskKind>(
  kind: K,
  input: Tasks[K]['input'],
): string | undefined {
  switch (kind) {
    case 'reduce': {
      const { systems, request } = input as Tasks['reduce']['input'];
      if (request.solver === 'balanced' || request.slots >= slotCount(systems)) return undefined;
      return whyProcessor(systems) ?? (request.solver === 'newton' ? undefined : reasons.solver);
    }
    case 'orderCurve':
      return whyProcessor((input as Tasks['orderCurve']['input']).systems);
    case 'reduceTied':
      return reasons.tied;
    case 'mimoSearch':
      return reasons.mimo;
    default:
      return undefined;
  }
}

/** The same with the layers that each reason holds for. */
export function withLayers(
  all: readonly SearchesElsewhere[],
  layers: readonly { readonly name: string; readonly why: string | undefined }[],
): SearchesElsewhere[] {
  return all.map(({ why }) => {
    const names = layers.filter((layer) => layer.why === why).map(({ name }) => name);
    return { why, ...(names.length === 0 ? {} : { layers: names }) };
  });
}
