import { SsmError } from '../core/errors';
import type { Family, FamilyId, LayerSite, Untying } from '../families/family';
import type { HyperValues } from '../families/hyperParameters';
import { familyOf } from '../families/recognise';
import { hyperOf, type SettledLayer } from './hyper';

/** What becomes of one layer. */
export interface LayerPlan {
  readonly site: LayerSite;
  readonly hyper: HyperValues;
  /** The order that the layer is reduced to. */
  readonly order: number;
  /** The order that its tensors get; above `order` they are padded with slots of weight zero. */
  readonly storedOrder: number;
  /** Where each channel gets poles of its own. */
  readonly untying?: Untying;
}

export interface LayerWishes {
  /** For the layers without an order of their own. */
  readonly order: number;
  /** Orders of single layers by name. */
  readonly layerOrders: Readonly<Record<string, number>>;
  /** Store every layer at its own order. */
  readonly exactSizes: boolean;
  readonly untie: boolean;
}

/**
 * What becomes of the layers that change. Layers that have the order asked for, or less, stay as they are. Original
 * code takes one order for all layers of a kind that have the same order now, so theirs are padded to the largest.
 *
 * @throws SsmError `bad-request` for an unknown layer, an order that it cannot have, or untying where nothing is tied
 */
export function planLayers(layers: readonly SettledLayer[], wishes: LayerWishes): LayerPlan[] {
  for (const name of Object.keys(wishes.layerOrders)) {
    if (!layers.some(({ site }) => site.name === name)) {
      throw new SsmError('bad-request', `There is no layer ${name} to give an order to.`);
    }
  }
  const plans = layers.map((layer): LayerPlan => {
    const { site } = layer;
    const order = orderOf(site, wishes);
    const untying = wishes.untie && order < site.order ? untyingOf(site) : undefined;
    return {
      ...{ site, order, storedOrder: order, hyper: hyperOf(layer) },
      ...(untying === undefined ? {} : { untying }),
    };
  });
  if (wishes.untie && plans.every(({ untying }) => untying === undefined)) {
    throw new SsmError('bad-request', 'No layer shares poles in a way that a setting could undo.');
  }
  const sized = wishes.exactSizes ? plans : padToLargest(plans);
  return sized.filter(({ site, storedOrder }) => storedOrder < site.order);
}

function orderOf(site: LayerSite, { order, layerOrders }: LayerWishes): number {
  if (!Object.hasOwn(layerOrders, site.name)) return Math.min(order, site.order);
  const own = layerOrders[site.name];
  const family = familyOf(site.family);
  if (own > site.order) {
    throw new SsmError(
      'bad-request',
      `Order ${own} for layer ${site.name} is above its original order ${site.order}.`,
    );
  }
  if (own < family.smallestOrder) {
    throw new SsmError(
      'bad-request',
      `Layer ${site.name} cannot have an order below ${family.smallestOrder}.`,
    );
  }
  family.slotsForOrder(own); // throws where there is no such order
  return own;
}

function padToLargest(plans: readonly LayerPlan[]): LayerPlan[] {
  const largest = new Map<string, number>();
  for (const { site, order } of plans) {
    const key = kindOf(site);
    largest.set(key, Math.max(order, largest.get(key) ?? 0));
  }
  return plans.map((plan) => ({
    ...plan,
    storedOrder: largest.get(kindOf(plan.site)) ?? plan.order,
  }));
}

function kindOf({ family, order }: LayerSite): string {
  return `${family} ${order}`;
}

function untyingOf(site: LayerSite): Untying | undefined {
  return familyOf(site.family).untie?.(site);
}

/** Families in which a layer below its present order is untied, for counting what is left. */
export function untiedFamilyOf(id: FamilyId): Family {
  const family = familyOf(id);
  return {
    ...family,
    parameters: (site, order) =>
      family.parameters(order < site.order ? (untyingOf(site)?.site ?? site) : site, order),
  };
}

/** Parameters of the model when the layers have become what is planned. */
export function parametersAfter(parameters: number, plans: readonly LayerPlan[]): number {
  return plans.reduce((sum, { site, storedOrder, untying }) => {
    const family = familyOf(site.family);
    const after = family.parameters(untying?.site ?? site, storedOrder);
    return sum - family.parameters(site, site.order) + after;
  }, parameters);
}
