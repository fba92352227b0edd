import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { without } from '../../src/extension/platform/without';
import { curveTexts, evaluationTexts } from '../../src/protocol/measureTexts';
import { reportTexts } from '../../src/protocol/texts';
import type { ReportState } from '../../src/protocol/webview';
import { openBrowser } from '../../tools/vscode-host/host.mjs';
import {
  allocationRecord,
  calibrationRecord,
  curveState,
  engineRecord,
  evaluationState,
} from './support/measureStates';
import { hostileNames, reportState } from './support/states';
import { openWebview, seriousViolations, themeNames } from './support/webviewPage';
import type { WebviewPage } from './support/webviewPage';
import { screenshots } from './support/workspace';

/** The pages that show what is measured on sample data. */
let browser: Browser;

beforeAll(async () => {
  ({ browser } = await openBrowser());
});

afterAll(async () => {
  await browser.close();
});

type Options = Partial<Parameters<typeof openWebview>[1]>;

function curve(options: Options = {}): Promise<WebviewPage> {
  const page = { bundle: 'curve', texts: curveTexts, state: curveState } as const;
  return openWebview(browser, { ...page, ...options });
}

function evaluation(names: readonly string[], options: Options = {}): Promise<WebviewPage> {
  const state = evaluationState(names);
  const page = { bundle: 'evaluation', texts: evaluationTexts, state } as const;
  return openWebview(browser, { ...page, ...options });
}

function calibratedReport(names: readonly string[]): ReportState {
  const state = reportState(names);
  if (state.kind !== 'ready') throw new Error('not ready');
  return { ...state, report: { ...state.report, calibration: calibrationRecord(names) } };
}

function report(names: readonly string[], options: Options = {}): Promise<WebviewPage> {
  const state = calibratedReport(names);
  return openWebview(browser, { bundle: 'report', texts: reportTexts, state, ...options });
}

const names = ['s4_layers.0', 's4_layers.1', 's4_layers.2'];
const shot = (name: string): string => path.join(screenshots, `${name}.png`);

describe.each(themeNames)('in the theme %s', (theme) => {
  it('the trade-off breaks no accessibility rule and no policy', async () => {
    const { page, problems } = await curve({ theme });
    await page.getByText(curveTexts.showTable).click();
    await page.waitForTimeout(100); // the chart is drawn in the next frame
    expect(await seriousViolations(page)).toEqual([]);
    expect(problems).toEqual([]);
    await page.screenshot({ path: shot(`curve ${theme}`), fullPage: true });
    await page.close();
  });

  it('an evaluation breaks no accessibility rule and no policy', async () => {
    const { page, problems } = await evaluation(names, { theme });
    expect(await seriousViolations(page)).toEqual([]);
    expect(problems).toEqual([]);
    await page.screenshot({ path: shot(`evaluation ${theme}`), fullPage: true });
    await page.close();
  });

  it('a calibrated report breaks no accessibility rule and no policy', async () => {
    const { page, problems } = await report(names, { theme });
    expect(await seriousViolations(page)).toEqual([]);
    expect(problems).toEqual([]);
    await page.screenshot({ path: shot(`report calibrated ${theme}`), fullPage: true });
    await page.close();
  });
});

describe('the trade-off', () => {
  const slider = (page: Page) => page.getByRole('slider');
  const compress = (page: Page, order: number) =>
    page.getByRole('button', { name: `Compress to Order ${order}…` });

  it('says in words what it shows', async () => {
    const { page } = await curve();
    const summary = await slider(page).getAttribute('aria-label');
    // 0.993 - 0.32 / 2 and 0.993 - 0.32 / 32
    expect(summary).toBe(
      'Accuracy over Order: 83.3 % at order 2, 98.3 % at order 32. The original has 99.3 %.',
    );
    await page.getByLabel(curveTexts.quantity, { exact: true }).selectOption({ index: 1 });
    expect(await slider(page).getAttribute('aria-label')).toContain('Relative output error');
    expect(await slider(page).getAttribute('aria-label')).not.toContain('The original has');
    await page.close();
  });

  it('is walked through with the keyboard, and Enter takes the order', async () => {
    const { page, acted } = await curve();
    await compress(page, 32).waitFor();
    await slider(page).focus();
    await page.keyboard.press('ArrowLeft');
    await compress(page, 16).waitFor();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowLeft');
    await compress(page, 2).waitFor();
    await page.keyboard.press('ArrowRight');
    const spoken = await slider(page).getAttribute('aria-valuetext');
    // 54,000 of 114,000 parameters; 0.993 - 0.08
    expect(spoken).toBe(
      'Order 4: Accuracy 91.3 % [90.7 – 91.9 %]; 54,000 parameters, 52.6 % less.',
    );
    expect(await page.locator('.chosen').innerText()).toBe(spoken);
    await page.keyboard.press('Enter');
    await expect.poll(acted).toEqual(['compress 4']);
    await page.close();
  });

  it('is chosen from with the mouse', async () => {
    const { page, acted } = await curve();
    await page.waitForTimeout(100);
    const box = await slider(page).boundingBox();
    if (box === null) throw new Error('no chart');
    // orders double from point to point, so that the middle one lies in the middle of the axis
    await page.mouse.click(box.x + 0.54 * box.width, box.y + box.height / 2);
    await compress(page, 8).click();
    await expect.poll(acted).toEqual(['compress 8']);
    await page.close();
  });

  it('comes back to the order that was chosen', async () => {
    const { page } = await curve({ remembered: { scroll: 0, search: '', chosen: 4 } });
    await compress(page, 4).waitFor();
    await page.close();
  });

  it('tells how far it is while it is traced, and then follows the question before it', async () => {
    const traced = without(curveState, 'panel');
    const { fileName } = traced;
    const tracing = { fileName, tracing: { fraction: 0.355, stage: 'layer 3 of 6' } };
    const { page, acted, show, remembered } = await curve({ state: tracing });
    await page.getByText('Tracing the curve, 35 % · layer 3 of 6').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await page.screenshot({ path: shot('curve at work') });
    await show({ ...traced, marked: 8 });
    await compress(page, 8).waitFor();
    await show({ ...traced, marked: 4 });
    await compress(page, 4).waitFor();
    await show({ ...traced, marked: 5 }); // which the curve does not have
    await slider(page).focus();
    await page.keyboard.press('ArrowLeft');
    await compress(page, 2).click();
    await expect.poll(acted).toEqual(['stay', 'compress 2']);
    await show({ ...traced, panel: 'kept', marked: 5 }); // undoes nothing that was chosen here
    await expect.poll(remembered).toMatchObject({ panel: 'kept', chosen: 2 });
    await page.close();
  });

  it('says why there is none', async () => {
    const failed = 'The worker process is gone.<b>';
    const { page } = await curve({ state: { fileName: 'a.pt', tracing: { failed } } });
    await page.getByRole('alert').getByText(failed).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await page.close();
  });

  it('is there as a table and to take away', async () => {
    const { page, saved, problems } = await curve();
    await page.getByText(curveTexts.showTable).click();
    const rows = page.locator('#tradeoff tbody tr');
    await expect.poll(() => rows.count()).toBe(5);
    expect(await rows.nth(1).innerText()).toMatch(/^4\s+54,000\s+91\.3 % \[90\.7 – 91\.9 %\]/);
    await page.getByRole('button', { name: curveTexts.saveCsv }).click();
    await page.getByRole('button', { name: curveTexts.savePng }).click();
    await expect.poll(async () => (await saved()).length).toBe(2);
    const [csv, png] = await saved();
    const [header, , second] = csv.content.split('\n').map((line) => line.split(','));
    const column = (name: string): string => second[header.indexOf(name)];
    expect(['order', 'parameters', 'sequences'].map(column)).toEqual(['4', '54000', '1372']);
    expect(Number(column('accuracy'))).toBeCloseTo(0.913, 12);
    expect(Number(column('accuracy_original'))).toBeCloseTo(0.993, 12);
    expect(column('outputError_high')).toBe('inf');
    expect(Buffer.from(png.content, 'base64').subarray(1, 4).toString()).toBe('PNG');
    expect(problems).toEqual([]);
    await page.close();
  });

  it('is drawn anew over parameters, and in other colours when the theme changes', async () => {
    const { page } = await curve();
    const pixels = () =>
      page.locator('canvas').evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
    await page.waitForTimeout(100);
    const first = await pixels();
    await page.getByLabel(curveTexts.over, { exact: true }).selectOption({ index: 1 });
    await expect.poll(pixels).not.toBe(first);
    const second = await pixels();
    await page.evaluate(() => {
      document.documentElement.style.setProperty('--vscode-charts-blue', '#ff0000');
    });
    await expect.poll(pixels).not.toBe(second);
    await page.close();
  });

  it.each(themeNames)('shows hostile names as they are in %s', async (theme) => {
    const rest = { ...curveState, notes: hostileNames };
    for (const fileName of hostileNames) {
      const { page, problems, acted } = await curve({ state: { ...rest, fileName }, theme });
      const text = await page.locator('main').innerText();
      expect(text).toContain('<img src=x');
      expect(text).toContain('left\\u202eright to left\\u2066');
      expect(await page.locator('script:not([nonce]), img').count()).toBe(0);
      expect(await acted()).toEqual([]);
      expect(problems).toEqual([]);
      await page.close();
    }
  });
});

describe('an evaluation', () => {
  it('shows every figure with its interval beside the original', async () => {
    const { page, saved } = await evaluation(names);
    const row = (name: string) =>
      page.locator('#measures tbody').first().getByRole('row').filter({ hasText: name });
    expect(await row('Accuracy').innerText()).toMatch(
      /99\.3 % \[98\.8 – 99\.8 %\]\s+95\.3 % \[94\.7 – 95\.9 %\]\s+−4\.0 \[−4\.4 – −3\.6\] points\s+1,372/,
    );
    expect(await row('Relative output error').innerText()).toMatch(/–\s+5 % \[4\.6 – ∞\]\s+–/);
    await page.getByText('2.9 % of the predictions moved').waitFor();
    await page.getByText('Compared with s4d-smnist.safetensors').waitFor();
    await page.getByRole('button', { name: evaluationTexts.saveCsv }).click();
    await expect.poll(async () => (await saved()).length).toBe(1);
    const [{ content }] = await saved();
    expect(content.split('\n')[1]).toMatch(/^accuracy,0\.953,/);
    await page.close();
  });

  it('says where the model was calibrated with the data, before any figure', async () => {
    const state = { ...evaluationState(names), seen: { calibratedWith: 128, chosenOn: false } };
    const { page, show } = await evaluation(names, { state });
    const note = page.getByRole('note');
    expect(await note.innerText()).toContain('128 of these 1,372 sequences were used');
    await show({ ...state, seen: { calibratedWith: 0, chosenOn: true } });
    await page.getByText('chosen by what these sequences showed').waitFor();
    await show({ ...state, seen: { calibratedWith: 0, chosenOn: false } });
    await expect.poll(() => note.count()).toBe(0);
    await page.close();
  });

  it.each(themeNames)('shows hostile names as they are in %s', async (theme) => {
    const { page, problems, acted } = await evaluation(hostileNames, { theme });
    const text = await page.locator('main').innerText();
    expect(text).toContain('<img src=x');
    expect(text).toContain('left\\u202eright to left\\u2066');
    expect(await acted()).toEqual([]);
    expect(problems).toEqual([]);
    await page.close();
  });
});

describe('a report by recorded inputs', () => {
  it('shows the errors of the layers for what they received', async () => {
    const state = reportState(hostileNames);
    if (state.kind !== 'ready') throw new Error('not ready');
    const recorded = {
      sequences: 1200,
      layers: hostileNames.map((name, i) => ({ name, fittedError: 0.01 * i, heldOutError: 0.05 })),
    };
    const { page, problems, acted } = await openWebview(browser, {
      ...{ bundle: 'report', texts: reportTexts },
      state: { ...state, report: { ...state.report, recorded } },
    });
    const section = page.locator('#recorded');
    expect(await section.innerText()).toContain('1,200 recorded sequences');
    const rows = section.locator('tbody tr');
    expect(await rows.count()).toBe(hostileNames.length);
    expect(await rows.nth(2).innerText()).toMatch(/2 %\s+5 %/);
    expect(await acted()).toEqual([]);
    expect(problems).toEqual([]);
    await page.close();
  });
});

describe('a calibrated report', () => {
  it('puts what was measured beside what is certified', async () => {
    const { page, acted } = await report(names);
    const heldOut = page.locator('#held-out');
    expect(await heldOut.innerText()).toContain('Measured on 1,372 held-out sequences');
    expect(await heldOut.innerText()).toContain('Calibrated with 128 sequences');
    expect(await page.locator('#layers').innerText()).toContain('certified');
    const rows = page.locator('#measured-layers tbody tr');
    expect(await rows.nth(0).innerText()).toMatch(
      /1 %\s+1\.2 %\s+4 % → 2\.1 %\s+2 % \[1\.8 – 2\.2 %\]/,
    );
    expect(await rows.nth(2).innerText()).toMatch(/3 %\s+–/);
    const parts = page.locator('#parts li');
    expect(await parts.filter({ hasText: /^left out/ }).count()).toBe(1);
    expect(await parts.count()).toBe(7);
    // the refinement, with what it gained
    expect(await parts.last().innerText()).toMatch(/done\s*all of this .* 6\.1 % → 4\.8 %/);
    const layers = page.locator('#layers-tried');
    expect(await layers.innerText()).toContain('fewer parameters than order 8 for all');
    const [together, alone] = [layers.locator('table').nth(0), layers.locator('table').nth(1)];
    expect(await together.locator('tbody tr').nth(1).innerText()).toMatch(
      /8, 8, 4\s+56,000\s+5\.3 % \[.*\]\s+kept/,
    );
    expect(await alone.locator('tbody tr').nth(1).innerText()).toMatch(/5 %\s+2\.5 %\s+1\.25 %/);
    await page.locator('#changed').getByText('decoder.weight').waitFor();
    expect(await page.locator('#tried').getByRole('slider').getAttribute('aria-label')).toContain(
      '83.3 %',
    );
    await page.locator('#tried').getByRole('slider').focus();
    await page.keyboard.press('Enter'); // there is nothing to take
    expect(await acted()).toEqual([]);
    await page.close();
  });
});

describe('a report', () => {
  it('says what computed and why, what was shared out, and warns of what went wrong', async () => {
    const state = reportState(names);
    if (state.kind !== 'ready') throw new Error('not ready');
    const search = { ...engineRecord, lost: 'The device ran out of memory.' };
    const device = { ...state.report.device, kernels: 'typescript', search };
    const more = { device, allocation: allocationRecord(names) };
    const { page, problems } = await openWebview(browser, {
      ...{ bundle: 'report', texts: reportTexts },
      state: { ...state, report: { ...state.report, ...more } },
    });
    const warnings = await page.locator('#warnings').innerText();
    expect(warnings).toContain('A warning.');
    expect(warnings).toContain('TensorFlow was lost during the run');
    expect(warnings).toContain('The device ran out of memory.');
    expect(warnings).toContain('without WebAssembly');
    const computing = await page.locator('#device').innerText();
    expect(computing).toContain('GPU NVIDIA H200, finished by the processor in double precision');
    expect(computing).toContain('searched 4.1 times as fast');
    expect(computing).toContain('A lower error than the processor’s own in 71 of 384 systems.');
    expect(computing).toMatch(/TensorFlow \(taken\)\s+1\.23 ms/);
    expect(computing).toMatch(/WebGPU\s+no\s+–\s+–\s+The package webgpu is not installed\./);
    const shared = await page.locator('#allocation').innerText();
    expect(shared).toContain('reducing one layer alone changes in the output, measured, on 64');
    expect(shared).toMatch(/Shared out \(taken\)\s+4, 8, 12\s+24\s+≈ 0\.012\s+≤ 1\.4\s+0\.011/);
    expect(problems).toEqual([]);
    await page.close();
  });
});
