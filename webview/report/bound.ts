import type { BoundFigure, BoundRecord, LayerContribution } from '../../src/protocol/bound';
import { fillText, showCount, showError, showName, showShare } from '../../src/protocol/shown';
import type { ReportView } from '../../src/protocol/webview';
import { element, facts, nameText, section, table, withAside } from '../ui/dom';
import type { Column } from '../ui/dom';
import { boundBars } from './boundBars';
import { evidenceRows, hasOutside } from './boundShares';
import type { EvidenceRow } from './boundShares';
import type { ReportHost } from './view';

/** What compressing can do to the output, and which layers do it; nothing where no bound was derived. */
export function boundSection({ bound }: ReportView, host: ReportHost): readonly Node[] {
  if (bound === undefined) return [];
  const { texts } = host;
  const rows = evidenceRows(bound);
  return [
    section(
      'output-bound',
      texts.outputBound,
      facts(figures(bound, host)),
      element('p', { class: 'remark' }, howLong(bound, host)),
      ...(rows.length === 0 ? [] : boundBars(bound, rows, host)),
      contributionTable(bound, rows, host),
      ...remarks(bound),
    ),
  ];
}

/** The whole by each kind of evidence, with what it holds for. */
function figures(
  { certified, calibrated, measured, inputBound }: BoundRecord,
  { texts, language }: ReportHost,
): (readonly [string, HTMLElement])[] {
  const shown = ({ bound }: BoundFigure): string =>
    bound === null ? texts.boundNone : `≤ ${showError(bound)}`;
  const vacuous = (figure: BoundFigure): readonly string[] =>
    figure.vacuous ? [texts.boundVacuous] : [];
  const inputs =
    inputBound === undefined
      ? texts.boundCertifiedHelp
      : fillText(texts.boundCertifiedInput, showError(inputBound, 3));
  return [
    [texts.boundCertified, withAside(shown(certified), inputs, ...vacuous(certified))],
    ...(calibrated === undefined
      ? []
      : [
          [
            texts.boundCalibrated,
            withAside(
              shown(calibrated),
              fillText(
                texts.boundCalibratedHelp,
                showName(calibrated.data, 60),
                showCount(calibrated.meeting, language),
                showCount(calibrated.heldOut, language),
              ),
              ...vacuous(calibrated),
            ),
          ] as const,
        ]),
    ...(measured === undefined
      ? []
      : [
          [
            texts.boundMeasured,
            withAside(
              showError(measured.error),
              fillText(
                texts.boundMeasuredHelp,
                showCount(measured.sequences, language),
                showError(measured.largest),
              ),
            ),
          ] as const,
        ]),
  ];
}

function howLong(
  { length, perPosition, paper }: BoundRecord,
  { texts, language }: ReportHost,
): string {
  const positions = fillText(
    perPosition ? texts.boundPerPosition : texts.boundWhole,
    showCount(length, language),
  );
  if (paper.bound === null) return positions;
  return `${positions} ${fillText(texts.boundPaper, showError(paper.bound))}`;
}

/** The same figures, with what a contribution is made of. */
function contributionTable(
  bound: BoundRecord,
  rows: readonly EvidenceRow[],
  { texts, language }: ReportHost,
): HTMLElement {
  interface Line {
    readonly at: number;
    readonly layer?: LayerContribution;
  }
  const lines: Line[] = [
    ...bound.layers.map((layer, at) => ({ layer, at })),
    ...(hasOutside(rows) ? [{ at: bound.layers.length }] : []),
  ];
  const factor = (value: number | null | undefined): string =>
    value === null || value === undefined ? '–' : showError(value);
  const columns: Column<Line>[] = [
    {
      heading: texts.layer,
      cell: ({ layer }) =>
        layer === undefined
          ? texts.boundOutside
          : nameText(showName(layer.name), showName(layer.name, 1000)),
    },
    {
      heading: texts.boundNumber,
      numeric: true,
      cell: ({ layer, at }) => (layer === undefined ? '' : String(at + 1)),
    },
    {
      heading: texts.boundShare,
      numeric: true,
      cell: ({ layer }) => (layer === undefined ? '–' : showShare(layer.share, language)),
    },
    ...rows.map(({ evidence, contributions }) => ({
      heading: texts[`evidence-${evidence}`],
      numeric: true,
      cell: ({ at }: Line) => factor(contributions[at]),
    })),
    {
      ...{ heading: texts.boundLocal, help: texts.boundLocalHelp, numeric: true },
      cell: ({ layer }) => factor((layer?.calibrated ?? layer?.certified)?.local),
    },
    {
      ...{ heading: texts.boundDownstream, help: texts.boundDownstreamHelp, numeric: true },
      cell: ({ layer }) => factor((layer?.calibrated ?? layer?.certified)?.downstream),
    },
  ];
  return table(texts.boundShares, columns, lines);
}

function remarks({ remarks: all }: BoundRecord): readonly Node[] {
  if (all.length === 0) return [];
  return [
    element('ul', { class: 'remark' }, ...all.map((one) => element('li', {}, showName(one, 600)))),
  ];
}
