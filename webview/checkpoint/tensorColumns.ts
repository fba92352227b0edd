import type { NumberSummary } from '../../src/core/statistics/summary';
import type { TensorInfo } from '../../src/formats/tensor';
import type { TensorStatistics } from '../../src/protocol/inspection';
import { showCount, showName, showNumber, showShape } from '../../src/protocol/shown';
import { element, nameText } from '../ui/dom';
import type { TextColumn } from '../ui/tableText';
import type { VirtualColumn } from '../ui/virtualList';
import type { CheckpointHost } from './view';

export type TensorColumn = VirtualColumn<TensorInfo> & TextColumn<TensorInfo>;

/** Elements that the shape declares. */
export function elementCount({ shape }: TensorInfo): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** The columns of the inventory; those of statistics once there are some. */
export function tensorColumns(
  tensors: readonly TensorInfo[],
  statistics: ReadonlyMap<string, TensorStatistics>,
  host: CheckpointHost,
): TensorColumn[] {
  const { texts, language } = host;
  const roles = { model: texts.roleModel, optimizer: texts.roleOptimizer, other: texts.roleOther };
  const role: TensorColumn = {
    ...{ heading: texts.role, width: '10ch' },
    value: (tensor) => roles[tensor.role],
    cell: (tensor) => roles[tensor.role],
  };
  const count = (tensor: TensorInfo): string => showCount(elementCount(tensor), language);
  return [
    {
      ...{ heading: texts.name, width: 'minmax(20ch, 3fr)', value: ({ name }) => name },
      cell: ({ name }) => nameText(showName(name), showName(name, 1000)),
    },
    {
      ...{ heading: texts.type, width: '10ch' },
      value: ({ dtype }) => dtype,
      cell: ({ dtype }) => dtype,
    },
    {
      ...{ heading: texts.shape, width: 'minmax(11ch, 1fr)' },
      value: ({ shape }) => showShape(shape),
      cell: ({ shape }) => showShape(shape),
    },
    {
      ...{ heading: texts.elements, width: '11ch', numeric: true },
      ...{ value: elementCount, text: count, cell: count },
    },
    ...(tensors.some((tensor) => tensor.role !== 'model') ? [role] : []),
    ...(statistics.size > 0 ? statisticsColumns(statistics, host) : []),
  ];
}

function statisticsColumns(
  statistics: ReadonlyMap<string, TensorStatistics>,
  { texts, language }: CheckpointHost,
): TensorColumn[] {
  const of = ({ name }: TensorInfo): NumberSummary | undefined => {
    const found = statistics.get(name);
    return found === undefined || 'fault' in found ? undefined : found.summary;
  };
  const orFault = (tensor: TensorInfo, text: string): HTMLElement | string => {
    const found = statistics.get(tensor.name);
    return found !== undefined && 'fault' in found
      ? element('span', { title: showName(found.fault, 500) }, '–')
      : text;
  };
  const figure = (
    heading: string,
    value: (summary: NumberSummary) => number | null,
    help: string,
  ): TensorColumn => {
    const text = (tensor: TensorInfo): string => showFigure(numberOf(of(tensor), value));
    return {
      ...{ heading, help, numeric: true, width: '9.5ch' },
      ...{ value: (tensor) => numberOf(of(tensor), value), text },
      cell: (tensor) => orFault(tensor, text(tensor)),
    };
  };
  const notFinite = (tensor: TensorInfo): string => {
    const summary = of(tensor);
    if (summary === undefined) return '';
    return `${showCount(summary.nan, language)}, ${showCount(summary.infinite, language)}`;
  };
  return [
    figure(texts.minimum, ({ least }) => least, texts.statisticsHelp),
    figure(texts.maximum, ({ greatest }) => greatest, texts.statisticsHelp),
    figure(texts.mean, ({ mean }) => mean, texts.statisticsHelp),
    figure(texts.tensorNorm, ({ norm }) => norm, texts.statisticsHelp),
    {
      ...{ heading: texts.notFinite, help: texts.notFiniteHelp, numeric: true, width: '9.5ch' },
      value: (tensor) => {
        const summary = of(tensor);
        return summary === undefined ? undefined : summary.nan + summary.infinite;
      },
      text: notFinite,
      cell: (tensor) => {
        const { nan = 0, infinite = 0 } = of(tensor) ?? {};
        const text = notFinite(tensor);
        return nan + infinite > 0 ? element('strong', {}, `⚠ ${text}`) : orFault(tensor, text);
      },
    },
  ];
}

function numberOf(
  summary: NumberSummary | undefined,
  value: (summary: NumberSummary) => number | null,
): number | undefined {
  return (summary === undefined ? undefined : value(summary)) ?? undefined;
}

/** Four digits, nothing where there is no number. */
function showFigure(value: number | undefined): string {
  return value === undefined ? '' : showNumber(value, 4);
}
