import type { AllocatedOrders, AllocationRecord } from '../../src/protocol/allocation';
import { fillText, showCount, showError } from '../../src/protocol/shown';
import type { ReportView } from '../../src/protocol/webview';
import { element, section, table } from '../ui/dom';
import type { ReportHost } from './view';

interface Choice {
  readonly title: string;
  readonly orders: AllocatedOrders;
}

/** How orders were shared out over the layers, beside one order for all; nothing where they were not. */
export function allocationSection({ allocation }: ReportView, host: ReportHost): readonly Node[] {
  if (allocation === undefined) return [];
  const { texts, language } = host;
  const { weights, sequences, kept } = allocation;
  const by =
    sequences === 0
      ? fillText(texts.allocationBy, texts[`by-${weights}`])
      : fillText(texts.allocationSequences, texts[`by-${weights}`], showCount(sequences, language));
  const what = kept === 'allocated' ? texts.allocatedKept : texts.uniformKept;
  return [
    section(
      'allocation',
      texts.allocation,
      element('p', { class: 'lead' }, `${what} ${by}`),
      choices(allocation, host),
    ),
  ];
}

function choices(allocation: AllocationRecord, { texts, language }: ReportHost): HTMLElement {
  const { unit, kept, allocated, uniform } = allocation;
  const count = (value: number): string => showCount(value, language);
  const title = (of: 'allocated' | 'uniform', text: string): string =>
    of === kept ? fillText(texts.taken, text) : text;
  const error = (value: number | null | undefined, sign = ''): string =>
    value === null || value === undefined ? '–' : `${sign}${showError(value)}`;
  return table<Choice>(
    texts.allocation,
    [
      { heading: texts.choice, cell: (choice) => choice.title },
      {
        heading: texts.ordersOfLayers,
        cell: ({ orders: { orders } }) => orders.map(({ order }) => count(order)).join(', '),
      },
      {
        ...{ heading: unit === 'states' ? texts.states : texts.parameters, numeric: true },
        cell: ({ orders }) => count(orders.price),
      },
      {
        ...{ heading: texts.predicted, help: texts.predictedHelp, numeric: true },
        cell: ({ orders }) => error(orders.predicted, '≈ '),
      },
      {
        ...{ heading: texts.boundCertified, help: texts.certifiedBoundHelp, numeric: true },
        cell: ({ orders }) => error(orders.certified, '≤ '),
      },
      {
        ...{ heading: texts.boundMeasured, help: texts.certifiedBoundHelp, numeric: true },
        cell: ({ orders }) => error(orders.measured),
      },
    ],
    [
      { title: title('allocated', texts.allocated), orders: allocated },
      { title: title('uniform', texts.uniformOrder), orders: uniform },
    ],
  );
}
