import type { TensorInfo } from '../../src/formats/tensor';
import { fillText, showCount, showName, showShape } from '../../src/protocol/shown';
import { searchField } from '../ui/controls';
import { element, nameText, section } from '../ui/dom';
import { virtualList } from '../ui/virtualList';
import type { VirtualColumn } from '../ui/virtualList';
import type { CheckpointHost } from './view';

/** All tensors of the file with a search box; tens of thousands scroll smoothly. */
export function tensorSection(tensors: readonly TensorInfo[], host: CheckpointHost): HTMLElement {
  const { texts, language } = host;
  const list = virtualList(texts.tensors, columns(tensors, host));
  const found = element('span', { class: 'found', role: 'status' });
  const none = element('p', { hidden: '' }, texts.noneFound);
  const total = showCount(tensors.length, language);
  const search = (query: string): void => {
    const matching = filterTensors(tensors, query);
    found.textContent = fillText(texts.found, showCount(matching.length, language), total);
    none.hidden = matching.length > 0;
    list.element.hidden = matching.length === 0;
    list.show(matching);
  };
  const initial = host.recall().search;
  const field = searchField(texts.search, initial, (query) => {
    host.remember({ search: query });
    search(query);
  });
  const made = section(
    'tensors',
    texts.tensors,
    element('div', { class: 'search' }, field, found),
    none,
    list.element,
  );
  // the rows in view can only be known once the list is in the page
  requestAnimationFrame(() => {
    search(initial);
  });
  return made;
}

/** The tensors whose name, type or shape contains every word of the query. */
export function filterTensors(
  tensors: readonly TensorInfo[],
  query: string,
): readonly TensorInfo[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return tensors;
  return tensors.filter(({ name, dtype, shape }) => {
    const text = `${name} ${dtype} ${shape.join('x')} ${showShape(shape)}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function columns(
  tensors: readonly TensorInfo[],
  { texts, language }: CheckpointHost,
): VirtualColumn<TensorInfo>[] {
  const roles = { model: texts.roleModel, optimizer: texts.roleOptimizer, other: texts.roleOther };
  const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
  const role: VirtualColumn<TensorInfo> = {
    heading: texts.role,
    width: '12ch',
    cell: (tensor) => roles[tensor.role],
  };
  return [
    {
      heading: texts.name,
      width: 'minmax(24ch, 3fr)',
      cell: ({ name }) => nameText(showName(name), showName(name, 1000)),
    },
    { heading: texts.type, width: '14ch', cell: ({ dtype }) => dtype },
    { heading: texts.shape, width: 'minmax(14ch, 1fr)', cell: ({ shape }) => showShape(shape) },
    {
      heading: texts.elements,
      width: '14ch',
      numeric: true,
      cell: ({ shape }) => showCount(elements(shape), language),
    },
    ...(tensors.some((tensor) => tensor.role !== 'model') ? [role] : []),
  ];
}
