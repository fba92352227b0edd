import { cpus } from 'node:os';
import * as vscode from 'vscode';
import { engineNames, type EngineRecord } from '../../protocol/engines';
import type { LiveRuns } from '../compression/liveRuns';
import type { WorkerHealth } from '../workerClient';
import { engineNotice } from '../engines/notice';
import { markdownText } from './markdown';

const { t } = vscode.l10n;

/** The one item in the status bar: how the worker is and what it works on. Hidden until there is a worker to speak of. */
export interface StatusItem {
  readonly showHealth: (health: WorkerHealth) => void;
  /** What searched in the run that ended last. */
  readonly showEngine: (record: EngineRecord | undefined) => void;
  dispose(): void;
}

export function createStatusItem(liveRuns: LiveRuns): StatusItem {
  const item = vscode.window.createStatusBarItem('ssm.worker', vscode.StatusBarAlignment.Left, 1);
  item.name = t('SSM Compress Worker');
  item.command = 'ssm.showLog';
  let health: WorkerHealth = { state: 'stopped' };
  let engine: EngineRecord | undefined;
  let used = false;

  const show = (): void => {
    const busy = busyText(liveRuns);
    item.text =
      busy === undefined
        ? `${health.state === 'failed' ? '$(warning)' : '$(fold)'} SSM`
        : `$(sync~spin) SSM ${busy}`;
    item.tooltip = tooltip(health, engine);
    item.accessibilityInformation = { label: `SSM Compress: ${describeHealth(health)}` };
    if (used) item.show();
  };
  const stop = liveRuns.onChange(show);
  return {
    showHealth(now) {
      health = now;
      used ||= now.state !== 'stopped';
      show();
    },
    showEngine(record) {
      engine = record;
      show();
    },
    dispose() {
      stop();
      item.dispose();
    },
  };
}

/** How far the run at work is, in per cent, and how many wait; undefined where none is at work. */
function busyText(liveRuns: LiveRuns): string | undefined {
  const runs = liveRuns.list();
  const running = runs.flatMap(({ state }) => (state.kind === 'running' ? [state] : []));
  const waiting = runs.filter(({ state }) => state.kind === 'queued').length;
  const first = running.at(0);
  if (first === undefined) return undefined;
  const share = `${Math.round(100 * (first.progress?.fraction ?? 0))} %`;
  return waiting === 0 ? share : t('{0} (+{1})', share, waiting);
}

function describeHealth(health: WorkerHealth): string {
  switch (health.state) {
    case 'stopped':
      return t('the worker is not running; it starts when it is needed');
    case 'starting':
      return t('the worker is starting');
    case 'ready':
      return t('the worker is running');
    case 'failed':
      return t('the worker ended unexpectedly; the next request starts a new one');
  }
}

/** What searched in the last run, and why. */
function describeEngine(record: EngineRecord): string {
  const { used, device, why } = record;
  const name = device === undefined ? engineNames[used] : `${engineNames[used]}, ${device.name}`;
  const told = engineNotice(record) ?? why;
  return t('Last run: {0}. {1}', markdownText(name, 120), markdownText(told, 300));
}

/** All actions are links of the tooltip, so that a click on the item does nothing that surprises. */
function tooltip(health: WorkerHealth, engine: EngineRecord | undefined): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString('', true);
  markdown.isTrusted = { enabledCommands: ['ssm.showLog', 'ssm.restartWorker'] };
  const lines = [`**SSM Compress**: ${describeHealth(health)}`];
  if (health.state === 'ready') {
    const { pid, node, threads } = health;
    const device = cpus().at(0)?.model.trim() ?? 'CPU';
    lines.push(
      t('Device: CPU, {0}, {1} threads', markdownText(device, 80), threads),
      t('Process {0}, Node {1}', pid, markdownText(node)),
    );
  }
  if (engine !== undefined) lines.push(describeEngine(engine));
  if (health.state === 'failed') lines.push(markdownText(health.why, 400));
  lines.push(
    `[$(output) ${t('Show Log')}](command:ssm.showLog) · [$(debug-restart) ${t('Restart Worker')}](command:ssm.restartWorker)`,
  );
  markdown.appendMarkdown(lines.join('\n\n'));
  return markdown;
}
