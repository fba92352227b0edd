import * as path from 'node:path';
import * as vscode from 'vscode';
import { showBytes, showCount, showError, showSeconds, showShare } from '../../protocol/shown';
import type { RunSummary } from '../../protocol/runSummary';
import { solverTitle } from '../compression/method';
import { markdownText } from '../platform/markdown';
import { figuresOf, showInterval, showPoints } from './figures';
import { runLabel } from './items';
import type { Node } from './nodes';
import { resultOf } from './run';
import type { Run } from './run';

const { t } = vscode.l10n;
const { language } = vscode.env;
const mostLayers = 8;
/** Keeps the columns of a tooltip's table apart. */
const gap = '&emsp;';

/** What is shown when a row is pointed at. */
export function nodeTooltip(node: Node): vscode.MarkdownString {
  switch (node.kind) {
    case 'checkpoint':
      return new vscode.MarkdownString(markdownText(node.source, 1000));
    case 'run':
      return new vscode.MarkdownString(describeRun(node.run).join('\n\n'));
    case 'live': {
      const { state, params } = node.live;
      const failure = state.kind === 'failed' ? [markdownText(state.message, 1000)] : [];
      return new vscode.MarkdownString(
        [`**${markdownText(path.basename(params.output))}**`, ...failure].join('\n\n'),
      );
    }
    case 'broken':
      return new vscode.MarkdownString(
        [
          `**${markdownText(path.basename(node.run.report))}**`,
          markdownText(node.run.fault, 1000),
        ].join('\n\n'),
      );
  }
}

/** The paragraphs of a run: name, note, figures, the layers that lost most. */
function describeRun(run: Run): string[] {
  const { summary, notes } = run;
  const file = markdownText(path.basename(resultOf(run)));
  return [
    `**${markdownText(runLabel(run))}** · ${file}`,
    ...(notes.note === undefined ? [] : [`*${markdownText(notes.note, 1000)}*`]),
    sizes(summary),
    ...accuracy(summary),
    ...outputError(summary),
    layerTable(summary),
    [
      solverTitle(summary.request.solver),
      horizon(summary),
      showSeconds(summary.seconds, true),
      new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(
        figuresOf(summary).date,
      ),
    ].join(' · '),
    ...(summary.warnings === 0 ? [] : [t('{0} remarks in the report', summary.warnings)]),
  ];
}

function sizes({ parametersBefore, parametersAfter, source, result }: RunSummary): string {
  const saved = parametersBefore > 0 ? 1 - parametersAfter / parametersBefore : 0;
  return t(
    '{0} parameters instead of {1} ({2} less), {3} instead of {4}',
    showCount(parametersAfter, language),
    showCount(parametersBefore, language),
    showShare(saved, language),
    showBytes(result.bytes, language),
    showBytes(source.bytes, language),
  );
}

/** What was measured with sample data, each with its 95 % interval. */
function accuracy({ calibration }: RunSummary): string[] {
  if (calibration === undefined) return [];
  const measure = calibration.measures.find(({ id }) => id === 'accuracy');
  const { outputError, judged } = calibration;
  const change = measure?.difference?.value;
  return [
    [
      measure === undefined ? undefined : t('Accuracy {0}', showInterval(measure.model)),
      typeof change === 'number' ? showPoints(change) : undefined,
      outputError === undefined
        ? undefined
        : t('error of the output {0}', showInterval(outputError)),
      t('measured on {0} sequences held out', showCount(judged, language)),
    ]
      .filter((part) => part !== undefined)
      .join(', '),
  ];
}

/** What is known of the output's error: certified, for recorded inputs, measured. */
function outputError({ output }: RunSummary): string[] {
  if (output === undefined) return [];
  const { certified, vacuous, calibrated, measured } = output;
  const parts = [
    measured === undefined ? undefined : t('measured {0}', showError(measured)),
    typeof calibrated === 'number'
      ? t('≤ {0} for inputs like the recorded ones', showError(calibrated))
      : undefined,
    certified === null
      ? undefined
      : vacuous
        ? t('certified ≤ {0}, vacuous for this network', showError(certified))
        : t('certified ≤ {0}', showError(certified)),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? [] : [t('Error of the output: {0}', parts.join(', '))];
}

function layerTable({ layers, layerCount }: RunSummary): string {
  const worst = [...layers].sort((a, b) => b.relativeError - a.relativeError).slice(0, mostLayers);
  const rows = worst.map(
    ({ name, orderBefore, orderAfter, relativeError, errorKind }) =>
      `| ${markdownText(name, 60)} |${gap}${orderBefore} → ${orderAfter} |${gap}${showError(relativeError)} |${gap}${kinds()[errorKind]} |`,
  );
  const more = layerCount - rows.length;
  return [
    `| ${t('Layer')} |${gap}${t('Order')} |${gap}${t('Relative h² error')} | |`,
    '| :-- | --: | --: | :-- |',
    ...rows,
    ...(more > 0 ? [`| ${t('and {0} more with less', more)} | | | |`] : []),
  ].join('\n');
}

function kinds(): Record<'certified' | 'estimated', string> {
  return { certified: t('certified'), estimated: t('estimated') };
}

function horizon({ request }: RunSummary): string {
  return request.horizon === null
    ? t('infinite horizon')
    : t('horizon {0} steps', showCount(request.horizon, language));
}
