import { hasKernels, kernelBatch } from '../../core/systems/kernels';
import type { LayerSystems } from '../../core/systems/layer';
import { familyOf } from '../../families/recognise';
import type { TensorValues } from '../../formats/tensor';
import type { LayerPlan } from '../layerPlans';

/** Systems that share their poles, with a copy of the poles for each kernel. */
export function untiedSystems(systems: LayerSystems): LayerSystems {
  if (!hasKernels(systems)) return systems;
  return { kind: 'independent', batch: kernelBatch(systems), poles: 'complex' };
}

/** The systems of a layer as they enter its reduction: untied where that is planned. */
export function layerSystemsOf(
  { site, hyper, untying }: LayerPlan,
  values: ReadonlyMap<string, TensorValues>,
): LayerSystems {
  const systems = familyOf(site.family).read(site, values, hyper);
  return untying === undefined ? systems : untiedSystems(systems);
}
