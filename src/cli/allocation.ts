import {
  allocationTitles,
  type AllocatedOrders,
  type AllocationRecord,
} from '../protocol/allocation';
import { showName } from '../protocol/shown';
import { formatTable } from './table';
import { count, upperBound } from './text';

/** How orders were shared out, beside one order for all layers; nothing for a run that did not. */
export function describeAllocation(record: AllocationRecord | undefined): string[] {
  if (record === undefined) return [];
  const {
    weights,
    unit,
    allocated,
    uniform,
    kept,
    budget,
    tolerance = 0,
    limit,
    sequences,
  } = record;
  const figure = (value: number | null | undefined): string =>
    value === undefined ? '' : value === null ? 'none' : upperBound(value);
  const both = (of: (orders: AllocatedOrders) => string): string[] => [of(allocated), of(uniform)];
  const layers = allocated.orders.map(({ layer, order }, l) => [
    showName(layer, 80),
    count(order),
    count(uniform.orders[l].order),
  ]);
  const sums = [
    [unit === 'states' ? 'States' : 'Parameters', ...both(({ price }) => count(price))],
    ['Foretold error', ...both(({ predicted }) => figure(predicted))],
    ['Certified bound', ...both(({ certified }) => figure(certified))],
    ...(sequences > 0 ? [['Measured error', ...both(({ measured }) => figure(measured))]] : []),
  ];
  const aim =
    limit !== undefined
      ? `the fewest ${unit} for an error of the output of at most ${Number(limit.toPrecision(4))}`
      : budget === null
        ? `the fewest ${unit} for an output error of ${(100 * tolerance).toFixed(1)} %`
        : `at most ${count(budget)} ${unit}`;
  return [
    ...formatTable(
      [['Layer', 'Order shared out', 'One for all'], ...layers, ...sums],
      ['left', 'right', 'right'],
    ),
    '',
    ...formatTable(
      [
        ['Shared out', `${aim}, by ${allocationTitles[weights]}`],
        [
          'Taken',
          kept === 'allocated'
            ? 'the orders shared out'
            : 'one order for all: by the same evidence it is no worse',
        ],
        ['Figures', `of balanced reductions${sequences > 0 ? `, on ${sequences} sequences` : ''}`],
      ],
      ['left', 'left'],
    ),
    '',
  ];
}
