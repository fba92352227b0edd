import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkpointTexts as texts } from '../../src/protocol/texts';
import { openBrowser } from '../../tools/vscode-host/host.mjs';
import { reduction, three, withLayers } from './support/checkpointStates';
import { chartsAnswer, curveAnswer } from './support/layerStates';
import { checkpointState, hostileNames } from './support/states';
import { openWebview, seriousViolations, themeNames } from './support/webviewPage';
import type { WebviewPage } from './support/webviewPage';
import { screenshots } from './support/workspace';

let browser: Browser;

beforeAll(async () => {
  ({ browser } = await openBrowser());
});

afterAll(async () => {
  await browser.close();
});

const names = ['layers.0.kernel.C', 'layers.1.kernel.C'];
const tabs = [
  texts.tabPoles,
  texts.tabHankel,
  texts.tabImpulse,
  texts.tabFrequency,
  texts.tabOrder,
  texts.tabConvergence,
];

/** The checkpoint page with the panel that an earlier life of it showed. */
function openPanel(
  panel: object,
  options: Partial<Parameters<typeof openWebview>[1]> = {},
): Promise<WebviewPage> {
  return openWebview(browser, {
    bundle: 'checkpoint',
    texts,
    state: checkpointState(names),
    remembered: { layerPanel: { layer: names[0], ...panel } },
    answers: { layerCharts: chartsAnswer(), layerCurve: curveAnswer, layerFigures: [] },
    ...options,
  });
}

const chart = (page: Page) => page.locator('#layer').getByRole('slider');
const tab = (page: Page, name: string) => page.getByRole('tab', { name, exact: true });

describe.each(themeNames)('the panel of a layer in the theme %s', (theme) => {
  it('shows every chart without breaking an accessibility rule', async () => {
    const { page, problems } = await openPanel({ tab: 'poles' }, { theme });
    for (const name of tabs) {
      await tab(page, name).click();
      await chart(page).waitFor();
      expect(await chart(page).getAttribute('aria-valuetext')).not.toBe('');
    }
    const shot = path.join(screenshots, `layer ${theme}.png`);
    await page.locator('#layer').screenshot({ path: shot });
    await page.getByText(texts.showTable).click();
    expect(await seriousViolations(page)).toEqual([]);
    expect(problems).toEqual([]);
    await page.close();
  });
});

describe('the panel of a layer', () => {
  it('is opened, walked through and closed with the keyboard alone', async () => {
    const { page, asked } = await openPanel({}, { remembered: {} });
    expect(await page.locator('#layer').isVisible()).toBe(false);
    await page.getByRole('grid', { name: texts.layers }).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await chart(page).waitFor();
    expect(await page.locator('#layer-heading').innerText()).toBe(names[1]);
    expect(await asked()).toContainEqual({ question: 'layerCharts', params: { layer: names[1] } });
    await tab(page, texts.tabPoles).focus();
    await page.keyboard.press('ArrowRight');
    expect(await tab(page, texts.tabHankel).getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('End');
    expect(await tab(page, texts.tabConvergence).getAttribute('aria-selected')).toBe('true');
    await page.locator('#layer').getByRole('button', { name: texts.closeLayer }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('#layer').isVisible()).toBe(false);
    await page.close();
  });

  it('reads its points out one after another, and says in words what a chart shows', async () => {
    const { page } = await openPanel({ tab: 'hankel' });
    await chart(page).focus();
    expect(await chart(page).getAttribute('aria-label')).toContain('Original: 1 at 1');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    expect(await chart(page).getAttribute('aria-valuetext')).toBe(
      'Number 3; Original: median 0.36, quartiles 0.18 – 0.72, greatest 1.8; ' +
        'Reduced: median 0.324, quartiles 0.162 – 0.648, greatest 1.62',
    );
    await page.keyboard.press('Home');
    expect(await chart(page).getAttribute('aria-valuenow')).toBe('0');
    await page.close();
  });

  it('chooses an order by keys and by a drag, and tells error, bound and parameters at once', async () => {
    const { page, remembered } = await openPanel({ tab: 'order' });
    await chart(page).waitFor();
    const readout = page.locator('#layer .chosen');
    expect(await readout.innerText()).toContain('Order 16: relative h² error 0.063, 316,000');
    expect(await readout.innerText()).toContain('0.070 (certified)');
    await chart(page).focus();
    await page.keyboard.press('ArrowLeft');
    expect(await readout.innerText()).toContain('Order 8: relative h² error 0.13, 308,000');
    expect(await readout.innerText()).toContain('adds 0.38 to the error of the output');
    const box = await chart(page).boundingBox();
    if (box === null) throw new Error('the chart has no place');
    const y = box.y + box.height / 2;
    await page.mouse.move(box.x + box.width / 2, y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width - 12, y, { steps: 4 });
    await page.mouse.up();
    expect(await readout.innerText()).toContain('Order 32');
    expect(await remembered()).toMatchObject({ layerPanel: { tab: 'order', place: 4 } });
    await page.close();
  });

  it('comes back to the layer, the channel, the chart and the order that it showed', async () => {
    const panel = { tab: 'order', channel: 5, place: 1 };
    const { page, asked } = await openPanel(panel, {
      answers: { layerCharts: chartsAnswer(5), layerCurve: curveAnswer, layerFigures: [] },
    });
    await chart(page).waitFor();
    const params = { layer: names[0], channel: 5 };
    expect(await asked()).toContainEqual({ question: 'layerCharts', params });
    expect(await asked()).toContainEqual({ question: 'layerCurve', params });
    expect(await page.locator('#layer .chosen').innerText()).toContain('Order 4');
    await expect.poll(() => page.getByLabel(texts.channel, { exact: true }).inputValue()).toBe('6');
    await page.close();
  });

  it('draws another compression beside the file when it is picked, and comes back to it', async () => {
    const older = { ...reduction, path: '/models/older', result: 'model.order4.safetensors' };
    older.layers = older.layers.map((layer) => ({ ...layer, orderAfter: 4 }));
    const state = withLayers(three, { reductions: [reduction, older] });
    const first = await openPanel({ layer: three[0], tab: 'hankel' }, { state });
    const asked = (report: string) => ({
      question: 'layerCharts',
      params: { layer: three[0], report },
    });
    await expect.poll(first.asked).toContainEqual(asked(reduction.path));
    const pick = first.page.getByLabel(texts.compression, { exact: true });
    await pick.selectOption({ label: older.result });
    await expect.poll(first.asked).toContainEqual(asked(older.path));
    await first.page.locator('#layer').getByText(`compared with ${older.result}`).waitFor();
    const row = first.page.locator('#layers .rows .row').first();
    expect(await row.innerText()).toMatch(/6\s+4\s+≤ 0\.013/);
    const remembered = (await first.remembered()) as object;
    await first.page.close();

    const second = await openPanel({}, { state, remembered });
    await expect.poll(second.asked).toContainEqual(asked(older.path));
    await second.page.close();
  });

  it('asks for one channel, and for the worst at a press', async () => {
    const { page, asked, remembered } = await openPanel({ tab: 'impulse' });
    await page.getByLabel(texts.channel, { exact: true }).selectOption({ label: '3' });
    const of = (channel: number) => ({
      question: 'layerCharts',
      params: { layer: names[0], channel },
    });
    await expect.poll(asked).toContainEqual(of(3));
    await page.getByRole('button', { name: 'Worst: 17' }).click();
    await expect.poll(asked).toContainEqual(of(17));
    expect(await remembered()).toMatchObject({ layerPanel: { channel: 17, tab: 'impulse' } });
    await page.close();
  });

  it('zooms by the wheel only while the chart is focused, and back', async () => {
    const { page } = await openPanel({ tab: 'frequency' });
    await chart(page).scrollIntoViewIfNeeded();
    const reset = page.getByRole('button', { name: texts.resetZoom });
    // what the page does with a turn of the wheel: nothing keeps it from scrolling
    await page.evaluate(() => {
      window.addEventListener('wheel', ({ defaultPrevented }) => {
        document.body.dataset.wheel = String(defaultPrevented);
      });
    });
    await chart(page).hover();
    await page.mouse.wheel(0, -120);
    await page.locator('body[data-wheel="false"]').waitFor({ state: 'attached' });
    expect(await reset.isVisible()).toBe(false);
    await chart(page).focus();
    await chart(page).hover();
    await page.mouse.wheel(0, -120);
    await page.locator('body[data-wheel="true"]').waitFor({ state: 'attached' });
    await reset.waitFor();
    await reset.click();
    await expect.poll(() => reset.isVisible()).toBe(false);
    await chart(page).focus();
    await page.keyboard.press('+');
    await reset.waitFor();
    await page.keyboard.press('0');
    await expect.poll(() => reset.isVisible()).toBe(false);
    await page.close();
  });

  it('saves a chart as numbers and as a picture', async () => {
    const { page, saved } = await openPanel({ tab: 'hankel' });
    await chart(page).waitFor();
    await page.getByRole('button', { name: texts.saveCsv }).click();
    await page.getByRole('button', { name: texts.savePng }).click();
    await expect.poll(async () => (await saved()).length).toBe(2);
    const [csv, png] = await saved();
    expect(csv).toMatchObject({ name: 'layer-hankel', extension: 'csv', encoding: 'utf8' });
    const lines = csv.content.trim().split('\n');
    expect(lines[0]).toContain('Number,Original,"Original, lower quartile"');
    expect(lines).toHaveLength(1 + 16);
    expect(lines[2].split(',').map(Number).slice(0, 2)).toEqual([2, 0.6]);
    expect(png).toMatchObject({ name: 'layer-hankel', extension: 'png', encoding: 'base64' });
    expect(Buffer.from(png.content, 'base64').subarray(1, 4).toString()).toBe('PNG');
    await page.close();
  });

  it('shows a fault in its place, with a way to try again', async () => {
    const { page, asked } = await openPanel({ tab: 'poles' }, { answers: { layerFigures: [] } });
    await page.getByText('Not answered in this test.').waitFor();
    const times = async (): Promise<number> =>
      (await asked()).filter(({ question }) => question === 'layerCharts').length;
    expect(await times()).toBe(1);
    await page.getByRole('button', { name: texts.tryAgain }).click();
    await expect.poll(times).toBe(2);
    await page.close();
  });

  it('takes names from a file for nothing but text', async () => {
    for (const name of [hostileNames[0], hostileNames[3], hostileNames[5]]) {
      const { page, acted, problems } = await openPanel(
        { layer: name, tab: 'order' },
        { state: checkpointState(hostileNames) },
      );
      await chart(page).waitFor();
      expect(await acted()).toEqual([]);
      expect(problems).toEqual([]);
      expect(await page.locator('#layer img, #layer a').count()).toBe(0);
      expect((await page.locator('#layer-heading').innerText()).length).toBeLessThan(300);
      await page.close();
    }
  });

  it('forgets a layer that the file no longer has', async () => {
    const { page, asked } = await openPanel({ layer: 'gone', tab: 'poles' });
    await page.getByRole('grid', { name: texts.layers }).waitFor();
    expect(await page.locator('#layer').isVisible()).toBe(false);
    expect((await asked()).filter(({ question }) => question === 'layerCharts')).toEqual([]);
    await page.close();
  });
});
