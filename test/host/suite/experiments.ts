import * as assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { isReport, reportSuffix } from '../../../src/protocol/report';
import { summariseReport } from '../../../src/protocol/runSummary';
import type { Run } from '../../../src/extension/experiments/run';

const workspace = vscode.workspace.workspaceFolders?.at(0)?.uri.fsPath ?? '';

/** A run that the tests before have made, as its row in the tree. */
function someRun(): { kind: 'run'; run: Run } {
  const name = readdirSync(workspace).find((file) => file.endsWith(reportSuffix));
  assert.ok(name);
  const report = path.join(workspace, name);
  const contents: unknown = JSON.parse(readFileSync(report, 'utf8'));
  assert.ok(isReport(contents));
  return { kind: 'run', run: { report, summary: summariseReport(contents), notes: {} } };
}

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let i = 0; i < 1200; i++) {
    if (holds()) return;
    await sleep(50);
  }
  throw new Error(`waited in vain for ${what}`);
}

describe('a run in the sidebar', () => {
  it('is starred in a file beside its report', async () => {
    const row = someRun();
    const notes = row.run.report.replace(reportSuffix, '.ssmnotes.json');
    await vscode.commands.executeCommand('ssm.starRun', row);
    assert.match(readFileSync(notes, 'utf8'), /"starred": true/);
    await vscode.commands.executeCommand('ssm.unstarRun', row);
    assert.equal(existsSync(notes), false);
  });

  it('gives the command that repeats it and the lines that load it', async () => {
    const row = someRun();
    const result = row.run.report.slice(0, -reportSuffix.length);
    await vscode.commands.executeCommand('ssm.copyRunCommand', row);
    const command = await vscode.env.clipboard.readText();
    assert.ok(command.startsWith('ssm compress '), command);
    assert.ok(command.endsWith(` -o ${result}`), command);
    await vscode.commands.executeCommand('ssm.copyPython', row);
    assert.ok((await vscode.env.clipboard.readText()).includes(`load_file("${result}")`));
  });

  it('is compared with others in an editor', async () => {
    const reports = readdirSync(workspace).filter((file) => file.endsWith(reportSuffix));
    assert.ok(reports.length > 1);
    const rows = reports.map((name) => {
      const { run } = someRun();
      return { kind: 'run', run: { ...run, report: path.join(workspace, name) } };
    });
    await vscode.commands.executeCommand('ssm.compareRuns', rows[0], rows);
    await until('the comparison', () => {
      const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
      return input instanceof vscode.TabInputWebview && input.viewType.endsWith('ssm.comparison');
    });
  });
});
