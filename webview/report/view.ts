import {
  fillText,
  showBytes,
  showCount,
  showError,
  showName,
  showShare,
} from '../../src/protocol/shown';
import type { ReportTexts } from '../../src/protocol/texts';
import type { LayerView, ReportAction, ReportState, ReportView } from '../../src/protocol/webview';
import type { Host } from '../api';
import { button } from '../ui/controls';
import { element, facts, nameText, section, table, withAside } from '../ui/dom';
import { allocationSection } from './allocation';
import { boundSection } from './bound';
import { calibrationSections, heldOutSection } from './calibration';
import { computingSection, warningsOf } from './computing';
import { convergenceSection } from './convergence';
import { errorBars } from './errorBars';
import { hyperParameterSection, untiedSection } from './hyperParameters';
import { layerSection } from './layers';
import { recordedSection } from './recorded';

export type ReportHost = Host<ReportTexts, ReportState, ReportAction>;

/** The page of a report. */
export function drawReport(report: ReportView, host: ReportHost): readonly Node[] {
  const { texts } = host;
  return [
    heading(report, host),
    figures(report, host),
    ...list('warnings', texts.warnings, warningsOf(report, host)),
    ...heldOutSection(report, host),
    ...recordedSection(report, host),
    ...boundSection(report, host),
    layerSection(report, host),
    ...errorBars(report, host),
    ...allocationSection(report, host),
    ...calibrationSections(report, host),
    ...convergenceSection(report, host),
    ...hyperParameterSection(report, host),
    ...untiedSection(report, host),
    ...settings(report, host),
    ...list('dropped', texts.dropped, report.droppedOptimizerStates),
    computingSection(report, host),
    facts(circumstances(report, host)),
  ];
}

function heading(report: ReportView, { texts, language, act }: ReportHost): HTMLElement {
  const made = new Date(report.createdAt);
  const date = Number.isNaN(made.getTime())
    ? report.createdAt
    : new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(made);
  const title = fillText(texts.heading, baseName(report.source.path), baseName(report.result.path));
  return element(
    'header',
    {},
    element(
      'div',
      {},
      element('h1', {}, nameText(title)),
      element(
        'p',
        { class: 'subtitle' },
        fillText(texts.made, date, showName(report.tool.name), showName(report.tool.version)),
      ),
    ),
    element(
      'div',
      { class: 'buttons' },
      button(texts.reopen, () => {
        act('reopen');
      }),
      button(texts.openSource, () => {
        act('openSource');
      }),
      button(
        texts.openResult,
        () => {
          act('openResult');
        },
        'primary',
      ),
    ),
  );
}

function baseName(path: string): string {
  return showName(path.split(/[\\/]/).at(-1) ?? path);
}

/** The few figures that matter most. */
function figures(report: ReportView, host: ReportHost): HTMLElement {
  const { texts, language } = host;
  const count = (value: number): string => showCount(value, language);
  const bytes = (value: number): string => showBytes(value, language);
  const worst = worstLayer(report.layers);
  return facts([
    [texts.parameters, change(report.parametersBefore, report.parametersAfter, count, host)],
    [texts.bytes, change(report.source.bytes, report.result.bytes, bytes, host)],
    ...(worst === undefined
      ? []
      : [
          [
            texts.greatestError,
            withAside(
              showError(worst.relativeError),
              fillText(texts.ofLayer, texts[worst.errorKind], showName(worst.name, 60)),
            ),
          ] as const,
        ]),
  ]);
}

function worstLayer(layers: readonly LayerView[]): LayerView | undefined {
  return [...layers].sort((a, b) => b.relativeError - a.relativeError).at(0);
}

/** "402,890 → 120,000", with the share that was saved below. */
function change(
  before: number,
  after: number,
  show: (value: number) => string,
  { texts, language }: ReportHost,
): HTMLElement {
  const saved = before > 0 ? 1 - after / before : 0;
  const aside = fillText(saved < 0 ? texts.more : texts.less, showShare(Math.abs(saved), language));
  return withAside(fillText(texts.heading, show(before), show(after)), aside);
}

function settings({ settingsChanged }: ReportView, { texts }: ReportHost): readonly Node[] {
  if (settingsChanged.length === 0) return [];
  const rows = table(
    texts.settingsChanged,
    [
      { heading: texts.name, cell: ({ path }) => nameText(showName(path.join('.'))) },
      { heading: texts.before, numeric: true, cell: ({ before }) => String(before) },
      { heading: texts.after, numeric: true, cell: ({ after }) => String(after) },
    ],
    settingsChanged,
  );
  return [section('settings', texts.settingsChanged, rows)];
}

function list(id: string, title: string, items: readonly string[]): readonly Node[] {
  if (items.length === 0) return [];
  const lines = items.map((item) => element('li', {}, showName(item, 600)));
  return [section(id, title, element('ul', {}, ...lines))];
}

/** How the result came about. */
function circumstances(
  report: ReportView,
  { texts, language }: ReportHost,
): (readonly [string, HTMLElement])[] {
  const { horizon, horizonFrom, tau } = report;
  return [
    [
      texts.horizon,
      withAside(
        horizon === null ? texts.infinite : fillText(texts.steps, showCount(horizon, language)),
        texts[horizonFrom],
      ),
    ],
    [texts.solver, withAside(texts[report.solver], texts[`${report.solver}Aside`])],
    ...(report.keepStaticGain === true
      ? [[texts.staticGain, withAside(texts.staticGainKept, texts.staticGainAside)] as const]
      : []),
    ...(tau === undefined
      ? []
      : [[texts.tau, withAside(tauText(tau, texts), texts.tauAside)] as const]),
  ];
}

function tauText(tau: NonNullable<ReportView['tau']>, { infinite }: ReportTexts): string {
  switch (tau) {
    case 'L Delta':
      return 'L Δ';
    case 'infinite':
      return infinite;
    default:
      return tau;
  }
}
