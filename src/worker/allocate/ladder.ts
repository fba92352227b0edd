import type { LayerSite } from '../../families/family';
import { ordersToTry } from '../calibrate/searchOrder';
import { orderChoices, type FamilyLookup } from '../orders';

/** The orders that one layer may get, ascending, its present one last, and the price of each. */
export interface LayerLadder {
  readonly site: LayerSite;
  readonly orders: readonly number[];
  readonly prices: readonly number[];
}

/**
 * A few orders of each layer: 1, 2, 3, 4, 6, 8, 12, 16 … of the possible ones by position, those in `also` that it can
 * have, and the present one.
 *
 * @param unit whether prices are orders, or parameters
 */
export function laddersOf(
  sites: readonly LayerSite[],
  unit: 'states' | 'parameters',
  also: readonly number[],
  familyOf: FamilyLookup,
): LayerLadder[] {
  return sites.map((site) => {
    const possible = orderChoices(0, [site], familyOf);
    const tried = ordersToTry(possible).map(({ order }) => order);
    const wanted = possible.map(({ order }) => order).filter((order) => also.includes(order));
    const orders = [...new Set([...tried, ...wanted, site.order])].sort((a, b) => a - b);
    const family = familyOf(site.family);
    const prices =
      unit === 'states' ? orders : orders.map((order) => family.parameters(site, order));
    return { site, orders, prices };
  });
}

/** Where on each ladder one order for all stands: for a layer that is smaller, its present one. */
export function uniformChoice(ladders: readonly LayerLadder[], order: number): number[] {
  return ladders.map(({ orders }) => {
    const at = orders.findLastIndex((one) => one <= order);
    return Math.max(at, 0);
  });
}
