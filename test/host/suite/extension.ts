import * as assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, unlinkSync, utimesSync } from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { Outcome } from '../../../src/extension/compression/run';
import { isReport, reportSuffix } from '../../../src/protocol/report';

const workspace = vscode.workspace.workspaceFolders?.at(0)?.uri.fsPath ?? '';
const inWorkspace = (name: string): string => path.join(workspace, name);
const sample = inWorkspace('s4d-smnist.safetensors');

/** Calls the command and presses Enter in every quick input that it shows, until it is done. */
async function compressByEnter(...files: string[]): Promise<Outcome[]> {
  const uris = files.map((file) => vscode.Uri.file(file));
  const progress = { done: false };
  const outcomes = Promise.resolve(
    vscode.commands.executeCommand<Outcome[]>('ssm.compress', uris.at(0), uris),
  ).finally(() => {
    progress.done = true;
  });
  while (!progress.done) {
    await sleep(150);
    await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
  }
  return outcomes;
}

/** Process ids of the workers that this extension host has forked. */
function workers(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const parent = Number(
          readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')[1],
        );
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return parent === process.pid && command.includes('worker.cjs');
      } catch {
        return false; // ended meanwhile
      }
    })
    .map(Number);
}

async function until<T>(what: string, get: () => T | undefined | false): Promise<T> {
  for (let i = 0; i < 1200; i++) {
    const value = get();
    if (value !== undefined && value !== false) return value;
    await sleep(50);
  }
  throw new Error(`waited in vain for ${what}`);
}

function activeCustomEditor(): string | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputCustom ? input.viewType : undefined;
}

function tabLabels(): string[] {
  return vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ label }) => label));
}

/** Collects the tabs that are opened until it is stopped. */
function tabsOpened(): { stop(): string[] } {
  const labels: string[] = [];
  const listener = vscode.window.tabGroups.onDidChangeTabs(({ opened }) => {
    labels.push(...opened.map(({ label }) => label));
  });
  return {
    stop() {
      listener.dispose();
      return labels;
    },
  };
}

const leftovers = (): string[] => readdirSync(workspace).filter((name) => name.endsWith('.tmp'));

describe('the extension', () => {
  it('registers every command of its manifest', async () => {
    const extension = vscode.extensions.getExtension('ssm-compress.ssm-compress');
    assert.ok(extension);
    await extension.activate();
    const registered = await vscode.commands.getCommands(true);
    const manifest = extension.packageJSON as { contributes: { commands: { command: string }[] } };
    for (const { command } of manifest.contributes.commands) {
      assert.ok(registered.includes(command), command);
    }
  });

  it('starts no worker before one is needed', () => {
    assert.deepEqual(workers(), []);
  });
});

describe('compressing', () => {
  it('takes the defaults with Enter alone and writes the result and its report', async () => {
    const before = readFileSync(sample);
    const opened = tabsOpened();
    const [outcome] = await compressByEnter(sample);
    // what each order loses was to be seen while the size was asked for
    assert.ok(opened.stop().includes('Trade-off of s4d-smnist.safetensors'));
    assert.deepEqual(
      tabLabels().filter((label) => label.startsWith('Trade-off')),
      [],
    );
    assert.ok('result' in outcome, JSON.stringify(outcome));
    const { output, reportPath, report } = outcome.result;
    assert.equal(path.dirname(output), workspace);
    assert.ok(statSync(output).size < before.length);
    assert.ok(isReport(JSON.parse(readFileSync(reportPath, 'utf8'))));
    const [layer] = report.layers;
    assert.equal(layer.orderAfter, layer.orderBefore / 4);
    assert.match(path.basename(output), new RegExp(`order${layer.orderAfter}\\.safetensors$`));
    assert.ok(readFileSync(sample).equals(before), 'the source changed');
    assert.deepEqual(leftovers(), []);
  });

  it('compresses several files in one go', async () => {
    const opened = tabsOpened();
    const outcomes = await compressByEnter(
      inWorkspace('a.safetensors'),
      inWorkspace('b.safetensors'),
    );
    assert.deepEqual(opened.stop(), []);
    assert.equal(outcomes.length, 2);
    for (const outcome of outcomes) {
      assert.ok('result' in outcome, JSON.stringify(outcome));
      assert.ok(existsSync(outcome.result.output));
    }
  });

  it('shows no trade-off by itself where that is switched off', async () => {
    const settings = vscode.workspace.getConfiguration('ssm');
    await settings.update('compress.showTradeoff', false, vscode.ConfigurationTarget.Global);
    const opened = tabsOpened();
    try {
      const [outcome] = await compressByEnter(inWorkspace('d.safetensors'));
      assert.ok('result' in outcome, JSON.stringify(outcome));
    } finally {
      await settings.update('compress.showTradeoff', undefined, vscode.ConfigurationTarget.Global);
    }
    assert.deepEqual(opened.stop(), []);
  });

  it('asks what a file does not tell, once, and remembers it for the file and its result', async () => {
    const file = inWorkspace('untold.safetensors');
    const [first] = await compressByEnter(file);
    assert.ok('result' in first, JSON.stringify(first));
    const taken = first.result.report.hyperParameters ?? [];
    const disc = taken.find(({ name }) => name === 'disc');
    assert.deepEqual([disc?.value, disc?.from], ['bilinear', 'remembered']);
    const [again] = await compressByEnter(first.result.output);
    assert.ok('result' in again, JSON.stringify(again));
    assert.deepEqual(
      again.result.report.hyperParameters?.map(({ value }) => value),
      taken.map(({ value }) => value),
    );
  });

  it('has the names of arrays confirmed that a file does not tell', async () => {
    const file = inWorkspace('layer.eqx');
    const [first] = await compressByEnter(file);
    assert.ok('result' in first, JSON.stringify(first));
    const { request, layers } = first.result.report;
    assert.equal(request.fields?.at(0), 'lru.0.nu_log');
    assert.deepEqual(
      layers.map(({ family }) => family),
      ['lru'],
    );
  });

  it('makes a folder from a folder, and says of one without a checkpoint that it has none', async () => {
    const [outcome] = await compressByEnter(inWorkspace('folder'));
    assert.ok('result' in outcome, JSON.stringify(outcome));
    assert.ok(statSync(outcome.result.output).isDirectory());
    const config = readFileSync(path.join(outcome.result.output, 'config.json'), 'utf8');
    assert.deepEqual(JSON.parse(config), { d_state: 4, l_max: 64 });
    assert.deepEqual(await compressByEnter(inWorkspace('no checkpoint')), []);
  });

  it('asks nothing and writes nothing for a file without a state-space layer', async () => {
    const files = readdirSync(workspace).sort();
    assert.deepEqual(await compressByEnter(inWorkspace('plain.safetensors')), []);
    assert.deepEqual(readdirSync(workspace).sort(), files);
  });

  it('reports a killed worker as a failed run and goes on with a new one', async () => {
    const first = await until('the worker of the tests before', () => workers().at(0));
    const run = compressByEnter(inWorkspace('big.safetensors'));
    await until('the run to write', () => leftovers().length > 0);
    process.kill(first, 'SIGKILL');
    const [outcome] = await run;
    assert.ok('error' in outcome);
    assert.equal((outcome.error as { reason?: string }).reason, 'worker-lost');
    assert.deepEqual(
      readdirSync(workspace).filter((name) => name.startsWith('big.order')),
      [],
    );
    const [next] = await compressByEnter(inWorkspace('c.safetensors'));
    assert.ok('result' in next, JSON.stringify(next));
    assert.notEqual(workers().at(0), first);
  });
});

describe('the editors', () => {
  it('open checkpoints and reports by their names', async () => {
    await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(sample));
    await until('the checkpoint editor', () => activeCustomEditor() === 'ssm.checkpoint');
    const report = readdirSync(workspace).find((name) => name.endsWith(reportSuffix));
    assert.ok(report);
    await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(inWorkspace(report)));
    await until('the report editor', () => activeCustomEditor() === 'ssm.report');
  });

  it('open any file when asked to', async () => {
    await vscode.commands.executeCommand(
      'ssm.inspect',
      vscode.Uri.file(inWorkspace('weights.bin')),
    );
    await until('the editor for any file', () => activeCustomEditor() === 'ssm.checkpointAny');
  });

  it('lead from a checkpoint to the report beside it', async () => {
    const report = readdirSync(workspace).find((name) => name.endsWith(reportSuffix));
    assert.ok(report);
    const result = inWorkspace(report.slice(0, -reportSuffix.length));
    await vscode.commands.executeCommand('ssm.openReport', vscode.Uri.file(result));
    await until('the report editor', () => activeCustomEditor() === 'ssm.report');
  });

  it('survive a file that changes and vanishes while it is open', async () => {
    const file = inWorkspace('d.safetensors');
    await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(file));
    await until('the checkpoint editor', () => activeCustomEditor() === 'ssm.checkpoint');
    utimesSync(file, new Date(), new Date());
    unlinkSync(file);
    await sleep(300);
    assert.equal(activeCustomEditor(), 'ssm.checkpoint');
  });
});
