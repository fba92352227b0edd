import type { LayerFigures } from '../../src/protocol/inspection';
import { fillText, showCount } from '../../src/protocol/shown';
import type { CheckpointState } from '../../src/protocol/webview';
import type { LayerSummary } from '../../src/protocol/worker';
import { computation } from '../ui/computation';
import { searchField } from '../ui/controls';
import { copyButtons } from '../ui/copyButtons';
import { element, section } from '../ui/dom';
import { virtualList } from '../ui/virtualList';
import { layerColumns } from './layerColumns';
import { affordable, figureParts } from './layerFigures';
import { reducedLayers, reductionPicker, remarkOn, shownReduction } from './reduction';
import type { CheckpointHost } from './view';

type Ready = CheckpointState & { kind: 'ready' };

/** The table of layers, which learns of figures and of compressions while it is shown. */
export interface LayerTable {
  readonly element: HTMLElement;
  /** Takes over what changed beside the file: a compression became known. */
  update(state: Ready): void;
}

/** What the page does with what is chosen in the table. */
export interface LayerChoices {
  readonly onOpen?: (layer: LayerSummary) => void;
  /** Another compression is shown beside the file. */
  readonly onReduction?: () => void;
}

/** The state-space layers with search, order by any column and copies of the table. */
export function layerTable(
  state: Ready,
  host: CheckpointHost,
  { onOpen, onReduction }: LayerChoices = {},
): LayerTable {
  const { texts, language, recall, remember } = host;
  const { layers } = state.summary;
  const figures = new Map(state.figures.map((one): [string, LayerFigures] => [one.name, one]));
  let reduced = reducedLayers(shownReduction(state, host));
  const columnsNow = () => layerColumns(state.summary, { figures, reduced }, host);
  const place = element('div');
  const remark = element('p', { class: 'remark' });
  const none = element('p', { hidden: '' }, texts.noLayerFound);
  const found = element('span', { class: 'found', role: 'status' });
  const keep = (part: NonNullable<ReturnType<typeof recall>['layers']>): void => {
    remember({ layers: { ...recall().layers, ...part } });
  };
  const makeList = () =>
    virtualList<LayerSummary>({
      id: 'layer',
      label: texts.layers,
      columns: columnsNow(),
      framed: true,
      sort: recall().layers?.sort,
      onSort: (sort) => {
        keep({ sort });
      },
      onCurrent: ({ name }) => {
        keep({ current: name });
      },
      ...(onOpen === undefined ? {} : { onOpen }),
    });
  let list = makeList();

  const search = (query: string): void => {
    const matching = filterLayers(layers, query);
    found.textContent = fillText(
      texts.found,
      showCount(matching.length, language),
      showCount(layers.length, language),
    );
    none.hidden = matching.length > 0;
    list.element.hidden = matching.length === 0;
    list.show(matching);
  };
  const field = searchField(texts.searchLayers, recall().layers?.search ?? '', (query) => {
    keep({ search: query });
    search(query);
  });
  const parts = () =>
    figureParts(layers, figures, host, () => {
      list.refresh();
    });
  const computing = computation(texts.computeFigures, host, parts);
  const choice = element('div', { class: 'controls reduction', hidden: '' });
  const drawChoice = (now: Ready): void => {
    const made = reductionPicker(now, host, () => {
      drawAnew(now);
      onReduction?.();
    });
    choice.hidden = made === undefined;
    choice.replaceChildren(...(made === undefined ? [] : [made]));
  };
  const drawAnew = (now: Ready): void => {
    const shown = shownReduction(now, host);
    reduced = reducedLayers(shown);
    remark.textContent = remarkOn(shown, host);
    list = makeList();
    place.replaceChildren(list.element);
    search(recall().layers?.search ?? '');
    const current = layers.find(({ name }) => name === recall().layers?.current);
    if (current !== undefined) list.goTo(current);
  };

  const made = element(
    'div',
    {},
    element(
      'div',
      { class: 'search' },
      field,
      found,
      computing.element,
      copyButtons(
        texts,
        columnsNow,
        () => list.shown(),
        (text) => host.ask('copy', { text }),
      ),
    ),
    none,
    place,
    remark,
    choice,
  );
  // the rows in view can only be known once the list is in the page
  requestAnimationFrame(() => {
    drawChoice(state);
    drawAnew(state);
    computing.offer();
    if (affordable(layers)) void computing.start(parts());
  });
  let known = JSON.stringify(state.reductions);
  return {
    element: made,
    update(now) {
      if (JSON.stringify(now.reductions) === known) return;
      known = JSON.stringify(now.reductions);
      drawChoice(now);
      drawAnew(now);
    },
  };
}

/** The section of the layers, or why it is empty. */
export function layerSection(
  state: Ready,
  host: CheckpointHost,
  choices: LayerChoices = {},
): LayerTable {
  const { texts } = host;
  if (state.summary.layers.length === 0) {
    const lead = element('p', { class: 'lead' }, texts.noLayers);
    return { element: section('layers', texts.layers, lead), update: () => undefined };
  }
  const table = layerTable(state, host, choices);
  return { ...table, element: section('layers', texts.layers, table.element) };
}

/** The layers whose name, family or facts contain every word of the query. */
export function filterLayers(
  layers: readonly LayerSummary[],
  query: string,
): readonly LayerSummary[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return layers;
  return layers.filter(({ name, familyTitle, tying, facts }) => {
    const text = [name, familyTitle, tying, ...Object.entries(facts).flat()]
      .join(' ')
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
