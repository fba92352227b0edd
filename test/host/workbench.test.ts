import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isReport, reportSuffix } from '../../src/protocol/report';
import type { Report } from '../../src/protocol/report';
import { checkpointTexts } from '../../src/protocol/texts';
import { openBrowser, startHost } from '../../tools/vscode-host/host.mjs';
import type { Host } from '../../tools/vscode-host/host.mjs';
import { openWorkbench } from './support/workbench';
import type { Workbench } from './support/workbench';
import { fillWorkspace, root } from './support/workspace';

/** The whole path of a person, with the packaged extension in the real workbench. */
let host: Host;
let browser: Browser;
let vscode: Workbench;

beforeAll(async () => {
  host = await startHost({ vsix: path.join(root, 'ssm-compress.vsix'), fill: fillWorkspace });
  const opened = await openBrowser();
  browser = opened.browser;
  vscode = await openWorkbench(opened.page, host.url());
});

/** A test that is tried again finds no menu, question or notification of the first time. */
beforeEach(async ({ task }) => {
  if ((task.result?.retryCount ?? 0) === 0) return;
  for (let i = 0; i < 3; i++) await vscode.page.keyboard.press('Escape');
  await vscode.clearToasts();
});

/** What the person would have seen. */
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await vscode.screenshot(`failed ${task.name.slice(0, 60)}`);
});

afterAll(async () => {
  await browser.close();
  await host.stop();
});

const sample = 's4d-smnist.safetensors';
const inWorkspace = (name: string): string => path.join(host.workspace, name);

/** Chooses from the quick pick that asks `question`. */
async function pick(question: string, label: string, shot?: string): Promise<void> {
  const { quickInput } = vscode;
  await quickInput.locator(`input[placeholder*="${question}"]`).waitFor();
  const row = quickInput.locator('.monaco-list-row', { hasText: label }).first();
  await row.waitFor();
  if (shot !== undefined) await vscode.screenshot(shot);
  await vscode.page.mouse.move(5, 5); // the tooltip of another row may lie over this one
  await row.click();
}

/** Waits until the trade-off behind the question for the size tells of an order. */
async function curveBehind(readout: string): Promise<void> {
  await vscode.quickInput.locator('input[placeholder*="How small?"]').waitFor();
  const shown = vscode.webview().locator('.chosen', { hasText: readout });
  await shown.waitFor({ timeout: 100_000 });
}

/** Accepts the text that the input box offers, or another. */
async function type(prompt: string, text?: string, shot?: string): Promise<void> {
  const { quickInput, page } = vscode;
  await quickInput.getByText(prompt).waitFor();
  if (text !== undefined) await quickInput.locator('input[type="text"]').fill(text);
  if (shot !== undefined) await vscode.screenshot(shot);
  await page.keyboard.press('Enter');
}

/** Answers the dialog for a file with one of the workspace. */
async function chooseFile(name: string): Promise<void> {
  const { quickInput } = vscode;
  const input = quickInput.locator('input[type="text"]');
  await quickInput.getByText('Use', { exact: true }).waitFor();
  await input.fill(inWorkspace(name));
  const row = quickInput.locator('.monaco-list-row', { hasText: name }).first();
  await row.waitFor(); // the dialog has followed to the folder
  await vscode.screenshot('choose-file');
  await row.click();
}

/** "…; 18,442 parameters, …" → 18442 */
function parametersIn(text: string): number {
  return Number(/([\d,]+) parameters/.exec(text)?.[1].replaceAll(',', ''));
}

describe('a checkpoint in the workbench', () => {
  it('opens with its layers and tensors', async () => {
    await vscode.file(sample).dblclick();
    const webview = vscode.webview();
    await webview.locator('body[data-state="ready"]').waitFor();
    const rows = webview.locator('#layers .rows .row');
    await rows.nth(1).waitFor();
    expect(await rows.count()).toBe(2);
    expect(await rows.first().innerText()).toContain('s4_layers.0');
    // norms and slowest modes come by themselves, and statistics when asked for
    await expect.poll(() => rows.first().innerText(), { timeout: 30_000 }).toMatch(/0\.99\d+/);
    await webview.locator('#tensors').getByRole('button', { name: 'Compute Statistics' }).click();
    await webview.locator('#tensors').getByText('0, 0').first().waitFor();
    await webview.locator('#tensors').getByText('encoder.weight').waitFor();
    await vscode.screenshot('checkpoint');
  });

  it('shows the charts of a layer, tells what another order costs, and comes back as it was', async () => {
    const webview = vscode.webview();
    await webview.locator('#layers .rows .row', { hasText: 's4_layers.1' }).click();
    const panel = webview.locator('#layer');
    await panel.getByRole('heading', { name: 's4_layers.1' }).waitFor();
    const chart = panel.getByRole('slider');
    await expect.poll(() => chart.getAttribute('aria-valuetext')).not.toBe('');
    const orders = panel.getByRole('tab', { name: checkpointTexts.tabOrder, exact: true });
    await orders.click();
    const readout = panel.locator('.chosen');
    await readout.getByText(/^Order \d+: relative h² error/).waitFor({ timeout: 100_000 });
    await chart.focus();
    await vscode.page.keyboard.press('Home');
    await readout.getByText('Order 2: ').waitFor();
    const least = await readout.innerText();
    await vscode.page.keyboard.press('ArrowRight');
    await readout.getByText('Order 4: ').waitFor();
    const told = await readout.innerText();
    expect(parametersIn(told)).toBeGreaterThan(parametersIn(least));
    const scrolled = (): Promise<number> =>
      panel.evaluate(({ ownerDocument }) => Math.round(ownerDocument.scrollingElement!.scrollTop));
    const place = await scrolled();
    expect(place).toBeGreaterThan(0);
    await vscode.screenshot('layer-panel');

    await vscode.file('plain.safetensors').dblclick(); // the page of the other is gone now
    await vscode.webview().getByRole('heading', { name: 'plain.safetensors' }).waitFor();
    await vscode.page.getByRole('tab', { name: sample }).click();
    await readout.getByText('Order 4: ').waitFor({ timeout: 100_000 });
    expect(await readout.innerText()).toBe(told);
    expect(await orders.getAttribute('aria-selected')).toBe('true');
    await expect.poll(async () => Math.abs((await scrolled()) - place)).toBeLessThan(3);
  }, 300_000);

  it('is compressed from the context menu, and the report opens', async () => {
    const before = readFileSync(inWorkspace(sample));
    const output = inWorkspace('s4d-smnist.order16.safetensors');
    for (const left of [output, output + reportSuffix]) rmSync(left, { force: true }); // of a failed attempt
    await vscode.contextMenu([sample], 'Compress SSM');
    const preselected = vscode.quickInput.locator('.monaco-list-row.focused');
    const unknown = vscode.quickInput.getByPlaceholder('How was the model built');
    await unknown.or(vscode.quickInput.getByPlaceholder('Sample data')).waitFor();
    if (await unknown.isVisible()) {
      // else it was left open by a failed attempt
      await preselected.getByText('Leave It Open').waitFor();
      await pick('How was the model built', 'Leave It Open', 'flow-0-network');
    }
    await pick('Sample data', 'Without Sample Data', 'flow-0-sample');
    await preselected.getByText('Order 16').waitFor();
    await curveBehind('Order 16: ');
    await vscode.page.keyboard.press('ArrowDown'); // the keys are the question's
    await curveBehind('Order 8: ');
    await pick('How small?', 'Order 16', 'flow-1-size');
    await vscode.page.getByRole('tab', { name: 'Trade-off of' }).waitFor({ state: 'detached' });
    expect(existsSync(output)).toBe(false);
    await pick('time steps', 'Steps', 'flow-2-horizon');
    await pick('Which solver?', 'Variable Projection', 'flow-3-solver');
    await type('Name of the result', undefined, 'flow-4-output');
    const done = vscode.toast('s4d-smnist.order16.safetensors');
    await done.getByText('parameters instead of').waitFor({ timeout: 60_000 });
    await vscode.screenshot('result');
    expect(readFileSync(output).length).toBeLessThan(before.length);
    expect(readFileSync(inWorkspace(sample)).equals(before)).toBe(true);
    expect(isReport(JSON.parse(readFileSync(output + reportSuffix, 'utf8')))).toBe(true);

    await done.getByRole('button', { name: 'Open Report' }).click();
    const webview = vscode.webview();
    await webview.locator('body[data-state="ready"]').waitFor();
    expect(await webview.locator('#layers tbody tr').first().innerText()).toContain('64 → 16');
    await vscode.screenshot('report');
  });

  it('shows what each order loses behind the question, from where an order can be taken', async () => {
    await vscode.contextMenu(['d.safetensors'], 'Compress SSM');
    await pick('Sample data', 'Without Sample Data');
    await curveBehind('Order 16: ');
    const page = vscode.webview();
    await page.getByRole('slider').focus();
    await vscode.page.keyboard.press('Home');
    await page.getByRole('button', { name: 'Compress to Order 2…' }).click();
    await pick('time steps', 'Steps');
    await pick('Which solver?', 'Balanced');
    await vscode.quickInput.getByText('Name of the result').waitFor();
    const { quickInput } = vscode;
    expect(await quickInput.locator('input[type="text"]').inputValue()).toBe(
      'd.order2.safetensors',
    );
    await vscode.page.keyboard.press('Escape');
    const tab = vscode.page.getByRole('tab', { name: 'Trade-off of d.safetensors' });
    await tab.waitFor(); // the person turned to it, so it stays
    await tab.getByRole('button', { name: /^Close/ }).click();
    await tab.waitFor({ state: 'detached' });
  });

  it('can be cancelled and then leaves nothing behind', async () => {
    const files = readdirSync(host.workspace).sort();
    await vscode.contextMenu(['big.safetensors'], 'Compress SSM');
    await pick('network around the layers is not known', 'Without Sample Data');
    await pick('How small?', 'Order 32');
    await pick('time steps', 'Steps');
    await pick('Which solver?', 'Variable Projection');
    await type('Name of the result');
    const progress = vscode.toast('Compressing big.safetensors');
    await progress.getByText(/layer \d+ of 48/).waitFor();
    await vscode.screenshot('progress');
    await progress.hover();
    await progress.getByRole('button', { name: 'Cancel' }).click();
    await vscode.page.getByText('Compression cancelled').waitFor();
    expect(readdirSync(host.workspace).sort()).toEqual(files);
  });

  it('queues its run behind one at work, which is cancelled alone', async () => {
    const files = readdirSync(host.workspace).sort();
    await vscode.contextMenu(['big.safetensors'], 'Compress SSM');
    await pick('network around the layers is not known', 'Without Sample Data');
    await pick('How small?', 'Order 32');
    await pick('time steps', 'Steps');
    await pick('Which solver?', 'Algorithm 1');
    await pick('Over which time', 'τ = 10 L');
    await type('Name of the result');
    const first = vscode.toast('Compressing big.safetensors');
    await first.getByText(/layer \d+ of 48/).waitFor();

    await vscode.contextMenu(['a.safetensors'], 'Compress SSM');
    await pick('Sample data', 'Without Sample Data');
    await vscode.webview().getByText('waiting for the run before it').waitFor(); // its trade-off too
    await pick('How small?', 'Order 32');
    await pick('time steps', 'Steps');
    await pick('Which solver?', 'Balanced');
    await type('Name of the result', 'queued.safetensors');
    const second = vscode.toast('Compressing a.safetensors');
    await second.getByText('waiting for the run before it').waitFor();
    await vscode.screenshot('queued');
    await second.hover();
    await second.getByRole('button', { name: 'Cancel' }).click();
    await second.waitFor({ state: 'detached' });
    await first.getByText(/layer \d+ of 48/).waitFor(); // it goes on
    await first.hover();
    await first.getByRole('button', { name: 'Cancel' }).click();
    await first.waitFor({ state: 'detached' });
    await expect.poll(() => readdirSync(host.workspace).sort(), { timeout: 30_000 }).toEqual(files);
  });

  it('takes a share of the parameters, another horizon, and another name', async () => {
    await vscode.contextMenu(['a.safetensors'], 'Compress SSM');
    await pick('Sample data', 'Without Sample Data');
    await pick('How small?', 'A Share of the Parameters');
    await type('How much of the parameters', '99 %');
    await vscode.quickInput.getByText('At most').waitFor();
    await vscode.screenshot('flow-share-refused');
    await type('At most', '30');
    await pick('time steps', 'Another Length');
    await type('The horizon in time steps', '784');
    await pick('Which solver?', 'Balanced');
    await type('Name of the result', 'small.safetensors');
    await vscode.toast('small.safetensors').getByText('parameters instead of').waitFor();
    const report: unknown = JSON.parse(
      readFileSync(inWorkspace(`small.safetensors${reportSuffix}`), 'utf8'),
    );
    expect(report).toMatchObject({
      request: { remove: 0.3, horizon: 784, horizonFrom: 'given', solver: 'balanced' },
    });
    await vscode.clearToasts();
  });

  it('is compressed by Algorithm 1 over the time that is chosen, and its convergence is shown and saved', async () => {
    await vscode.contextMenu(['d.safetensors'], 'Compress SSM');
    await pick('Sample data', 'Without Sample Data');
    await pick('How small?', 'Order 8');
    await pick('time steps', 'Steps');
    await pick('Which solver?', 'Algorithm 1', 'flow-3-solvers');
    const first = vscode.quickInput.locator('.monaco-list-row').first();
    await vscode.quickInput.getByText('what the network runs').waitFor();
    expect(await first.innerText()).toContain('τ = L Δ');
    await pick('Over which time', 'τ = 10 L', 'flow-3-tau');
    await type('Name of the result');
    const done = vscode.toast('d.order8.safetensors');
    await done.getByText('parameters instead of').waitFor({ timeout: 60_000 });
    await done.getByRole('button', { name: 'Open Report' }).click();
    await vscode.webview().getByRole('heading', { name: 'd.order8.safetensors' }).waitFor();
    const section = vscode.webview().locator('#convergence');
    await section.getByText('Mean over 128 systems').waitFor();
    await section.scrollIntoViewIfNeeded();
    await vscode.screenshot('report-convergence');
    await section.getByRole('button', { name: 'Save as CSV' }).click();
    const proposed = inWorkspace('d.order8.safetensors.convergence.csv');
    await vscode.quickInput.getByText('OK', { exact: true }).waitFor();
    await vscode.screenshot('save-csv');
    await vscode.quickInput.getByText('OK', { exact: true }).click();
    await expect.poll(() => existsSync(proposed)).toBe(true);
    await expect
      .poll(() => readFileSync(proposed, 'utf8'))
      .toMatch(/^iteration,mean,standard_deviation\n0,1,0\n1,0\.\d+,\d/);
    await vscode.clearToasts();
  });

  it('without a state-space layer is told so before anything is asked', async () => {
    await vscode.contextMenu(['plain.safetensors'], 'Compress SSM');
    await vscode.toast('No state-space layer was recognised').waitFor();
    expect(await vscode.quickInput.count()).toBe(0);
    await vscode.screenshot('no-layer');
    await vscode.clearToasts();
  });

  it('that is broken is told by name and reason, in a notification and in the editor', async () => {
    await vscode.contextMenu(['broken.safetensors'], 'Compress SSM');
    const toast = vscode.toast('broken.safetensors');
    await toast.getByRole('button', { name: 'Show Log' }).waitFor();
    await vscode.file('broken.safetensors').dblclick();
    const webview = vscode.webview();
    await webview.locator('body[data-state="failed"]').waitFor();
    await webview.getByRole('heading', { name: 'broken.safetensors' }).waitFor();
    await vscode.screenshot('broken');
    await vscode.clearToasts();
  });

  it('goes with others: several selected, compressed in one go', async () => {
    await vscode.contextMenu(['b.safetensors', 'c.safetensors'], 'Compress SSM');
    await pick('Sample data', 'Without Sample Data', 'flow-several-sample');
    await pick('How small?', 'Order 8');
    await pick('time steps', 'Steps');
    await pick('Which solver?', 'Balanced');
    await vscode.toast('2 checkpoints were compressed').waitFor();
    for (const name of ['b', 'c']) {
      expect(existsSync(inWorkspace(`${name}.order8.safetensors`))).toBe(true);
    }
    await vscode.clearToasts();
  });

  it('is compressed to several orders in one go, and these are compared', async () => {
    await vscode.file('c.safetensors').click(); // alone, no longer with the other
    await vscode.contextMenu(['c.safetensors'], 'Compress SSM');
    await pick('Sample data', 'Without Sample Data');
    await pick('How small?', 'Several Orders');
    await type('The orders of the results', '6, x');
    await vscode.quickInput.getByText('Possible orders').waitFor();
    await type('Possible orders', '6, 4', 'flow-sweep');
    await pick('time steps', 'Steps');
    await pick('Which solver?', 'Balanced');
    const done = vscode.toast('2 results were written');
    await done.getByRole('button', { name: 'Compare' }).click({ timeout: 60_000 });
    for (const order of [4, 6]) {
      expect(existsSync(inWorkspace(`c.order${order}.safetensors`))).toBe(true);
    }
    await vscode.webview().getByRole('heading', { name: 'Comparison of 2 runs' }).waitFor();
    await vscode.file('c.safetensors').click(); // keys are for the workbench again, not for the page
    await vscode.clearToasts();
  });

  it('gets orders of single layers, stored at their exact sizes', async () => {
    await vscode.contextMenu(['d.safetensors'], 'Compress SSM');
    await pick('Sample data', 'Without Sample Data');
    await pick('How small?', 'Orders of Single Layers');
    await pick('Choose a layer', 's4_layers.1');
    await type('The new order of s4_layers.1', '4');
    await vscode.quickInput.getByText('order 4, now 64').waitFor();
    await pick('Choose a layer', 'Continue', 'flow-layer-orders');
    await pick('different orders', 'Each at Its Own Order', 'flow-exact-sizes');
    await pick('time steps', 'Steps');
    await pick('Which solver?', 'Balanced');
    await type('Name of the result', 'exact.safetensors');
    await vscode.toast('exact.safetensors').getByText('parameters instead of').waitFor();
    expect(existsSync(inWorkspace('load_compressed.py'))).toBe(true);
    const report: unknown = JSON.parse(
      readFileSync(inWorkspace(`exact.safetensors${reportSuffix}`), 'utf8'),
    );
    expect(report).toMatchObject({
      request: { order: 16, layerOrders: { 's4_layers.1': 4 }, exactSizes: true },
      layers: [{ orderAfter: 16 }, { orderAfter: 4 }],
    });
    await vscode.clearToasts();
  });

  it('shows what each order loses before anything is written, without sample data too', async () => {
    const files = readdirSync(host.workspace).sort();
    await vscode.contextMenu(['d.safetensors'], 'Compress SSM');
    await pick('Sample data', 'Without Sample Data');
    await pick('How small?', 'Trade-Off', 'flow-bounds');
    await pick('time steps', 'Steps');
    await pick('One order for all layers', 'One Order for All', 'flow-sharing');
    const webview = vscode.webview();
    const slider = webview.getByRole('slider', { name: 'Greatest h² error of a layer' });
    await slider.waitFor({ timeout: 100_000 });
    expect(readdirSync(host.workspace).sort()).toEqual(files);
    await vscode.screenshot('estimated-curve');
    await slider.focus();
    await vscode.page.keyboard.press('Home');
    await webview.getByRole('button', { name: 'Compress to Order 2…' }).click();
    await vscode.quickInput.getByText('Name of the result').waitFor();
    expect(await vscode.quickInput.locator('input[type="text"]').inputValue()).toBe(
      'd.order2.safetensors',
    );
    await vscode.page.keyboard.press('Escape');
    expect(readdirSync(host.workspace).sort()).toEqual(files);
  }, 200_000);

  it('is compressed to a certified error of its layers', async () => {
    await vscode.contextMenu(['d.safetensors'], 'Compress SSM');
    await pick('Sample data', 'Without Sample Data');
    await pick('How small?', 'Another Certified Error');
    await type('How far the impulse responses', 'much');
    await vscode.quickInput.getByText('A share between').waitFor();
    await type('A share between', '80 %');
    await pick('time steps', 'Steps');
    await pick('Which solver?', 'Balanced');
    await pick('One order for all layers', 'An Order for Each Layer');
    await type('Name of the result');
    const output = inWorkspace('d.layers80.safetensors');
    const done = vscode.toast('d.layers80.safetensors').getByText('parameters instead of');
    await done.waitFor({ timeout: 100_000 });
    const report = JSON.parse(readFileSync(output + reportSuffix, 'utf8')) as Report;
    expect(report.request).toMatchObject({ layerError: 0.8, perLayer: true });
    expect(report.layers.every(({ error }) => error.relative <= 0.8)).toBe(true);
    await vscode.clearToasts();
  }, 200_000);

  it('is not replaced without asking', async () => {
    const before = readFileSync(inWorkspace('b.order8.safetensors'));
    await vscode.file('b.safetensors').click(); // alone, no longer with the other
    await vscode.contextMenu(['b.safetensors'], 'Compress SSM');
    await pick('Sample data', 'Without Sample Data');
    await pick('How small?', 'Order 8');
    await pick('time steps', 'Infinite');
    await pick('Which solver?', 'Balanced');
    await type('Name of the result');
    const dialog = vscode.page.getByRole('dialog').filter({ hasText: 'exists already' });
    await dialog.waitFor();
    await vscode.screenshot('replace');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect(readFileSync(inWorkspace('b.order8.safetensors')).equals(before)).toBe(true);
  });

  it('is calibrated with sample data: the trade-off first, then the order that is chosen from it', async () => {
    const output = inWorkspace('calibrated.safetensors');
    for (const left of [output, output + reportSuffix]) rmSync(left, { force: true });
    await vscode.file('s4d-smnist.safetensors').click();
    await vscode.contextMenu([sample], 'Compress SSM');
    await pick('Sample data', 'Choose a File');
    await chooseFile('sequences.npz');
    await pick('How was the model built', 'Own Defaults');
    await pick('Calibrate with', 'Continue', 'calibrated-1-data');
    await pick('How small?', 'Trade-Off', 'calibrated-2-size');
    await pick('One order for all layers', 'One Order for All', 'calibrated-2-sharing');
    const webview = vscode.webview();
    const slider = webview.getByRole('slider');
    // the chart of a layer, which an earlier test left open, has a slider too
    const compress = webview.getByRole('button', { name: /^Compress to Order/ });
    await compress.waitFor({ timeout: 240_000 });
    await vscode.screenshot('calibrated-4-curve');
    await slider.focus();
    await vscode.page.keyboard.press('Home');
    await vscode.page.keyboard.press('ArrowRight');
    await webview.getByRole('button', { name: 'Compress to Order 4…' }).click();
    await type('Name of the result', 'calibrated.safetensors');
    const done = vscode.toast('calibrated.safetensors');
    await done.waitFor({ timeout: 120_000 });
    const report: unknown = JSON.parse(
      readFileSync(inWorkspace(`calibrated.safetensors${reportSuffix}`), 'utf8'),
    );
    expect(report).toMatchObject({
      request: { order: 4 },
      calibration: { sequences: 12, evaluation: { sequences: 12 } },
    });
    await done.getByRole('button', { name: 'Open Report' }).click();
    await vscode.webview().getByRole('heading', { name: 'On held-out data' }).waitFor();
    await vscode.screenshot('calibrated-5-report');
    await vscode.clearToasts();
  }, 360_000);

  it('is evaluated on the data that it was used with, beside its original', async () => {
    await vscode.contextMenu(['calibrated.safetensors'], 'Evaluate on Sample Data');
    await pick('measure it on', 'sequences.npz', 'evaluate-1-data');
    await pick('calibrated with a part', 'Held-Out Part', 'evaluate-1-part');
    const webview = vscode.webview();
    await webview.getByText('Compared with s4d-smnist.safetensors').waitFor({ timeout: 60_000 });
    const row = webview.locator('#measures tbody tr').filter({ hasText: 'Accuracy' });
    expect(await row.innerText()).toMatch(/points\s+12$/);
    await vscode.screenshot('evaluate-2-result');
  });
});

describe('a panel that stands in no file', () => {
  it('comes back when the window is reloaded', async () => {
    await vscode.page.reload();
    const tab = vscode.page.getByRole('tab', { name: 'Trade-off of s4d-smnist.safetensors' });
    await tab.click();
    await vscode.webview().getByRole('button', { name: 'Compress to Order 4…' }).waitFor();
    await vscode.screenshot('calibrated-6-restored');
    await vscode.file(sample).waitFor();
  });
});

describe('a checkpoint whose network PyTorch alone can run', () => {
  it('gets a script that records what its layers receive', async () => {
    await vscode.file('a.safetensors').click();
    await vscode.contextMenu(['a.safetensors'], 'Compress SSM');
    await pick('Sample data', 'Save the Recording Script');
    await vscode.quickInput.getByText('OK', { exact: true }).waitFor();
    await vscode.quickInput.getByText('OK', { exact: true }).click();
    const script = inWorkspace('record_inputs.py');
    await expect.poll(() => existsSync(script), { timeout: 30_000 }).toBe(true);
    await vscode.page.locator('.editor-instance .view-line').first().waitFor();
    expect(readFileSync(script, 'utf8')).toMatch(/"s4_layers\.1": \("s4_layers\.1", 64\)/);
    await vscode.clearToasts();
  });

  it('is compressed by what the script recorded', async () => {
    await vscode.contextMenu(['a.safetensors'], 'Compress SSM');
    await pick('Sample data', 'Recorded Inputs of the Layers', 'recorded-1-data');
    await chooseFile('recorded.npz');
    await pick('How small?', 'Order 8');
    await type('Name of the result', 'recorded.safetensors');
    const done = vscode.toast('recorded.safetensors');
    await done.getByText('parameters instead of').waitFor({ timeout: 60_000 });
    await done.getByRole('button', { name: 'Open Report' }).click();
    await vscode.webview().getByRole('heading', { name: 'On recorded inputs' }).waitFor();
    await vscode.screenshot('recorded-2-report');
    await vscode.clearToasts();
  });
});

describe('the sidebar', () => {
  const row = (text: string) =>
    vscode.page.locator('.pane-body .monaco-list-row', { hasText: text }).first();

  it('lists the runs of each checkpoint with their figures', async () => {
    await vscode.page.locator('.activitybar a.action-label[aria-label^="SSM Compress"]').click();
    await row('s4d-smnist.safetensors').waitFor();
    await row('Order 16').waitFor();
    expect(await row('Order 16').getAttribute('aria-label')).toMatch(
      /^Run Order 16, order 16 instead of 64, relative error at most 0\.\d+, /,
    );
    await vscode.screenshot('experiments');
  });

  it('compares two runs in an editor', async () => {
    const runs = vscode.page.locator('.pane-body .monaco-list-row[aria-label^="Run Order 8"]');
    await runs.nth(0).click();
    await runs.nth(1).click({ modifiers: ['Control'] });
    await runs.nth(1).click({ button: 'right' });
    const item = vscode.page.locator('.monaco-menu .action-item', { hasText: 'Compare Runs' });
    await item.waitFor();
    await vscode.page.waitForTimeout(250); // a menu ignores the mouse for its first moments
    await item.click();
    const webview = vscode.webview();
    await webview.getByRole('heading', { name: 'Comparison of 2 runs' }).waitFor();
    expect(await webview.locator('tbody tr').count()).toBe(2);
    await vscode.screenshot('comparison');
  });

  it('deletes nothing without asking', async () => {
    const name = 'c.order8.safetensors';
    await vscode.page
      .locator(`.pane-body .monaco-list-row[aria-label*="result ${name}"]`)
      .click({ button: 'right' });
    const item = vscode.page.locator('.monaco-menu .action-item', { hasText: 'Delete Result' });
    await item.waitFor();
    await vscode.page.waitForTimeout(250);
    await item.click();
    const dialog = vscode.page.getByRole('dialog').filter({ hasText: 'to the trash' });
    await dialog.getByText(name).first().waitFor();
    await vscode.screenshot('delete');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect(existsSync(inWorkspace(name))).toBe(true);
    expect(existsSync(inWorkspace(name + reportSuffix))).toBe(true);
  });
});

describe('the compress flow', () => {
  /** The question that the flow begins with, for a checkpoint; it is left again. */
  async function leaveFlow(name: string): Promise<void> {
    const title = vscode.quickInput.locator('.quick-input-title', { hasText: `Compress ${name}` });
    await title.waitFor();
    await vscode.page.keyboard.press('Escape');
    await vscode.quickInput.waitFor({ state: 'detached' });
  }

  it('starts from the sidebar, from the title of an editor, and from the palette', async () => {
    await vscode.command('View: Show SSM Compress'); // a click on its icon would hide it where it is shown
    const row = vscode.page.locator('.pane-body .monaco-list-row', { hasText: sample }).first();
    await row.hover();
    await row.locator('a.action-label[aria-label^="Compress"]').click();
    await leaveFlow(sample);

    await vscode.command('View: Show Explorer');
    await vscode.file(sample).dblclick();
    await vscode.page.locator('.tab.active', { hasText: sample }).waitFor();
    const active = vscode.page.locator('.editor-group-container.active');
    await active.locator('.editor-actions a.action-label[aria-label^="Compress"]').click();
    await leaveFlow(sample);

    await vscode.file(sample).click(); // keys are the workbench's, not a page's
    await vscode.command('SSM: Compress SSM');
    await leaveFlow(sample);
  });
});

describe('where a model is described', () => {
  const sources = {
    'model.py': 'self.kernel = S4D(64, d_state=64)\n',
    'model.yaml': 'model:\n  d_state: 64\n',
  };

  beforeAll(async () => {
    await vscode.command('View: Show Explorer');
    const result = 's4d-smnist.order16.safetensors';
    const links = { 'model.py': result, 'model.yaml': result };
    mkdirSync(inWorkspace('.vscode'), { recursive: true });
    writeFileSync(inWorkspace('.vscode/settings.json'), JSON.stringify({ 'ssm.links': links }));
    for (const [name, text] of Object.entries(sources)) writeFileSync(inWorkspace(name), text);
  });

  it.each(Object.keys(sources))('%s tells what the compression did', async (name) => {
    await vscode.file(name).dblclick();
    await vscode.page.locator('.tab.active', { hasText: name }).waitFor();
    const hover = await vscode.hoverOver('d_state');
    expect(await hover.innerText()).toContain('certified');
    await vscode.page.keyboard.press('Escape');
  });
});

describe('the window opened again', () => {
  it('shows editors, comparison and what was searched for as they were', async () => {
    const { page } = vscode;
    const layers = (): Locator => vscode.webview().locator('#layers');
    const explorerShown = await vscode.file(sample).isVisible();
    if (!explorerShown) await vscode.command('View: Show Explorer');
    await vscode.file(sample).dblclick();
    await layers().getByRole('button', { name: 'Order', exact: true }).click();
    await layers().getByRole('textbox').fill('s4_layers.1');
    await layers().getByText('1 of 2').waitFor();
    await vscode.command('Developer: Reload Window');
    await page.waitForEvent('load');
    await layers().getByText('1 of 2').waitFor({ timeout: 60_000 });
    const heading = layers().getByRole('columnheader', { name: 'Order', exact: true });
    expect(await heading.getAttribute('aria-sort')).toBe('ascending');
    await page.getByRole('tab', { name: 'Comparison of Runs' }).first().click();
    const comparison = vscode.webview().getByRole('heading', { name: 'Comparison of 2 runs' });
    await comparison.waitFor();
  });
});
