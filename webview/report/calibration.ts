import type { CalibratedLayerRecord, CalibrationRecord } from '../../src/protocol/calibration';
import { calibrationParts } from '../../src/protocol/calibration';
import type { MeasuredFigure } from '../../src/protocol/evaluation';
import { fillText, showCount, showName } from '../../src/protocol/shown';
import { showFigure, showInterval } from '../../src/protocol/shownMeasures';
import type { ReportView } from '../../src/protocol/webview';
import { balanceTable, measureTable } from '../measures/measureTable';
import { tradeoffView } from '../measures/tradeoff';
import { element, nameText, obtained, section, table } from '../ui/dom';
import { layersTriedSection } from './layersTried';
import type { ReportHost } from './view';

/** What the compression kept on sample data; nothing where there was none. */
export function heldOutSection({ calibration }: ReportView, host: ReportHost): readonly Node[] {
  if (calibration === undefined) return [];
  const { texts, language } = host;
  const { evaluation, sequences, data } = calibration;
  const count = (value: number): string => showCount(value, language);
  return [
    section(
      'held-out',
      obtained(texts.onHeldOut, texts.measured),
      element('p', { class: 'lead' }, fillText(texts.heldOutLead, count(evaluation.sequences))),
      measureTable(evaluation, texts.onHeldOut, host),
      element(
        'p',
        { class: 'remark' },
        fillText(texts.calibratedWith, count(sequences), showName(data, 300)),
      ),
      ...balanceTable(evaluation, host),
    ),
  ];
}

/** How the calibration went: the orders that were tried, the layers, what was done and what it changed. */
export function calibrationSections(report: ReportView, host: ReportHost): readonly Node[] {
  const { calibration } = report;
  if (calibration === undefined) return [];
  const { texts } = host;
  const { tried = [], changedTensors } = calibration;
  return [
    ...(tried.length < 2
      ? []
      : [
          section(
            'tried',
            obtained(texts.tried, texts.measured),
            ...tradeoffView({ points: tried, parametersBefore: report.parametersBefore }, host)
              .nodes,
          ),
        ]),
    ...layersTriedSection(calibration, host),
    measuredLayers(calibration, host),
    parts(calibration, host),
    ...(changedTensors.length === 0 ? [] : [changed(changedTensors, host)]),
  ];
}

function measuredLayers({ layers, evaluation }: CalibrationRecord, host: ReportHost): HTMLElement {
  const { texts, language } = host;
  const result = new Map(
    (evaluation.layers ?? []).map(({ name, error }): [string, MeasuredFigure] => [name, error]),
  );
  const share = (value: number): string => showFigure('outputError', value, language);
  const rows = table<CalibratedLayerRecord>(
    texts.measuredLayers,
    [
      { heading: texts.layer, cell: ({ name }) => nameText(showName(name), showName(name, 1000)) },
      {
        ...{ heading: texts.fitted, help: texts.fittedHelp, numeric: true },
        cell: ({ fittedError }) => share(fittedError),
      },
      {
        ...{ heading: texts.heldOut, help: texts.heldOutHelp, numeric: true },
        cell: ({ heldOutError }) => (heldOutError === null ? '–' : share(heldOutError)),
      },
      {
        ...{ heading: texts.mixing, help: texts.mixingHelp, numeric: true },
        cell: ({ mixing }) =>
          mixing === undefined
            ? '–'
            : fillText(texts.heading, share(mixing.before), share(mixing.after)),
      },
      {
        ...{ heading: texts.inResult, numeric: true },
        help: `${texts.inResultHelp} ${texts.intervalHelp}`,
        cell: ({ name }) => {
          const error = result.get(name);
          return error === undefined ? '–' : showInterval('outputError', error, language);
        },
      },
    ],
    layers,
  );
  return section('measured-layers', obtained(texts.measuredLayers, texts.measured), rows);
}

function parts(
  { parts: done, refined }: CalibrationRecord,
  { texts, language }: ReportHost,
): HTMLElement {
  const line = (isDone: boolean, text: string): HTMLElement =>
    element(
      'li',
      {},
      element('span', { class: 'mark' }, isDone ? texts.partDone : texts.partLeftOut),
      element('span', {}, text),
    );
  const lines = calibrationParts.map((part) => line(done.includes(part), texts[`part-${part}`]));
  if (refined !== undefined) {
    const share = (value: number): string => showFigure('outputError', value, language);
    const change = fillText(texts.heading, share(refined.before), share(refined.after));
    lines.push(line(true, fillText(texts.partRefined, texts['part-refined'], change)));
  }
  return section('parts', texts.parts, element('ul', { class: 'parts' }, ...lines));
}

function changed(names: readonly string[], { texts }: ReportHost): HTMLElement {
  const lines = names.map((name) => element('li', {}, nameText(showName(name, 300))));
  return section('changed', texts.changedTensors, element('ul', {}, ...lines));
}
