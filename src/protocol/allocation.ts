/** What the orders of the layers can be shared out by. */
export const allocationWeights = [
  'uniform',
  'measured',
  'first-order',
  'calibrated',
  'certified',
] as const;
export type AllocationWeights = (typeof allocationWeights)[number];

/** What each means, for a person. */
export const allocationTitles: Readonly<Record<AllocationWeights, string>> = {
  uniform: 'the same order for every layer',
  measured: 'what reducing one layer alone changes in the output, measured',
  'first-order': 'what reducing one layer changes in the output, to first order',
  calibrated: 'contributions to the bound for inputs like the recorded ones',
  certified: 'contributions to the certified bound',
};

/** Orders shared out over the layers, beside what the same order for all would have been. JSON. */
export interface AllocationRecord {
  readonly weights: AllocationWeights;
  readonly unit: 'states' | 'parameters';
  /** What the prices had to stay within; null where the fewest parameters for a tolerance were asked for. */
  readonly budget: number | null;
  /** The share of the output that the weights together may come to. */
  readonly tolerance?: number;
  /** Or the error of the output that it may have, in its own unit. */
  readonly limit?: number;
  /** Sequences that the weights rest on; 0 without sample data. */
  readonly sequences: number;
  /** Whichever is better by its own kind of evidence. */
  readonly kept: 'allocated' | 'uniform';
  readonly allocated: AllocatedOrders;
  readonly uniform: AllocatedOrders;
}

export interface AllocatedOrders {
  readonly orders: readonly { readonly layer: string; readonly order: number }[];
  /** States (the sum of the orders) or parameters of the model. */
  readonly price: number;
  /** What the weights of the layers add up to. */
  readonly predicted: number | null;
  /** Of layers reduced to these orders, not calibrated: the certified bound, and with sample data what is measured. */
  readonly certified: number | null;
  readonly measured?: number;
}

/** Whether a value parsed from JSON is such a record. */
export function isAllocationRecord(value: unknown): value is AllocationRecord {
  return (
    isRecord(value) &&
    allocationWeights.some((one) => one === value.weights) &&
    (value.unit === 'states' || value.unit === 'parameters') &&
    (value.budget === null || isNumber(value.budget)) &&
    (value.tolerance === undefined || isNumber(value.tolerance)) &&
    (value.limit === undefined || isNumber(value.limit)) &&
    isNumber(value.sequences) &&
    (value.kept === 'allocated' || value.kept === 'uniform') &&
    isOrders(value.allocated) &&
    isOrders(value.uniform)
  );
}

function isOrders(value: unknown): boolean {
  return (
    isRecord(value) &&
    Array.isArray(value.orders) &&
    value.orders.every(
      (one) => isRecord(one) && typeof one.layer === 'string' && isNumber(one.order),
    ) &&
    isNumber(value.price) &&
    [value.predicted, value.certified].every((one) => one === null || isNumber(one)) &&
    (value.measured === undefined || isNumber(value.measured))
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
