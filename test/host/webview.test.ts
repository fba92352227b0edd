import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkpointTexts, reportTexts } from '../../src/protocol/texts';
import type { CheckpointState, ReportState } from '../../src/protocol/webview';
import { openBrowser } from '../../tools/vscode-host/host.mjs';
import { checkpointState, fallingCurve, hostileNames, reportState } from './support/states';
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

type Options = Partial<Parameters<typeof openWebview>[1]>;

async function checkpoint(state: CheckpointState, options: Options = {}): Promise<WebviewPage> {
  const texts = checkpointTexts;
  const view = await openWebview(browser, { bundle: 'checkpoint', texts, state, ...options });
  return view;
}

async function report(state: ReportState, options: Options = {}): Promise<WebviewPage> {
  const view = await openWebview(browser, {
    bundle: 'report',
    texts: reportTexts,
    state,
    ...options,
  });
  return view;
}

const names = ['layers.0.kernel.C', 'layers.1.kernel.C', 'encoder.weight'];

describe.each(themeNames)('in the theme %s', (theme) => {
  it('the checkpoint page breaks no accessibility rule and no policy', async () => {
    const { page, problems } = await checkpoint(checkpointState(names), { theme });
    await page.locator('#tensors').getByText('3 of 3').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    expect(problems).toEqual([]);
    await page.screenshot({ path: path.join(screenshots, `checkpoint ${theme}.png`) });
    await page.close();
  });

  it('the report page breaks no accessibility rule and no policy', async () => {
    const { page, problems } = await report(reportState(names), { theme });
    await page.getByText(reportTexts.showTable).last().click();
    expect(await seriousViolations(page)).toEqual([]);
    expect(problems).toEqual([]);
    await page.screenshot({ path: path.join(screenshots, `report ${theme}.png`), fullPage: true });
    await page.close();
  });

  it('the page of a broken file breaks no accessibility rule', async () => {
    const { page, problems } = await checkpoint(
      {
        kind: 'failed',
        fileName: 'broken.pt',
        revision: 1,
        outdated: 'changed',
        fault: { reason: 'bad-file', message: 'The zip directory is cut off.', place: 'byte 712' },
      },
      { theme },
    );
    await page.getByText('The zip directory is cut off.').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    expect(problems).toEqual([]);
    await page.close();
  });
});

describe('names from a file', () => {
  it.each(['checkpoint', 'report'] as const)('are only ever text in the %s page', async (which) => {
    const view =
      which === 'checkpoint'
        ? await checkpoint(checkpointState(hostileNames))
        : await report(reportState(hostileNames));
    const { page, problems, acted } = view;
    await page.getByText(hostileNames[0]).first().waitFor();
    await page.waitForTimeout(200);
    expect(await acted()).toEqual([]);
    expect(problems).toEqual([]);
    expect(await page.locator('img[src], a').count()).toBe(0);
    const text = await page.locator('main').innerText();
    expect(text).toContain('left\\u202eright to left\\u2066');
    expect(text).toContain('line\\u000abreak\\u0000null');
    expect(text.length).toBeLessThan(10_000);
    await page.close();
  });
});

describe('the list of tensors', () => {
  const many = Array.from({ length: 50_000 }, (_, i) => `block.${i}.weight`);

  it('holds but the rows in view of 50,000, and reaches the last', async () => {
    const { page } = await checkpoint(checkpointState(many));
    await page.getByText('50,000 of 50,000').waitFor();
    const rows = page.locator('#tensors .rows .row');
    expect(await rows.count()).toBeLessThan(120);
    await page.evaluate(() => {
      window.scrollTo(0, document.body.scrollHeight);
    });
    await page.getByText('block.49999.weight', { exact: true }).waitFor();
    expect(await rows.count()).toBeLessThan(120);
    await page.close();
  });

  it('is searched by name, type and shape', async () => {
    const { page } = await checkpoint(checkpointState(many));
    const search = page.getByRole('textbox', { name: checkpointTexts.search });
    await search.fill('block.4999 float32 64x32');
    await page.getByText('11 of 50,000').waitFor();
    await search.fill('no such tensor');
    await page.getByText(checkpointTexts.noneFound).waitFor();
    await page.close();
  });

  it('is walked through with the keyboard alone', async () => {
    const { page } = await checkpoint(checkpointState(many));
    const current = page.locator('#tensors .rows .row[aria-selected="true"]');
    await page.locator('#tensors').getByRole('grid').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect(await current.innerText()).toContain('block.2.weight');
    await page.keyboard.press('End');
    expect(await current.innerText()).toContain('block.49999.weight');
    expect(await current.isVisible()).toBe(true);
    await page.keyboard.press('Home');
    expect(await current.innerText()).toContain('block.0.weight');
    await page.close();
  });
});

describe('the page', () => {
  it('asks the host for what its buttons say, from the keyboard too', async () => {
    const { page, acted } = await checkpoint(checkpointState(names));
    await page.getByRole('button', { name: checkpointTexts.openReport }).click();
    await page.getByRole('button', { name: checkpointTexts.compress }).focus();
    await page.keyboard.press('Enter');
    expect(await acted()).toEqual(['openReport', 'compress']);
    await page.close();
  });

  it('offers to reload a file that changed, without losing the place', async () => {
    const state = checkpointState(Array.from({ length: 500 }, (_, i) => `t${i}`));
    const { page, acted, show } = await checkpoint(state);
    await page.getByText('500 of 500').waitFor();
    await page.evaluate(() => {
      window.scrollTo(0, 5000);
    });
    await show({ ...state, outdated: 'changed' });
    const reload = page.getByRole('button', { name: checkpointTexts.reload });
    await reload.waitFor();
    expect(await page.evaluate(() => window.scrollY)).toBeGreaterThan(4900);
    await reload.click();
    expect(await acted()).toEqual(['reload']);
    await page.close();
  });

  it('comes back to the search and the place where it was left', async () => {
    const state = checkpointState(Array.from({ length: 2000 }, (_, i) => `t${i}`));
    const first = await checkpoint(state);
    await first.page.getByRole('textbox', { name: checkpointTexts.search }).fill('t1');
    await first.page.getByText('1,111 of 2,000').waitFor();
    await first.page.mouse.wheel(0, 3000);
    await expect.poll(() => first.remembered()).toMatchObject({ search: 't1' });
    await expect
      .poll(async () => ((await first.remembered()) as { scroll: number }).scroll)
      .toBeGreaterThan(1000);
    const remembered = (await first.remembered()) as { scroll: number };
    await first.page.close();

    const second = await checkpoint(state, { remembered });
    await second.page.getByText('1,111 of 2,000').waitFor();
    await expect.poll(() => second.page.evaluate(() => window.scrollY)).toBe(remembered.scroll);
    await second.page.close();
  });

  it('says plainly that a file has no state-space layer, and offers no compression', async () => {
    const state = checkpointState(names, { canCompress: false });
    if (state.kind !== 'ready') throw new Error('not ready');
    const { page } = await checkpoint({ ...state, summary: { ...state.summary, layers: [] } });
    await page.getByText(checkpointTexts.noLayers).waitFor();
    expect(await page.getByRole('button', { name: checkpointTexts.compress }).count()).toBe(0);
    await page.close();
  });

  it('shows the figures of a report', async () => {
    const { page, acted } = await report(reportState(names));
    const row = page.locator('#layers tbody tr').nth(1);
    expect(await row.innerText()).toMatch(/128\s+64 → 16\s+16,512 → 4,224\s+0\.040\s*certified/);
    await page.getByText('402,890 → 120,000').waitFor();
    await page.getByText('70.2 % less').waitFor();
    await page.getByText('0.060').first().waitFor();
    await page.getByText('optimizer_states.0.state').waitFor();
    await page.getByRole('button', { name: reportTexts.reopen }).click();
    expect(await acted()).toEqual(['reopen']);
    await page.close();
  });
});

describe('the chart of the convergence', () => {
  const chart = (page: Page) => page.locator('#convergence canvas');
  const slider = (page: Page) => page.locator('#convergence').getByRole('slider');
  const button = (page: Page, name: string) =>
    page.locator('#convergence').getByRole('button', { name });
  const pixels = (page: Page): Promise<string> =>
    chart(page).evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());

  /** Whether some pixel of the chart has exactly this colour. */
  const hasColour = (page: Page, rgb: readonly number[]): Promise<boolean> =>
    chart(page).evaluate((canvas: HTMLCanvasElement, [red, green, blue]) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      for (let i = 0; i < data.length; i += 4) {
        if (data[i] === red && data[i + 1] === green && data[i + 2] === blue)
          return data[i + 3] > 0;
      }
      return false;
    }, rgb);

  it('says in words what it shows, of all layers and of one', async () => {
    const { page } = await report(reportState(names));
    // 0.985 ** 100 = 0.2206, 0.92 ** 100 = 2.393e-4
    expect(await slider(page).getAttribute('aria-label')).toContain(
      'Mean 1 at the start, 0.221 after 100 iterations; standard deviation 0 at the start',
    );
    const before = await pixels(page);
    await page
      .getByRole('combobox', { name: reportTexts.convergenceLayer, exact: true })
      .selectOption({ label: names[1] });
    expect(await slider(page).getAttribute('aria-label')).toContain('2.39 × 10⁻⁴ after 100');
    await expect.poll(() => pixels(page)).not.toBe(before);
    expect(await hasColour(page, [0xcc, 0xcc, 0xcc]), 'labels in the colour of the theme').toBe(
      true,
    );
    const shot = path.join(screenshots, 'convergence logarithmic.png');
    await page.locator('#convergence').screenshot({ path: shot });
    await page.close();
  });

  it('is there as a table too, for the layer that is picked', async () => {
    const { page } = await report(reportState(names));
    const rows = page.locator('#convergence tbody tr');
    expect(await rows.count()).toBe(0);
    await page.locator('#convergence').getByText(reportTexts.showTable).click();
    await rows.nth(100).waitFor();
    expect(await rows.nth(1).innerText()).toMatch(/^1\s+0\.985\s+0\.394$/);
    await page
      .getByRole('combobox', { name: reportTexts.convergenceLayer, exact: true })
      .selectOption({ label: names[0] });
    expect(await rows.nth(1).innerText()).toMatch(/^1\s+0\.97\s+0\.388$/);
    await page.close();
  });

  it('is saved as numbers and as a picture', async () => {
    const { page, saved, problems } = await report(reportState(names));
    await page
      .getByRole('combobox', { name: reportTexts.convergenceLayer, exact: true })
      .selectOption({ label: names[2] });
    await button(page, reportTexts.saveCsv).click();
    await button(page, reportTexts.savePng).click();
    await expect.poll(async () => (await saved()).length).toBe(2);
    const [csv, png] = await saved();
    expect(csv).toMatchObject({ name: 'convergence', extension: 'csv', encoding: 'utf8' });
    const lines = csv.content.split('\n');
    expect(lines[0]).toBe('iteration,mean,standard_deviation');
    expect(lines).toHaveLength(1 + 101 + 1);
    const { mean, deviation } = fallingCurve(0.87, 100);
    expect(lines[101].split(',').map(Number)).toEqual([100, mean[100], deviation[100]]);
    expect(png).toMatchObject({ name: 'convergence', extension: 'png', encoding: 'base64' });
    const bytes = Buffer.from(png.content, 'base64');
    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    expect(bytes.readUInt32BE(16)).toBeGreaterThan(1000); // twice as many pixels as on the page
    expect(problems).toEqual([]);
    await page.close();
  });

  it('needs no picker for one layer, and is left out where no solver iterated', async () => {
    const state = reportState(names);
    if (state.kind !== 'ready') throw new Error('not ready');
    const { convergence, ...rest } = state.report;
    if (convergence === undefined) throw new Error('no curve');
    const one = { ...rest, convergence: { ...convergence, layers: [] } };
    const { page, show } = await report({ ...state, report: one });
    await chart(page).waitFor();
    expect(await page.locator('select').count()).toBe(0);
    await show({ ...state, revision: 2, report: rest });
    await expect.poll(() => page.locator('#convergence').count()).toBe(0);
    await page.close();
  });
});
