import type { TensorStatistics } from '../../src/protocol/inspection';
import type { TensorInfo } from '../../src/formats/tensor';
import { fillText, showCount, showShape } from '../../src/protocol/shown';
import type { CheckpointState } from '../../src/protocol/webview';
import { computation, type Part } from '../ui/computation';
import { searchField } from '../ui/controls';
import { copyButtons } from '../ui/copyButtons';
import { element, section } from '../ui/dom';
import { virtualList } from '../ui/virtualList';
import { elementCount, tensorColumns } from './tensorColumns';
import type { CheckpointHost } from './view';

/** So many elements, or tensors, are asked for at once, so that figures come in by and by. */
const partElements = 2 ** 24;
const partTensors = 500;

/** All tensors of the file with a search box; tens of thousands scroll smoothly. Statistics come when asked for. */
export function tensorSection(
  state: CheckpointState & { kind: 'ready' },
  host: CheckpointHost,
): HTMLElement {
  const { texts, language, recall, remember } = host;
  const { tensors } = state.summary;
  const statistics = new Map(
    state.statistics.map((one): [string, TensorStatistics] => [one.name, one]),
  );
  const columnsNow = () => tensorColumns(tensors, statistics, host);
  const makeList = () =>
    virtualList<TensorInfo>({
      ...{ id: 'tensor', label: texts.tensors, columns: columnsNow() },
      sort: recall().tensors?.sort,
      onSort: (sort) => {
        remember({ tensors: { sort } });
      },
    });
  let list = makeList();
  let hasStatistics = statistics.size > 0;
  const place = element('div', {}, list.element);
  const found = element('span', { class: 'found', role: 'status' });
  const none = element('p', { hidden: '' }, texts.noneFound);
  const total = showCount(tensors.length, language);
  let matching: readonly TensorInfo[] = tensors;
  const search = (query: string): void => {
    matching = filterTensors(tensors, query);
    found.textContent = fillText(texts.found, showCount(matching.length, language), total);
    none.hidden = matching.length > 0;
    list.element.hidden = matching.length === 0;
    list.show(matching);
  };
  const initial = recall().search;
  const field = searchField(texts.search, initial, (query) => {
    remember({ search: query });
    search(query);
  });
  const onStatistics = (): void => {
    if (hasStatistics) {
      list.refresh();
      return;
    }
    hasStatistics = true;
    list = makeList();
    place.replaceChildren(list.element);
    list.show(matching);
  };
  const parts = () => statisticsParts(list.shown(), statistics, host, onStatistics);
  const computing = computation(texts.computeStatistics, host, parts);
  const copies = copyButtons(
    texts,
    columnsNow,
    () => list.shown(),
    (text) => host.ask('copy', { text }),
  );
  const made = section(
    'tensors',
    texts.tensors,
    element('div', { class: 'search' }, field, found, computing.element, copies),
    none,
    place,
  );
  // the rows in view can only be known once the list is in the page
  requestAnimationFrame(() => {
    search(initial);
    computing.offer();
  });
  return made;
}

/** The computation of the statistics that are not known yet, some tensors at a time, in the order shown. */
function statisticsParts(
  tensors: readonly TensorInfo[],
  statistics: Map<string, TensorStatistics>,
  { ask }: CheckpointHost,
  onStatistics: () => void,
): Part[] {
  const groups: { size: number; names: string[] }[] = [];
  for (const tensor of tensors) {
    if (statistics.has(tensor.name)) continue;
    const last = groups.at(-1);
    const size = Math.max(1, elementCount(tensor));
    if (last === undefined || last.size + size > partElements || last.names.length >= partTensors) {
      groups.push({ size, names: [tensor.name] });
    } else {
      last.size += size;
      last.names.push(tensor.name);
    }
  }
  return groups.map(({ size, names }) => ({
    size,
    run: async (signal, onProgress) => {
      const found = await ask('statistics', { tensors: names }, { signal, onProgress });
      for (const one of found) statistics.set(one.name, one);
      onStatistics();
    },
  }));
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
