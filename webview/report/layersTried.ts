import type { CalibrationRecord, LayersTried } from '../../src/protocol/calibration';
import { fillText, showCount, showName } from '../../src/protocol/shown';
import { showFigure, showInterval } from '../../src/protocol/shownMeasures';
import { element, nameText, obtained, section, table } from '../ui/dom';
import type { ReportHost } from './view';

/** How orders of single layers were looked for; nothing where they were not. */
export function layersTriedSection(
  { layersTried }: CalibrationRecord,
  host: ReportHost,
): readonly Node[] {
  if (layersTried === undefined) return [];
  const { texts, language } = host;
  const { taken, uniform } = layersTried;
  const lead = taken === 'layers' ? texts.layersTaken : texts.layersNotTaken;
  return [
    section(
      'layers-tried',
      obtained(texts.layersTried, texts.measured),
      element('p', { class: 'lead' }, fillText(lead, showCount(uniform, language))),
      ...(layersTried.tried.length === 0 ? [] : [together(layersTried, host)]),
      element('p', { class: 'remark' }, texts.layersAlone),
      alone(layersTried, host),
    ),
  ];
}

function together({ tried }: LayersTried, { texts, language }: ReportHost): HTMLElement {
  const count = (value: number): string => showCount(value, language);
  return table<LayersTried['tried'][number]>(
    texts.layersTogether,
    [
      { heading: texts.orders, cell: ({ orders }) => orders.map(count).join(', ') },
      { heading: texts.parameters, numeric: true, cell: ({ parameters }) => count(parameters) },
      {
        ...{ heading: texts.outputError, help: texts.intervalHelp, numeric: true },
        cell: ({ evaluation: { outputError } }) =>
          outputError === undefined ? '–' : showInterval('outputError', outputError, language),
      },
      {
        heading: texts.tolerance,
        cell: ({ kept }) => (kept ? texts.toleranceKept : texts.toleranceMissed),
      },
    ],
    tried,
  );
}

/** A row a layer, a column an order that some layer was tried at. */
function alone({ alone: layers }: LayersTried, { texts, language }: ReportHost): HTMLElement {
  const all = layers.flatMap(({ orders }) => orders.map(({ order }) => order));
  const columns = [...new Set(all)].sort((a, b) => a - b);
  return table<LayersTried['alone'][number]>(
    texts.layersTried,
    [
      { heading: texts.layer, cell: ({ name }) => nameText(showName(name), showName(name, 1000)) },
      ...columns.map((column) => ({
        heading: `${texts.order} ${showCount(column, language)}`,
        numeric: true as const,
        cell: ({ orders }: LayersTried['alone'][number]): string => {
          const trial = orders.find(({ order }) => order === column);
          return trial === undefined ? '–' : showFigure('outputError', trial.outputError, language);
        },
      })),
    ],
    layers,
  );
}
