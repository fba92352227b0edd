import { allocationFrontier } from '../../core/allocate/allocate';
import type { AllocatedOrders } from '../../protocol/allocation';
import type { LayerLadder } from './ladder';
import {
  beyond,
  ordersOf,
  parametersAround,
  priceOptions,
  type AllocationBasis,
} from './priceOptions';
import { outputSize, type WeighTools } from './weights';

/** A size of the trade-off between parameters and what the weights foretell. */
export interface ForetoldSize {
  readonly orders: AllocatedOrders['orders'];
  /** Of the whole model. */
  readonly parameters: number;
  /** The error of the output: relative where sequences tell the output's size, else in its own unit. */
  readonly foretold: number;
}

/** Sizes of the trade-off that are shown at most. */
const mostSizes = 16;

/**
 * The best that orders of single layers reach at every size, by what the weights foretell: some of the sizes, by rising
 * parameters, none of which another beats in both.
 *
 * @throws SsmError as `allocateOrders` does
 */
export async function traceAllocations(
  request: AllocationBasis,
  tools: WeighTools,
): Promise<ForetoldSize[]> {
  const { ladders, options, weighing } = await priceOptions(request, 'parameters', [], tools);
  const around = parametersAround(request);
  const known = request.sequences.length > 0;
  const unit = known ? await outputSize(weighing, tools) : 1;
  const all = allocationFrontier(options, Infinity)
    .filter(({ value, choice }) => value < beyond && isSmaller(ladders, choice))
    .map(({ choice, price, value }) => ({
      orders: ordersOf(ladders, choice),
      parameters: price + around,
      foretold: value / unit,
    }));
  if (all.length <= mostSizes) return all;
  const step = (all.length - 1) / (mostSizes - 1);
  return Array.from({ length: mostSizes }, (_, i) => all[Math.round(i * step)]);
}

function isSmaller(ladders: readonly LayerLadder[], choice: readonly number[]): boolean {
  return choice.some((one, l) => one < ladders[l].orders.length - 1);
}
