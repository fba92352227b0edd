import { slotCount } from '../../core/systems/kernels';
import { familyOf } from '../../families/recognise';
import { channelsOf, traceOrders } from '../layerCharts/layerCurve';
import { readSystems, type LayerTools } from '../layerJob';
import type { LayerPlan } from '../layerPlans';

/**
 * Relative h² errors of a layer at several orders up to its present one, estimated: all orders in one pass, as the chart
 * of the layer shows them. They fall as orders grow, up to the noise of the search.
 */
export async function layerErrors(
  plan: Pick<LayerPlan, 'site' | 'hyper' | 'untying'>,
  { orders, horizon }: { readonly orders: readonly number[]; readonly horizon: number },
  tools: LayerTools,
): Promise<number[]> {
  const systems = await readSystems(plan, tools);
  const most = slotCount(systems);
  const family = familyOf(plan.site.family);
  const wanted = orders.map((order) => family.slotsForOrder(order));
  const slots = [...new Set(wanted)].filter((count) => count < most);
  if (slots.length === 0) return orders.map(() => 0);
  const request = { systems, slots, horizon, channels: channelsOf(systems) };
  const curve = await traceOrders(request, tools.engine);
  const norm2 = sum(curve.squaredNorms);
  return wanted.map((count) => {
    if (count >= most || !(norm2 > 0)) return 0;
    const error2 = sum(curve.squaredErrors[curve.slots.indexOf(count)]);
    return Math.sqrt(Math.max(0, error2) / norm2);
  });
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
