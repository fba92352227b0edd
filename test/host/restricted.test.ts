import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, startHost } from '../../tools/vscode-host/host.mjs';
import type { Host } from '../../tools/vscode-host/host.mjs';
import { openWorkbench } from './support/workbench';
import type { Workbench } from './support/workbench';
import { root } from './support/workspace';

/**
 * What a person has where nobody trusted the workspace: everything but compressing. Annotations are looked at in three
 * themes, with names that would like to be more than names.
 */
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
    ...{ timings: { totalSeconds: 1 }, device: {} },
  };
  writeFileSync(`${file}.ssmreport.json`, JSON.stringify(report));
}

function setTheme(folder: string, theme: string, more: object = {}): void {
  mkdirSync(path.join(folder, '.vscode'), { recursive: true });
  const settings = {
    ...more,
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
    settings: {
      'security.workspace.trust.enabled': true,
      'security.workspace.trust.startupPrompt': 'never',
      'security.workspace.trust.banner': 'never',
    },
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

/** What the person would have seen. */
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await vscode.screenshot(`failed ${task.name.slice(0, 60)}`);
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

describe('a workspace that is not trusted', () => {
  it('is one', async () => {
    await vscode.page.locator('[id="status.workspaceTrust"]', { hasText: 'Restricted' }).waitFor();
  });

  it('shows checkpoints, and offers no compression of them', async () => {
    await vscode.file('s4d-smnist.safetensors').dblclick();
    const webview = vscode.webview();
    await webview.locator('#layers .rows .row', { hasText: 's4_layers.1' }).waitFor();
    expect(await webview.getByRole('button', { name: /^Compress/ }).count()).toBe(0);
    await vscode.file('s4d-smnist.safetensors').click({ button: 'right' });
    const entry = vscode.page.locator('.monaco-menu .action-item', { hasText: 'Compress SSM' });
    await entry.first().waitFor();
    expect(await entry.first().getAttribute('aria-disabled')).toBe('true');
    await vscode.page.keyboard.press('Escape');
  });
});

describe('badges in the Explorer', () => {
  const badge = (name: string): Promise<string> =>
    vscode.file(name).evaluate((row) =>
      [...row.querySelectorAll('*')]
        .map((part) => getComputedStyle(part, '::after').content)
        .filter((content) => /[✓σ]/.test(content))
        .join(''),
    );

  it('go and come as the setting says', async () => {
    const result = 's4d-smnist.order16.safetensors';
    await expect.poll(() => badge(result), { timeout: 60_000 }).toContain('✓');
    await expect.poll(() => badge('s4d-smnist.safetensors'), { timeout: 60_000 }).toContain('σ');
    setTheme(host.workspace, themes.dark, { 'ssm.decorations.enabled': false });
    await expect.poll(() => badge(result), { timeout: 60_000 }).toBe('');
    setTheme(host.workspace, themes.dark);
    await expect.poll(() => badge(result), { timeout: 60_000 }).toContain('✓');
  });
});

describe('the status item', () => {
  const item = (): Locator => vscode.page.locator('[id="ssm-compress.ssm-compress.ssm.worker"]');
  const spoken = (text: string): Promise<void> =>
    vscode.page
      .locator(`[id="ssm-compress.ssm-compress.ssm.worker"] [aria-label*="${text}"]`)
      .first()
      .waitFor();

  it('tells the state of the worker and its device, and opens the log', async () => {
    await spoken('the worker is running');
    expect((await item().innerText()).trim()).toBe('SSM');
    await item().hover();
    const hover = vscode.page.locator('.monaco-hover:visible', { hasText: 'SSM Compress' });
    await hover.getByText(/^Device: CPU, .+, \d+ threads$/).waitFor();
    await hover.getByText(/^Process \d+, Node v?\d+/).waitFor();
    await item().locator('a').click();
    const line = (text: RegExp): Locator =>
      vscode.page.locator('.part.panel .view-line').filter({ hasText: text }).last();
    await line(/started:\sNode/).waitFor();
    const pid = Number(/Worker\s(\d+)/.exec(await line(/started:\sNode/).innerText())?.[1]);
    process.kill(pid, 'SIGKILL');
    await spoken('ended unexpectedly');
    await item().locator('.codicon-warning').waitFor();
    await line(/ended\s\(SIGKILL\)/).waitFor();
  });

  it('tells of a new worker, and of one that was ended', async () => {
    await vscode.file('hostile.safetensors').dblclick();
    const row = vscode.webview().locator('#layers .rows .row').first();
    await expect.poll(() => row.innerText(), { timeout: 60_000 }).toMatch(/0\.99\d+/); // all is answered
    await spoken('the worker is running');
    await vscode.command('SSM: Restart Worker');
    await vscode.toast('The worker was ended').waitFor();
    await spoken('the worker is not running');
    await vscode.clearToasts();
    await vscode.command('View: Hide Panel');
  });
});

describe('the walkthrough', () => {
  const steps = ['sample', 'inspect', 'compress', 'report', 'compare'];

  it('opens with its five steps and their pictures', async () => {
    await vscode.command('Welcome: Open Walkthrough...');
    await vscode.quickInput
      .locator('.monaco-list-row', { hasText: 'state-space model' })
      .first()
      .click();
    const rows = vscode.page.locator('.getting-started-step');
    await rows.nth(4).waitFor();
    expect(await rows.count()).toBe(5);
    for (const step of steps) {
      await rows.and(vscode.page.locator(`[data-step-id$="#start#${step}"]`)).click();
      const frame = vscode.page.locator('.getting-started-media iframe').contentFrame();
      await frame.locator('#active-frame').contentFrame().locator('svg').waitFor();
      await rows
        .and(vscode.page.locator(`[data-step-id$="#start#${step}"].expanded`))
        .locator('.button-container button, a.monaco-button')
        .first()
        .waitFor();
    }
  });

  it('leads to compressing, which is refused with the reason and a way to trust', async () => {
    await vscode.page.locator('[data-step-id$="#start#compress"]').click();
    await vscode.page.getByRole('button', { name: 'Compress…' }).click();
    const refused = vscode.toast('Compression needs a trusted workspace');
    await refused.getByRole('button', { name: 'Manage Workspace Trust' }).click();
    await vscode.page.getByText('You are in Restricted Mode').waitFor();
    await vscode.page.keyboard.press('Escape');
  });
});

describe('the sidebar', () => {
  const rows = (): Locator =>
    vscode.page.locator('.pane-body .monaco-list-row[aria-label^="Run "]');
  const row = (name: string): Locator => rows().and(vscode.page.locator(`[aria-label*="${name}"]`));
  /** Waits until these runs are listed and no other, in this order. */
  const listed = (...names: readonly string[]): Promise<void> =>
    expect
      .poll(
        () =>
          rows().evaluateAll((all, known) => {
            const labels = all.map((one) => one.getAttribute('aria-label') ?? '');
            return labels.map((label) => known.find((name) => label.includes(name)));
          }, results),
        { timeout: 60_000 },
      )
      .toEqual(names);
  const [ordinary, hostileResult] = ['s4d-smnist.order16.safetensors', 'hostile.safetensors'];
  const results = [ordinary, hostileResult];
  const answer = async (prompt: string, text: string): Promise<void> => {
    await vscode.quickInput.getByText(prompt).waitFor();
    await vscode.quickInput.locator('input[type="text"]').fill(text);
    await vscode.page.keyboard.press('Enter');
  };
  const choose = async (name: string, label: string): Promise<void> => {
    await row(name).click({ button: 'right' });
    const item = vscode.page.locator('.monaco-menu .action-item', { hasText: label }).first();
    await item.waitFor();
    await vscode.page.waitForTimeout(250); // a menu ignores the mouse for its first moments
    await item.click();
  };
  const sortBy = async (key: string): Promise<void> => {
    await vscode.command('SSM: Sort Runs');
    await vscode.quickInput.locator('input[placeholder*="Sort runs by"]').waitFor();
    await vscode.quickInput.locator('.monaco-list-row', { hasText: key }).first().click();
    await vscode.quickInput.waitFor({ state: 'hidden' });
  };

  it('sorts, and turns the order round when it is asked again', async () => {
    await vscode.command('View: Show SSM Compress');
    await sortBy('Name');
    await listed(hostileResult, ordinary);
    await sortBy('Name');
    await listed(ordinary, hostileResult);
    await sortBy('Error');
    await listed(hostileResult, ordinary);
  });

  it('renames and notes runs in files beside their reports', async () => {
    await choose(hostileResult, 'Rename Run');
    await answer('A name for this run', 'Trial');
    await row('Run Trial').waitFor();
    await choose('Run Trial', 'Edit Note');
    await answer('Shown in the tooltip', 'too small');
    await row('note: too small').waitFor();
    const file = path.join(host.workspace, 'hostile.safetensors.ssmnotes.json');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      name: 'Trial',
      note: 'too small',
    });
  });

  it('is filtered by words of notes and by figures, until the filter is cleared', async () => {
    await vscode.command('SSM: Filter Runs');
    await answer('Words in name, note', 'small');
    await listed(hostileResult);
    await vscode.page.getByText('Runs with “small”').waitFor();
    await vscode.page.getByRole('button', { name: 'Clear Filter' }).click();
    await listed(hostileResult, ordinary);
    await vscode.command('SSM: Filter Runs');
    await answer('Words in name, note', 'order:64');
    await listed();
    await vscode.page.getByRole('button', { name: 'Clear Filter' }).click();
    await listed(hostileResult, ordinary);
  });
});
