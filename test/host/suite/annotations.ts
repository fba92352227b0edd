import * as assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { reportSuffix } from '../../../src/protocol/report';

const workspace = vscode.workspace.workspaceFolders?.at(0)?.uri.fsPath ?? '';
const inWorkspace = (name: string): string => path.join(workspace, name);
/** Compressed by the tests before. */
const compressed = inWorkspace('s4d-smnist.order16.safetensors');
const result = inWorkspace('annotated/model.order16.safetensors');

const pythonText = `import torch.nn as nn

class Model(nn.Module):
    def __init__(self, d_model=64):
        super().__init__()
        self.s4_layers = nn.ModuleList()
        for _ in range(2):
            self.s4_layers.append(S4D(d_model, d_state=64))
`;

async function open(name: string): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(inWorkspace(`annotated/${name}`));
  await vscode.window.showTextDocument(document);
  return document;
}

/** Our hovers at the first place of a text, as Markdown; there may be others of other extensions. */
async function hoverOver(document: vscode.TextDocument, text: string): Promise<string> {
  const position = document.positionAt(document.getText().indexOf(text));
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
    'vscode.executeHoverProvider',
    document.uri,
    position,
  );
  return hovers
    .flatMap(({ contents }) => contents as vscode.MarkdownString[])
    .map(({ value }) => value)
    .filter((content) => content.includes('SSM layer'))
    .join('\n');
}

/** Our hover once it says what is expected: the index behind it may be a moment late. */
async function hoverMatching(
  document: vscode.TextDocument,
  text: string,
  expected: RegExp,
): Promise<string> {
  return until(`a hover over ${text} with ${String(expected)}`, () =>
    hoverOver(document, text).then((hover) => expected.test(hover) && hover),
  );
}

async function until<T>(what: string, get: () => Promise<T | undefined | false>): Promise<T> {
  for (let i = 0; i < 1200; i++) {
    const value = await get();
    if (value !== undefined && value !== false) return value;
    await sleep(50);
  }
  throw new Error(`waited in vain for ${what}`);
}

const whole = ({ lineCount }: vscode.TextDocument): vscode.Range =>
  new vscode.Range(0, 0, lineCount, 0);

function hints(document: vscode.TextDocument, range: vscode.Range): Thenable<vscode.InlayHint[]> {
  return vscode.commands.executeCommand('vscode.executeInlayHintProvider', document.uri, range);
}

const labelOf = ({ label }: vscode.InlayHint): string =>
  typeof label === 'string' ? label : label.map(({ value }) => value).join('');

const layersUri = (file: string): vscode.Uri =>
  vscode.Uri.file(file).with({ scheme: 'ssm-layers', path: `${file}.ssmlayers` });

describe('annotations', () => {
  before(() => {
    mkdirSync(inWorkspace('annotated'));
    copyFileSync(compressed, result);
    copyFileSync(
      inWorkspace('s4d-smnist.safetensors'),
      inWorkspace('annotated/unreported.safetensors'),
    );
    copyFileSync(compressed + reportSuffix, result + reportSuffix);
    writeFileSync(inWorkspace('annotated/model.py'), pythonText);
    writeFileSync(inWorkspace('annotated/config.yaml'), 'model:\n  d_state: 64\n  layers: 2\n');
    writeFileSync(inWorkspace('annotated/config.json'), '{\n  "d_state": 16\n}\n');
  });

  it('tell of a layer in Python, matched by name until it is linked', async () => {
    const document = await open('model.py');
    const hover = await hoverMatching(document, 'S4D(', /certified/);
    assert.match(hover, /2 SSM layers.*order 64 → 16.*certified/);
    assert.match(hover, /Relative|relative h² error/);
    assert.match(hover, /Matched by name\. \[Link\]\(command:ssm\.linkFile/);
    await hoverMatching(document, 'd_state=64', /order 64 → 16/);
    assert.equal(await hoverOver(document, 'super'), '');
    assert.deepEqual(await hints(document, whole(document)), []);
  });

  it('in YAML and JSON', async () => {
    await hoverMatching(await open('config.yaml'), 'd_state', /order 64 → 16/);
    await hoverMatching(await open('config.json'), '"d_state"', /order 64 → 16/);
    assert.equal(await hoverOver(await open('config.yaml'), 'layers'), '');
  });

  it('show one hint for a layer of a linked file, inside the lines that are asked for', async () => {
    const document = await open('model.py');
    await vscode.commands.executeCommand('ssm.linkFile', document.uri, vscode.Uri.file(result));
    const settings = readFileSync(inWorkspace('.vscode/settings.json'), 'utf8');
    assert.deepEqual((JSON.parse(settings) as Record<string, unknown>)['ssm.links'], {
      'annotated/model.py': 'annotated/model.order16.safetensors',
    });
    const [hint] = await until('the hint', async () => {
      const found = await hints(document, whole(document));
      return found.length > 0 && found;
    });
    const line = document.lineAt(hint.position);
    assert.match(line.text, /S4D\(/);
    assert.ok(hint.position.isEqual(line.range.end));
    assert.match(labelOf(hint), /^‹ 64 → 16 · ≤ 0\.\d\d ›$/);
    assert.deepEqual(await hints(document, new vscode.Range(0, 0, 2, 0)), []);
    assert.doesNotMatch(await hoverOver(document, 'S4D('), /Matched by name/);
  });

  it('show the layers as text, with outline and hovers', async () => {
    await vscode.commands.executeCommand('ssm.openLayers', vscode.Uri.file(result));
    const document = vscode.window.activeTextEditor?.document;
    assert.equal(document?.languageId, 'ssm-layers');
    assert.match(document.getText(), /s4_layers\.0 +s4d-minimal +16 +64 +≤ .* certified/);
    const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[]>(
      'vscode.executeDocumentSymbolProvider',
      document.uri,
    );
    assert.deepEqual(
      symbols.map(({ name, detail }) => [name, detail]),
      [
        ['s4_layers.0', '16'],
        ['s4_layers.1', '16'],
      ],
    );
    assert.equal(document.getText(symbols[1].selectionRange), 's4_layers.1');
    await hoverMatching(document, 's4_layers.1', /SSM layer\*\* s4\\_layers.1/);
    assert.deepEqual(vscode.languages.getDiagnostics(document.uri), []);
  });

  it('compare a result with its original, and show a checkpoint without a report', async () => {
    await vscode.commands.executeCommand('ssm.compareLayers', vscode.Uri.file(compressed));
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    assert.ok(input instanceof vscode.TabInputTextDiff);
    const original = inWorkspace('s4d-smnist.safetensors');
    assert.deepEqual(
      [input.original, input.modified].map(String),
      [original, compressed].map((file) => layersUri(file).toString()),
    );
    const before = await vscode.workspace.openTextDocument(input.original);
    assert.match(before.getText(), /s4_layers\.0 +s4d-minimal +64\n/);
    const untouched = await vscode.workspace.openTextDocument(
      layersUri(inWorkspace('annotated/unreported.safetensors')),
    );
    const text = before.getText().replaceAll('s4d-smnist.safetensors', 'unreported.safetensors');
    assert.equal(untouched.getText(), text.replace(/\n {4}slowest mode .*/g, ''));
  });

  it('report in Problems what contradicts the report, and only as long as it does', async () => {
    const document = await vscode.workspace.openTextDocument(layersUri(result));
    const found = (): [vscode.DiagnosticSeverity, number][] =>
      vscode.languages
        .getDiagnostics(document.uri)
        .map(({ severity, range }) => [severity, range.start.line]);
    assert.deepEqual(found(), []);
    const file = result + reportSuffix;
    const sound = readFileSync(file, 'utf8');
    const report = JSON.parse(sound) as {
      bound?: unknown;
      layers: { name: string; systems: { polesAfter: [number, number][] }[] }[];
    };
    report.layers[1].systems[0].polesAfter[0] = [0.01, 0.2];
    const figure = { bound: 0.5, trivial: 2, vacuous: false };
    report.bound = {
      ...{ length: 784, perPosition: false, certified: figure, paper: figure, layers: [] },
      measured: { error: 0.7, largest: 0.9 },
      ...{ rankedBy: 'measured', remarks: [] },
    };
    writeFileSync(file, JSON.stringify(report));
    const both = (severity: vscode.DiagnosticSeverity): boolean =>
      found().some(([one]) => one === severity);
    try {
      await until('both problems', () =>
        Promise.resolve(
          both(vscode.DiagnosticSeverity.Error) && both(vscode.DiagnosticSeverity.Warning),
        ),
      );
    } finally {
      writeFileSync(file, sound);
    }
    await until('no problem', () => Promise.resolve(found().length === 0));
  });

  it('go and come as the settings say', async () => {
    const python = await open('model.py');
    const set = (name: string, value: unknown): Thenable<void> =>
      vscode.workspace
        .getConfiguration('ssm', python.uri)
        .update(`annotations.${name}`, value, vscode.ConfigurationTarget.Workspace);
    const lenses = async (): Promise<number> => {
      const all = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        'vscode.executeCodeLensProvider',
        python.uri,
      );
      return all.length;
    };
    assert.equal(await lenses(), 0);
    await set('hover', false);
    await set('inlayHints', 'off');
    await set('codeLens', true);
    await until('no hover', async () => (await hoverOver(python, 'S4D(')) === '');
    await until('no hint', async () => (await hints(python, whole(python))).length === 0);
    await until('a lens', async () => (await lenses()) === 1);
    for (const name of ['hover', 'inlayHints', 'codeLens']) await set(name, undefined);
    await hoverMatching(python, 'S4D(', /SSM layer/);
    await until('the hint', async () => (await hints(python, whole(python))).length === 1);
    await until('no lens', async () => (await lenses()) === 0);
  });

  it('write figures as the settings say', async () => {
    const python = await open('model.py');
    const set = (format: string | undefined): Thenable<void> =>
      vscode.workspace
        .getConfiguration('ssm', python.uri)
        .update('numberFormat', format, vscode.ConfigurationTarget.Workspace);
    const hintMatching = (expected: RegExp): Promise<boolean> =>
      until(`a hint with ${String(expected)}`, async () => {
        const found = await hints(python, whole(python));
        return found.some((hint) => expected.test(labelOf(hint)));
      });
    const layers = await vscode.workspace.openTextDocument(layersUri(result));
    await set('scientific');
    await hintMatching(/≤ \d\.\de-\d ›$/);
    await hoverMatching(python, 'S4D(', /\*\*≤ \d\.\de-\d\*\*/);
    await until('the layers document', () =>
      Promise.resolve(/≤ \d\.\de-\d .* certified/.test(layers.getText())),
    );
    await set('percent');
    await hintMatching(/≤ \d\d %/);
    await set(undefined);
    await hintMatching(/≤ 0\.\d\d ›$/);
  });

  it('say that a report is stale once its checkpoint changed', async () => {
    appendFileSync(result, 'more');
    const document = await vscode.workspace.openTextDocument(layersUri(result));
    await until('the status', async () =>
      Promise.resolve(/status +stale/.test(document.getText())),
    );
    const [problem] = await until('the problem', async () => {
      const found = vscode.languages.getDiagnostics(document.uri);
      return Promise.resolve(found.length > 0 && found);
    });
    assert.equal(problem.severity, vscode.DiagnosticSeverity.Information);
    const python = await open('model.py');
    await hoverMatching(python, 'S4D(', /stale/);
    assert.doesNotMatch(await hoverOver(python, 'S4D('), /certified/);
    await until('the stale hint', async () => {
      const found = await hints(python, whole(python));
      return found.some((hint) => labelOf(hint).includes('stale'));
    });
  });
});
