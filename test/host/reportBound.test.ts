import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BoundRecord } from '../../src/protocol/bound';
import { reportTexts as texts } from '../../src/protocol/texts';
import { openBrowser } from '../../tools/vscode-host/host.mjs';
import { boundRecord } from './support/layerStates';
import { hostileNames, reportState } from './support/states';
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

const names = ['layers.0', 'layers.1', 'layers.2'];

function openReport(
  of: readonly string[],
  theme: (typeof themeNames)[number] = themeNames[0],
  changes: Partial<BoundRecord> = {},
): Promise<WebviewPage> {
  const state = reportState(of);
  if (state.kind !== 'ready') throw new Error('not ready');
  const report = { ...state.report, bound: { ...boundRecord(of), ...changes } };
  return openWebview(browser, { bundle: 'report', texts, state: { ...state, report }, theme });
}

describe.each(themeNames)('the bound in the theme %s', (theme) => {
  it('breaks no accessibility rule and no policy', async () => {
    const { page, problems } = await openReport(names, theme);
    const bound = page.locator('#output-bound');
    await bound.locator('canvas').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    expect(problems).toEqual([]);
    await bound.screenshot({ path: path.join(screenshots, `bound ${theme}.png`) });
    await page.close();
  });
});

describe('the bound of the output’s error', () => {
  it('says of each figure how it was obtained and what it holds for', async () => {
    const { page } = await openReport(names);
    const text = await page.locator('#output-bound .facts').innerText();
    expect(text).toContain('≤ 40');
    expect(text).toContain(texts.boundVacuous);
    expect(text).toContain('31 of 32 held-out sequences');
    expect(text).toContain('over 64 sequences; the largest of one 0.070');
    expect(await page.getByText(texts.noBound).count()).toBe(0);
    await page.close();
  });

  it('stacks the contributions from the first layer to the last, in words, as a table and a file', async () => {
    const { page, saved } = await openReport(names);
    const bound = page.locator('#output-bound');
    // 1/2, 1/4 and 1/8 of the certified bound: of their sum 57.1, 28.6 and 14.3 %
    expect(await bound.getByRole('slider').getAttribute('aria-label')).toContain(
      'certified: layers.0 57.1 %, layers.1 28.6 %, layers.2 14.3 %.',
    );
    const row = bound.locator('tbody tr').first();
    expect(await row.innerText()).toMatch(/layers\.0\s+1\s+50 %\s+20\s+1\.0\s+0\.015/);
    expect(await bound.locator('tbody tr').last().innerText()).toContain(texts.boundOutside);
    await bound.getByRole('button', { name: texts.saveCsv }).click();
    await bound.getByRole('button', { name: texts.savePng }).click();
    await expect.poll(async () => (await saved()).length).toBe(2);
    const [csv, png] = await saved();
    expect(csv.content.split('\n').slice(0, 2)).toEqual([
      'layer,certified,calibrated,measured',
      '"layers.0",20,1,0.015',
    ]);
    expect(Buffer.from(png.content, 'base64').subarray(1, 4).toString()).toBe('PNG');
    await page.close();
  });

  it('of a thousand layers draws those that add most, all others as one, and lists all', async () => {
    const many = Array.from({ length: 1000 }, (_, i) => `layers.${i}`);
    // the last layers add most: 1, 1/2, 1/3 … from the end
    const layers = boundRecord(many).layers.map((layer, i) => ({
      ...layer,
      certified: { ...layer.certified, contribution: 1 / (1000 - i) },
      calibrated: { ...layer.certified, contribution: 0.1 / (1000 - i) },
      measured: { telescoping: 0.01 / (1000 - i), alone: 0, firstOrder: 0 },
    }));
    const { page } = await openReport(many, themeNames[0], { layers });
    const bound = page.locator('#output-bound');
    const chart = bound.getByRole('slider');
    const whole = many.reduce((sum, _, i) => sum + 1 / (i + 1), 0);
    const first = many.slice(0, 20).reduce((sum, _, i) => sum + 1 / (i + 1), 0);
    const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
    const words = (await chart.getAttribute('aria-label')) ?? '';
    expect(words).toContain(`layers.999 ${percent(1 / whole)}`);
    expect(words).toContain(percent(1 - first / whole));
    expect(words).not.toContain('layers.979 ');
    // three rows of 20 layers, the others, and what is outside the layers
    expect(await chart.getAttribute('aria-valuemax')).toBe(String(3 * 22 - 1));
    expect(await bound.locator('tbody tr').count()).toBe(1001);
    expect((await bound.locator('.frame').boundingBox())?.height).toBeLessThan(700);
    await page.close();
  });

  it('takes names from a file for nothing but text', async () => {
    const { page, acted, problems } = await openReport(hostileNames);
    await page.locator('#output-bound canvas').waitFor();
    expect(await acted()).toEqual([]);
    expect(problems).toEqual([]);
    expect(await page.locator('img[src], a').count()).toBe(0);
    await page.close();
  });

  it('that was not derived is told with the reason', async () => {
    const state = reportState(names);
    if (state.kind !== 'ready') throw new Error('not ready');
    const report = { ...state.report, noBound: 'The decoder is not known.' };
    const { page } = await openWebview(browser, {
      ...{ bundle: 'report', texts, state: { ...state, report } },
    });
    await page.getByText('The decoder is not known.').waitFor();
    expect(await page.locator('#output-bound').count()).toBe(0);
    await page.close();
  });
});
