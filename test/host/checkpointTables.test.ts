import path from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TensorStatistics } from '../../src/protocol/inspection';
import { checkpointTexts } from '../../src/protocol/texts';
import type { CheckpointState } from '../../src/protocol/webview';
import { openBrowser } from '../../tools/vscode-host/host.mjs';
import {
  figures,
  network,
  reduction,
  statistics,
  three,
  withLayers,
} from './support/checkpointStates';
import { hostileNames } from './support/states';
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

async function open(
  state: CheckpointState,
  options: Partial<Parameters<typeof openWebview>[1]> = {},
): Promise<WebviewPage> {
  const answers = { layerFigures: figures, copy: null, network };
  const texts = checkpointTexts;
  return openWebview(browser, { bundle: 'checkpoint', texts, state, answers, ...options });
}

const layers = (page: Page): Locator => page.locator('#layers');
const rows = (page: Page): Locator => layers(page).locator('.rows .row');
const names = async (page: Page): Promise<string[]> =>
  rows(page).evaluateAll((all) => all.map((row) => row.firstElementChild?.textContent ?? ''));

describe.each(themeNames)('the table of layers in the theme %s', (theme) => {
  it('with figures, a compression and statistics breaks no rule and no policy', async () => {
    const state = withLayers(three, { reductions: [reduction], statistics });
    const { page, problems } = await open(state, { theme });
    await page.getByText('0.999987').waitFor();
    await page.getByText('⚠ 1, 1').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    expect(problems).toEqual([]);
    await page.screenshot({ path: path.join(screenshots, `layers ${theme}.png`) });
    await page.close();
  });
});

describe('the table of layers', () => {
  it('tells figures as they come, faults of single layers in a tooltip', async () => {
    const { page, asked } = await open(withLayers(three, { reductions: [reduction] }));
    await page.getByTitle('Decays by a factor e in 99.5 steps').waitFor();
    expect(await rows(page).nth(0).innerText()).toContain('1.23');
    expect(await rows(page).nth(2).locator('[title="Pole 3 does not decay."]').count()).toBe(2);
    expect(await asked()).toContainEqual({
      question: 'layerFigures',
      params: { layers: three },
    });
    expect(await asked()).not.toContainEqual(expect.objectContaining({ question: 'statistics' }));
    expect(await rows(page).nth(1).innerText()).toMatch(/≤ 0\.025\s+70 %/);
    await page.getByText(reduction.report).waitFor();
    await page.getByText('Network: state-spaces example.py (S4Model)').waitFor();
    await page.close();
  });

  it('is sorted by any column, up, down and back, from the keyboard too', async () => {
    const { page } = await open(withLayers(three, { figures }));
    const heading = (name: string): Locator =>
      layers(page).getByRole('columnheader', { name, exact: true });
    await rows(page).nth(2).waitFor();
    await heading(checkpointTexts.norm).getByRole('button').click();
    expect(await names(page)).toEqual(['layers.1', 'layers.0', 'layers.2']);
    expect(await heading(checkpointTexts.norm).getAttribute('aria-sort')).toBe('ascending');
    await page.keyboard.press('Enter');
    expect(await names(page)).toEqual(['layers.0', 'layers.1', 'layers.2']);
    expect(await heading(checkpointTexts.norm).getAttribute('aria-sort')).toBe('descending');
    await heading(checkpointTexts.layer).getByRole('button').click();
    await page.keyboard.press('Enter');
    expect(await names(page)).toEqual(['layers.2', 'layers.1', 'layers.0']);
    await page.keyboard.press('Enter');
    expect(await names(page)).toEqual(three);
    await page.close();
  });

  it('takes over a compression that becomes known, and keeps its place', async () => {
    const state = withLayers(three, { figures });
    const { page, show } = await open(state);
    await rows(page).nth(1).click();
    await show({ ...state, reductions: [reduction] });
    await page.getByText('≤ 0.013').waitFor();
    const current = layers(page).locator('.row[aria-selected="true"]');
    expect(await current.innerText()).toContain('layers.1');
    await page.close();
  });

  it('is copied as CSV and as Markdown, as it is searched and sorted, hostile names unharmed', async () => {
    const hostile = withLayers(['=cmd()', 'a|b,"c"', 'plain'], { figures: [] });
    const { page, asked } = await open(hostile, { answers: { layerFigures: [], copy: null } });
    await rows(page).nth(2).waitFor();
    const copied = async (): Promise<string[]> =>
      (await asked()).flatMap(({ question, params }) =>
        question === 'copy' ? [(params as { text: string }).text] : [],
      );
    await page.getByRole('button', { name: checkpointTexts.copyCsv }).first().click();
    await page.getByRole('button', { name: checkpointTexts.copyMarkdown }).first().click();
    await expect.poll(async () => (await copied()).length).toBe(2);
    const [csv, markdown] = await copied();
    const lines = csv.trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/^Layer,Family,Order,Channels,/);
    expect(lines[1]).toMatch(/^'=cmd\(\),S4D \(minimal\),6,8,.*,784,shared by channels$/);
    expect(lines[2]).toMatch(/^"a\|b,""c""",/);
    expect(markdown.split('\n')[3]).toContain(String.raw`a\|b,"c"`);
    await page.close();
  });

  it('shows hostile names as text', async () => {
    const { page, problems } = await open(withLayers(hostileNames));
    await rows(page).nth(7).waitFor();
    expect(problems).toEqual([]);
    expect(await page.locator('img, a').count()).toBe(0);
    expect(await names(page)).toContain('left\\u202eright to left\\u2066');
    await page.close();
  });
});

describe('a table wider than the page', () => {
  it.each([700, 1000, 1400])('of %i pixels keeps the names in view', async (width) => {
    const state = withLayers(three, { reductions: [reduction] });
    const { page } = await open(state, { width });
    const grid = layers(page).locator('[role="grid"]');
    await rows(page).first().waitFor();
    await grid.evaluate((table) => {
      table.scrollLeft = 10_000;
    });
    const cells = [rows(page).first(), grid.locator('.head')].map((row) =>
      row.locator('> :first-child'),
    );
    const left = (await grid.boundingBox())?.x ?? NaN;
    const from = (cell: Locator) => async () => (await cell.boundingBox())?.x;
    for (const cell of cells) {
      await expect.poll(from(cell)).toBeGreaterThan(left - 1);
      await expect.poll(from(cell)).toBeLessThan(left + 5);
    }
    if (width === 1400) return page.close(); // all of it is in view
    const back = await cells[0].evaluate((cell) => getComputedStyle(cell).backgroundColor);
    expect(back).toMatch(/^rgb\(/); // nothing shines through
    await page.close();
  });
});

describe('five thousand layers', () => {
  const many = Array.from({ length: 5000 }, (_, i) => `blocks.${i}.kernel`);

  it('are but the rows in view, searched, and walked through with the keyboard', async () => {
    const { page } = await open(withLayers(many), { answers: {} });
    await layers(page).getByText('5,000 of 5,000').waitFor();
    expect(await rows(page).count()).toBeLessThan(120);
    const current = layers(page).locator('.row[aria-selected="true"]');
    await layers(page).getByRole('grid').focus();
    await page.keyboard.press('End');
    expect(await current.innerText()).toContain('blocks.4999.kernel');
    expect(await current.isVisible()).toBe(true);
    expect(await rows(page).count()).toBeLessThan(120);
    await page.getByRole('textbox', { name: checkpointTexts.searchLayers }).fill('blocks.499');
    await layers(page).getByText('11 of 5,000').waitFor();
    await page.close();
  });

  it('are computed when asked for, and given up when asked to', async () => {
    const costly = withLayers(many);
    const large = costly.summary.layers.map((layer) => ({ ...layer, channels: 512, slots: 64 }));
    const state = { ...costly, summary: { ...costly.summary, layers: large } };
    const { page, asked, problems } = await open(state, { unanswered: true });
    await layers(page).getByText('5,000 of 5,000').waitFor();
    expect(await asked()).toEqual([{ question: 'network', params: null }]);
    await page.getByRole('button', { name: checkpointTexts.computeFigures }).click();
    await page.getByText('Computing, 0 %').waitFor();
    await page.getByRole('button', { name: checkpointTexts.cancel }).click();
    await page.getByRole('button', { name: checkpointTexts.computeFigures }).waitFor();
    expect(problems).toEqual([]);
    await page.close();
  });
});

describe('the statistics of tensors', () => {
  it('are asked for those that are shown, and shown beside them', async () => {
    const statistics: TensorStatistics[] = [
      { name: 'encoder.weight', fault: 'Quantized tensors cannot be read or written.' },
      {
        name: 'decoder.weight',
        summary: { finite: 5, nan: 0, infinite: 0, least: -2, greatest: 3, mean: 0.25, norm: 4.5 },
      },
    ];
    const { page, asked } = await open(withLayers([]), { answers: { statistics } });
    const tensors = page.locator('#tensors');
    await tensors.getByRole('button', { name: checkpointTexts.computeStatistics }).click();
    await tensors.getByText('0.25', { exact: true }).waitFor();
    expect(await asked()).toEqual([
      { question: 'statistics', params: { tensors: ['encoder.weight', 'decoder.weight'] } },
    ]);
    expect(await tensors.locator('.rows .row').nth(1).innerText()).toMatch(
      /-2\s+3\s+0\.25\s+4\.5\s+0, 0/,
    );
    expect(await tensors.locator('[title^="Quantized"]').count()).toBe(5);
    await page.close();
  });

  it('of a large tensor can be given up; what is not finite is marked with a sign too', async () => {
    const large = withLayers([]);
    const [first, second] = large.summary.tensors;
    const tensors = [{ ...first, shape: [65_536, 32_768] }, second];
    const { page, asked, show } = await open(
      { ...large, summary: { ...large.summary, tensors } },
      { unanswered: true },
    );
    const section = page.locator('#tensors');
    const compute = section.getByRole('button', { name: checkpointTexts.computeStatistics });
    await compute.click();
    await section.getByText('Computing, 0 %').waitFor();
    await section.getByRole('button', { name: checkpointTexts.cancel }).click();
    await compute.waitFor();
    // a large one goes by itself, so that giving it up is heard and others are known before it
    expect(await asked()).toEqual([
      { question: 'statistics', params: { tensors: ['encoder.weight'] } },
    ]);
    await show(withLayers([], { statistics, revision: 2 }));
    const row = section.locator('.rows .row', { hasText: 'decoder.weight' });
    await row.getByText('⚠ 1, 1').waitFor();
    await page.close();
  });
});
