import { SsmError } from '../core/errors';
import type { Family, FamilyId, LayerSite } from '../families/family';
import type { TensorInfo } from '../formats/tensor';
import type { OrderChoice, SizeTarget } from '../protocol/worker';

/** Looks a family up; a parameter so that tests can bring their own. */
export type FamilyLookup = (id: FamilyId) => Family;

/** Real numbers in the model's tensors; a complex element counts 2, optimizer states not at all. */
export function countParameters(tensors: readonly TensorInfo[]): number {
  return tensors
    .filter(({ role }) => role === 'model')
    .reduce((sum, { shape, dtype }) => sum + realsPerElement(dtype) * product(shape), 0);
}

function realsPerElement(dtype: string): number {
  return dtype.startsWith('complex') ? 2 : 1;
}

function product(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** Parameters of the model when every layer above `order` is reduced to it. */
export function parametersAt(
  parameters: number,
  sites: readonly LayerSite[],
  order: number,
  familyOf: FamilyLookup,
): number {
  return sites.reduce((sum, site) => {
    const family = familyOf(site.family);
    const after = family.parameters(site, Math.min(order, site.order));
    return sum - family.parameters(site, site.order) + after;
  }, parameters);
}

/** The orders below the present one that every layer above them can take, ascending. */
export function orderChoices(
  parameters: number,
  sites: readonly LayerSite[],
  familyOf: FamilyLookup,
): OrderChoice[] {
  const orders = new Set<number>();
  for (const site of sites) {
    const family = familyOf(site.family);
    for (let slots = 1; slots < site.slots; slots++) orders.add(family.orderForSlots(slots));
  }
  return [...orders]
    .filter((order) => sites.every((site) => site.order <= order || fits(site, order, familyOf)))
    .sort((a, b) => a - b)
    .map((order) => ({ order, parameters: parametersAt(parameters, sites, order, familyOf) }));
}

function fits(site: LayerSite, order: number, familyOf: FamilyLookup): boolean {
  const family = familyOf(site.family);
  if (order < family.smallestOrder) return false;
  try {
    return family.orderForSlots(family.slotsForOrder(order)) === order;
  } catch (error) {
    if (SsmError.is(error)) return false;
    throw error;
  }
}

/** What a target is resolved against: a `CheckpointSummary` has it all. */
export interface Reducible {
  readonly parameters: number;
  readonly choices: readonly OrderChoice[];
  readonly layers: readonly { readonly order: number }[];
}

/**
 * The order that a target means: the order itself, or the largest one that removes at least the share asked for.
 *
 * @throws SsmError `no-layers` or `bad-request`, saying what is possible
 */
export function resolveOrder(model: Reducible, target: SizeTarget): number {
  const { choices, layers } = model;
  const smallest = choices.at(0);
  if (layers.length === 0) {
    throw new SsmError(
      'no-layers',
      'There is no state-space layer of a known family in this file.',
    );
  }
  const present = Math.max(...layers.map(({ order }) => order));
  if (smallest === undefined) {
    throw new SsmError('bad-request', `The order ${present} is already the smallest possible.`);
  }
  return 'order' in target
    ? checkOrder(target.order, present, choices)
    : orderForShare(target.remove, model.parameters, choices, smallest);
}

function checkOrder(order: number, present: number, choices: readonly OrderChoice[]): number {
  if (choices.some((choice) => choice.order === order)) return order;
  if (order > present) {
    throw new SsmError('bad-request', `Order ${order} is above the original order ${present}.`);
  }
  if (order === present) {
    throw new SsmError('bad-request', `The model has order ${present} already. Ask for less.`);
  }
  const known = choices.map((choice) => choice.order);
  const below = known.filter((other) => other < order).at(-1);
  const above = known.find((other) => other > order);
  const nearest = [below, above].filter((other) => other !== undefined).join(' and ');
  throw new SsmError(
    'bad-request',
    `The layers of this model cannot have order ${order}. The nearest possible: ${nearest}.`,
  );
}

function orderForShare(
  share: number,
  parameters: number,
  choices: readonly OrderChoice[],
  smallest: OrderChoice,
): number {
  if (!(share > 0 && share < 1)) {
    throw new SsmError('bad-request', 'The share to remove must lie between 0 and 100 %.');
  }
  const allowed = choices.filter((choice) => parameters - choice.parameters >= share * parameters);
  const largest = allowed.at(-1);
  if (largest !== undefined) return largest.order;
  const attainable = 1 - smallest.parameters / parameters;
  throw new SsmError(
    'bad-request',
    `Reducing the state-space layers to order ${smallest.order}, the smallest possible, removes ` +
      `${(Math.floor(attainable * 1000) / 10).toFixed(1)} % of the model's parameters; ` +
      `${percent(share)} was asked for.`,
  );
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}

/** The order proposed when nobody names one: the largest possible that is at most a quarter of the present one. */
export function proposedOrder({ choices, layers }: Reducible): number | undefined {
  const present = Math.max(0, ...layers.map(({ order }) => order));
  const small = choices.filter(({ order }) => order <= present / 4).at(-1);
  return (small ?? choices.at(0))?.order;
}
