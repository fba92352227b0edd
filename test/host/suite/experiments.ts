import * as assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
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

const resultOf = ({ run }: { run: Run }): string => run.report.slice(0, -reportSuffix.length);

function activeCustomEditor(): string | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputCustom ? input.viewType : undefined;
}

type Window = typeof vscode.window;

/** Does something while one function of the window is another: the answer of a person to what it asks. */
async function answering(
  name: keyof Window,
  answer: unknown,
  act: () => Thenable<unknown>,
): Promise<void> {
  const window = vscode.window as { -readonly [key in keyof Window]: unknown };
  const original = window[name];
  window[name] = answer;
  try {
    await act();
  } finally {
    window[name] = original;
  }
}

/** Quick picks in which the row of the next of these labels is chosen, as soon as they are shown. */
function picking(...labels: readonly string[]): Window['createQuickPick'] {
  const create = vscode.window.createQuickPick.bind(vscode.window);
  const left = [...labels];
  return <T extends vscode.QuickPickItem>() => {
    const pick = create<T>();
    const show = pick.show.bind(pick);
    const state = { shown: true };
    const isShown = (): boolean => state.shown;
    pick.onDidHide(() => (state.shown = false));
    pick.show = () => {
      show();
      const label = left.shift() ?? 'nothing';
      void (async () => {
        while (isShown()) {
          pick.activeItems = pick.items.filter((item) => item.label.includes(label));
          await sleep(200);
          await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
          for (let i = 0; i < 20 && isShown(); i++) await sleep(50);
        }
      })();
    };
    return pick;
  };
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

  it('is opened, and so is its result', async () => {
    const row = someRun();
    await vscode.commands.executeCommand('ssm.openRun', row);
    await until('the report', () => activeCustomEditor() === 'ssm.report');
    await vscode.commands.executeCommand('ssm.openResult', row);
    await until('the checkpoint', () => activeCustomEditor() === 'ssm.checkpoint');
  });

  it('gives a command line that makes the same result once more', async () => {
    const row = someRun();
    const result = resultOf(row);
    await vscode.commands.executeCommand('ssm.copyRunCommand', row);
    const line = await vscode.env.clipboard.readText();
    const before = readFileSync(result);
    for (const file of [result, row.run.report]) rmSync(file);
    const cli = path.resolve(__dirname, '../cli.cjs');
    const script = `ssm() { "$NODE" "$CLI" "$@"; }\n${line}`;
    await promisify(execFile)('sh', ['-c', script], {
      env: { ...process.env, NODE: process.execPath, CLI: cli },
    });
    assert.ok(readFileSync(result).equals(before), line);
    assert.ok(existsSync(row.run.report));
  });

  it('is run again with changes, and replaced only when that is allowed', async () => {
    const row = someRun();
    const solver = (): unknown =>
      (JSON.parse(readFileSync(row.run.report, 'utf8')) as { request: { solver: string } }).request
        .solver;
    const rerun = (): Thenable<unknown> => vscode.commands.executeCommand('ssm.rerun', row);
    const change = (answer: (...buttons: string[]) => string | undefined): Promise<void> =>
      answering('createQuickPick', picking('Solver', 'Balanced', 'Start'), () =>
        answering(
          'showWarningMessage',
          (...[, , button]: [string, object, string]) => Promise.resolve(answer(button)),
          rerun,
        ),
      );
    await change(() => undefined);
    assert.equal(solver(), 'newton');
    await change((replace) => replace);
    assert.equal(solver(), 'balanced');
  });

  it('is deleted with its result and notes once the person has agreed', async () => {
    const row = someRun();
    await vscode.commands.executeCommand('ssm.starRun', row);
    const notes = row.run.report.replace(reportSuffix, '.ssmnotes.json');
    const files = [resultOf(row), row.run.report, notes];
    const asked: string[] = [];
    const remove = (answer: (button: string) => string | undefined): Promise<void> =>
      answering(
        'showWarningMessage',
        (...[question, , button]: [string, object, string]) => {
          asked.push(question);
          return Promise.resolve(answer(button));
        },
        () => vscode.commands.executeCommand('ssm.deleteRuns', row),
      );
    await remove(() => undefined);
    assert.deepEqual(files.map(existsSync), [true, true, true]);
    await remove((agree) => agree);
    assert.deepEqual(files.map(existsSync), [false, false, false]);
    assert.match(asked[0], /to the trash\?$/);
  });
});
