import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkpointTexts, reportTexts } from '../../src/protocol/texts';
import type { CheckpointState, ReportState } from '../../src/protocol/webview';
import { openBrowser } from '../../tools/vscode-host/host.mjs';
import { checkpointState, hostileNames, reportState } from './support/states';
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
    await page.getByText('3 of 3').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    expect(problems).toEqual([]);
    await page.screenshot({ path: path.join(screenshots, `checkpoint ${theme}.png`) });
    await page.close();
  });

  it('the report page breaks no accessibility rule and no policy', async () => {
    const { page, problems } = await report(reportState(names), { theme });
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
    const rows = page.locator('.rows .row');
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
    const current = page.locator('.rows .row[aria-selected="true"]');
    await page.getByRole('grid').focus();
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
    await first.page.getByRole('textbox').fill('t1');
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
    expect(await row.innerText()).toMatch(/128\s+64 → 16\s+16,512 → 4,224\s+4\.0e-2\s*certified/);
    await page.getByText('402,890 → 120,000').waitFor();
    await page.getByText('70.2 % less').waitFor();
    await page.getByText('6.0e-2').first().waitFor();
    await page.getByText('optimizer_states.0.state').waitFor();
    await page.getByRole('button', { name: reportTexts.reopen }).click();
    expect(await acted()).toEqual(['reopen']);
    await page.close();
  });
});
