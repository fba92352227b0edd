import { fillText, showCount, showError, showName } from '../../src/protocol/shown';
import type { LayerView, ReportView } from '../../src/protocol/webview';
import { element, nameText, section, table } from '../ui/dom';
import type { ReportHost } from './view';

/** The layers before and after, with their errors and how these spread over the channels. */
export function layerSection(
  { layers, bound, noBound }: ReportView,
  host: ReportHost,
): HTMLElement {
  const { texts, language } = host;
  const count = (value: number): string => showCount(value, language);
  const arrow = (before: number, after: number): string =>
    fillText(texts.heading, count(before), count(after));
  const rows = table<LayerView>(
    texts.layers,
    [
      { heading: texts.layer, cell: ({ name }) => nameText(showName(name), showName(name, 1000)) },
      { heading: texts.channels, numeric: true, cell: ({ channels }) => count(channels) },
      {
        heading: texts.order,
        numeric: true,
        cell: ({ orderBefore, orderAfter, orderStored }) => {
          const text = arrow(orderBefore, orderAfter);
          if (orderStored === undefined) return text;
          return `${text} (${fillText(texts.storedAs, count(orderStored))})`;
        },
      },
      {
        heading: texts.parameters,
        numeric: true,
        cell: ({ parametersBefore, parametersAfter }) => arrow(parametersBefore, parametersAfter),
      },
      {
        heading: texts.relativeError,
        help: texts.relativeErrorHelp,
        numeric: true,
        cell: (layer) => errorCell(layer, host),
      },
      {
        heading: texts.spread,
        help: texts.spreadHelp,
        cell: (layer) => spreadCell(layer, host),
      },
    ],
    layers,
  );
  const why = noBound === undefined ? [] : [showName(noBound, 600)];
  const remark = element('p', { class: 'remark' }, [texts.noBound, ...why].join(' '));
  return section('layers', texts.layers, rows, bound === undefined ? remark : undefined);
}

function errorCell({ relativeError, errorKind }: LayerView, { texts }: ReportHost): HTMLElement {
  return element(
    'span',
    {},
    showError(relativeError),
    element('span', { class: 'kind' }, texts[errorKind]),
  );
}

function spreadCell({ spread }: LayerView, { texts }: ReportHost): HTMLElement | string {
  if (spread === undefined) return '–';
  const { median, lowerQuartile, upperQuartile, greatest, greatestAt } = spread;
  const shown = [median, lowerQuartile, upperQuartile, greatest].map((error) => showError(error));
  const label = fillText(texts.spreadLabel, ...shown, String(greatestAt));
  return element(
    'span',
    { class: 'spread', title: label, 'aria-label': label, role: 'img' },
    fillText(texts.spreadText, ...shown),
  );
}
