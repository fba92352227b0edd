import * as path from 'node:path';
import * as vscode from 'vscode';
import { showError, showName } from '../../protocol/shown';
import { solverTitle } from '../compression/method';
import type { LiveRun } from '../compression/liveRuns';
import { describeStage } from '../compression/stageText';
import { figuresOf, showFigures } from './figures';
import { nodeId } from './nodes';
import type { Node } from './nodes';
import { resultOf } from './run';
import type { BrokenRun, Run } from './run';

const { t } = vscode.l10n;

/** A row as VS Code draws it; its tooltip comes later, when it is pointed at. */
export function describeNode(node: Node): vscode.TreeItem {
  const item = itemOf(node);
  item.id = nodeId(node);
  return item;
}

function itemOf(node: Node): vscode.TreeItem {
  switch (node.kind) {
    case 'checkpoint':
      return checkpointItem(node.source, node.children.length);
    case 'run':
      return runItem(node.run);
    case 'live':
      return liveItem(node.live);
    case 'broken':
      return brokenItem(node.run);
  }
}

function checkpointItem(source: string, count: number): vscode.TreeItem {
  const name = showName(path.basename(source));
  const item = new vscode.TreeItem(name, vscode.TreeItemCollapsibleState.Expanded);
  const folder = vscode.workspace.asRelativePath(path.dirname(source), false);
  const runs = count === 1 ? t('1 run') : t('{0} runs', count);
  item.description = folder === path.dirname(source) ? runs : `${showName(folder)} · ${runs}`;
  item.iconPath = new vscode.ThemeIcon('file-binary');
  item.contextValue = 'checkpoint';
  item.accessibilityInformation = { label: t('Checkpoint {0}, {1}', name, runs) };
  return item;
}

function runItem(run: Run): vscode.TreeItem {
  const { notes, summary } = run;
  const starred = notes.starred === true;
  const item = new vscode.TreeItem(runLabel(run));
  item.description = showFigures(summary);
  item.iconPath = starred
    ? new vscode.ThemeIcon('star-full', new vscode.ThemeColor('charts.yellow'))
    : new vscode.ThemeIcon(summary.calibration === undefined ? 'fold' : 'beaker');
  item.contextValue = starred ? 'run.starred' : 'run';
  item.command = openReport(run.report);
  item.accessibilityInformation = { label: spokenRun(run) };
  return item;
}

/** The name a person gave, else the order and, where it is not the usual one, the solver. */
export function runLabel({ notes, summary }: Run): string {
  if (notes.name !== undefined) return showName(notes.name);
  const { orderAfter, request } = summary;
  const { least, greatest } = orderAfter;
  const order = least === greatest ? String(greatest) : `${least}–${greatest}`;
  return request.solver === 'newton'
    ? t('Order {0}', order)
    : t('Order {0}, {1}', order, solverTitle(request.solver));
}

function spokenRun(run: Run): string {
  const { summary, notes } = run;
  const { error, accuracyLoss } = figuresOf(summary);
  return [
    t('Run {0}', runLabel(run)),
    notes.starred === true ? t('starred') : undefined,
    t('order {0} instead of {1}', summary.orderAfter.greatest, summary.orderBefore),
    error === undefined ? undefined : t('relative error at most {0}', showError(error)),
    accuracyLoss === undefined
      ? undefined
      : t('accuracy changed by {0} points', (-100 * accuracyLoss).toFixed(1)),
    t('result {0}', showName(path.basename(resultOf(run)))),
    notes.note === undefined ? undefined : t('note: {0}', showName(notes.note)),
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}

function liveItem({ params, state }: LiveRun): vscode.TreeItem {
  const name = showName(path.basename(params.output));
  const item = new vscode.TreeItem(name);
  item.contextValue = state.kind;
  switch (state.kind) {
    case 'queued':
      item.description = t('waiting');
      item.iconPath = new vscode.ThemeIcon('watch');
      break;
    case 'running': {
      const share = Math.round(100 * (state.progress?.fraction ?? 0));
      const stage = state.progress === undefined ? t('starting') : describeStage(state.progress);
      item.description = `${share} % · ${stage}`;
      item.iconPath = new vscode.ThemeIcon('sync~spin');
      break;
    }
    case 'failed':
      item.description = showName(state.message, 300);
      item.iconPath = new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
      break;
  }
  const spoken = state.kind === 'failed' ? t('failed: {0}', item.description) : item.description;
  item.accessibilityInformation = { label: t('Run {0}, {1}', name, spoken) };
  return item;
}

function brokenItem({ report, fault }: BrokenRun): vscode.TreeItem {
  const item = new vscode.TreeItem(showName(path.basename(report)));
  item.description = showName(fault, 300);
  item.iconPath = new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
  item.contextValue = 'broken';
  item.accessibilityInformation = {
    label: t('Unreadable report {0}: {1}', item.label as string, item.description),
  };
  item.command = openReport(report);
  return item;
}

function openReport(report: string): vscode.Command {
  return {
    command: 'vscode.open',
    title: t('Open Report'),
    arguments: [vscode.Uri.file(report)],
  };
}
