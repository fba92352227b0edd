import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, startHost } from '../../tools/vscode-host/host.mjs';
import type { Host } from '../../tools/vscode-host/host.mjs';
import { openWorkbench } from './support/workbench';
import type { Workbench } from './support/workbench';
import { root } from './support/workspace';

/** Annotations as a person sees them, in three themes, with names that would like to be more than names. */
let host: Host;
let browser: Browser;
let vscode: Workbench;

const hostile = '](command:workbench.action.quit)</script>\u202e$(error)';
const themes = {
  dark: 'Default Dark Modern',
  light: 'Default Light Modern',
  contrast: 'Default High Contrast',
} as const;

const python = `import torch.nn as nn


class Model(nn.Module):
    def __init__(self, d_model=64, n_layers=2):
        super().__init__()
        self.encoder = nn.Linear(1, d_model)
        self.s4_layers = nn.ModuleList()
        for _ in range(n_layers):
            self.s4_layers.append(
                S4D(d_model, d_state=64, dropout=0.1)
            )
        self.decoder = nn.Linear(d_model, 10)
`;

function layer(name: string, absolute: number): object {
  return {
    ...{ name, family: 's4d-minimal', tying: 'independent', channels: 64 },
    ...{ orderBefore: 64, orderAfter: 16, slotsBefore: 32, slotsAfter: 8 },
    ...{ parametersBefore: 8256, parametersAfter: 2112, norm: 7 },
    error: { absolute, relative: absolute / 7, kind: 'certified' },
    systems: [
      {
        ...{ norm: 7, error: absolute, hankelSingularValues: [1] },
        polesBefore: [[-0.00106, 0.0002]],
        polesAfter: [[-0.00143, 0.19]],
        trace: { start: 'balanced', stop: 'converged', objective: [1, 0.5], notes: [] },
      },
    ],
  };
}

/** A checkpoint with its report, as if it had been compressed here. */
function writeCompressed(folder: string, name: string, layers: readonly object[]): void {
  const file = path.join(folder, name);
  const sample = path.join(root, 'media/samples/s4d-smnist.safetensors');
  copyFileSync(sample, file);
  const bytes = readFileSync(file);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const record = { format: 'safetensors', bytes: bytes.length, sha256 };
  const report = {
    kind: 'ssm-compress-report',
    version: 1,
    tool: { name: 'SSM Compress', version: '0.1.0' },
    createdAt: new Date().toISOString(),
    source: { ...record, path: 's4d-smnist.safetensors', bytes: 1.55 * bytes.length },
    result: { ...record, path: name },
    request: { order: 16, horizon: 784, horizonFrom: 'given', solver: 'newton' },
    model: { parametersBefore: 34314, parametersAfter: 22026 },
    layers,
    ...{ settingsChanged: [], droppedOptimizerStates: [], warnings: [] },
    ...{ timings: {}, device: {} },
  };
  writeFileSync(`${file}.ssmreport.json`, JSON.stringify(report));
}

function setTheme(folder: string, theme: string): void {
  mkdirSync(path.join(folder, '.vscode'), { recursive: true });
  const settings = {
    'workbench.colorTheme': theme,
    'ssm.links': {
      'model.py': 's4d-smnist.order16.safetensors',
      'hostile.yaml': 'hostile.safetensors',
    },
  };
  writeFileSync(path.join(folder, '.vscode/settings.json'), JSON.stringify(settings));
}

beforeAll(async () => {
  host = await startHost({
    vsix: path.join(root, 'ssm-compress.vsix'),
    fill(folder: string) {
      const sample = path.join(root, 'media/samples/s4d-smnist.safetensors');
      copyFileSync(sample, path.join(folder, 's4d-smnist.safetensors'));
      const layers = [layer('s4_layers.0', 3.1869), layer('s4_layers.1', 0.0214)];
      writeCompressed(folder, 's4d-smnist.order16.safetensors', layers);
      writeCompressed(folder, 'hostile.safetensors', [layer(hostile, 0.5)]);
      writeFileSync(path.join(folder, 'model.py'), python);
      writeFileSync(path.join(folder, 'hostile.yaml'), 'model:\n  d_state: 64\n');
      setTheme(folder, themes.dark);
    },
  });
  const opened = await openBrowser();
  browser = opened.browser;
  vscode = await openWorkbench(opened.page, host.url());
  await vscode.page.keyboard.press('Escape');
});

afterAll(async () => {
  await browser.close();
  await host.stop();
});

describe.each(Object.entries(themes))('annotations in the theme %s', (short, theme) => {
  it('tell of a layer where it is built', async () => {
    setTheme(host.workspace, theme);
    await vscode.file('model.py').dblclick();
    const hint = vscode.page.locator('.view-line', { hasText: 'S4D(' });
    await expect
      .poll(async () => (await hint.innerText()).replaceAll('\u00a0', ' '), { timeout: 15_000 })
      .toContain('‹ 64 → 16 · ≤ 0.46 ›');
    const hover = await vscode.hoverOver('S4D');
    const text = await hover.innerText();
    expect(text).toContain('2 SSM layers');
    expect(text).toContain('certified');
    expect(await hover.locator('a', { hasText: 'Layers as Text' }).count()).toBe(1);
    await vscode.screenshot(`annotations python ${short}`);
    await vscode.page.keyboard.press('Escape');
  });

  it('show the layers as text with a hover', async () => {
    await vscode.file('s4d-smnist.order16.safetensors').dblclick();
    await vscode.webview().locator('body[data-state="ready"]').waitFor();
    await vscode.command('SSM: Open Layers as Text');
    await vscode.page.locator('.view-line', { hasText: 'slowest' }).first().waitFor();
    const hover = await vscode.hoverOver('s4_layers.1');
    expect(await hover.innerText()).toContain('order 64 → 16');
    await vscode.screenshot(`annotations layers ${short}`);
    await vscode.page.keyboard.press('Escape');
  });
});

describe('a hostile name', () => {
  it('is text and nothing else in a hover', async () => {
    await vscode.file('hostile.yaml').dblclick();
    const hover = await vscode.hoverOver('d_state');
    const text = await hover.innerText();
    expect(text).toContain('](command:workbench.action.quit)</script>\\u202e$(error)');
    const targets = await hover
      .locator('a')
      .evaluateAll((links) => links.map((link) => link.getAttribute('data-href') ?? ''));
    expect(targets.map((target) => target.split('?')[0])).toEqual([
      'command:ssm.inspect',
      'command:ssm.openLayers',
      'command:ssm.openReport',
    ]);
    expect(await hover.locator('.codicon-error').count()).toBe(0);
    await vscode.screenshot('annotations hostile');
  });

  it('leads to the layers document by the link of the hover', async () => {
    const hover = await vscode.hoverOver('d_state');
    await hover.locator('a', { hasText: 'Layers as Text' }).click();
    const line = vscode.page.locator('.view-line', { hasText: 'u202e' });
    await line.waitFor();
    await vscode.page.locator('.tab.active', { hasText: 'hostile.safetensors' }).waitFor();
  });
});
