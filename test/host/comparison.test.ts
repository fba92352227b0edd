import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comparisonTexts } from '../../src/protocol/comparison';
import type { ComparedRun } from '../../src/protocol/comparison';
import { openBrowser } from '../../tools/vscode-host/host.mjs';
import {
  comparedRun as run,
  comparisonState as state,
  measuredRun as measured,
} from './support/comparisonStates';
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

function comparison(
  runs: readonly ComparedRun[],
  theme?: (typeof themeNames)[number],
): Promise<WebviewPage> {
  const options = { bundle: 'comparison', texts: comparisonTexts, state: state(runs) } as const;
  return openWebview(browser, { ...options, ...(theme === undefined ? {} : { theme }) });
}

describe('the comparison of runs', () => {
  it.each(themeNames)('breaks no accessibility rule and no policy in %s', async (theme) => {
    const runs = [run(4), run(8, { source: 'other.pt' }), measured];
    const { page, problems } = await comparison(runs, theme);
    await page.getByText('−0.3 points').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    expect(problems).toEqual([]);
    const shot = path.join(screenshots, `comparison ${theme}.png`);
    await page.screenshot({ path: shot, fullPage: true });
    await page.close();
  });

  it('marks the best of each column in words too, and says what the chart shows', async () => {
    const { page } = await comparison([run(4), run(8)]);
    const marks = page.getByRole('img', { name: comparisonTexts.best, exact: true });
    expect(await marks.count()).toBe(3); // parameters, bytes, error
    const label = await page.getByRole('slider').getAttribute('aria-label');
    expect(label).toContain('Order 4: 4000, 0.2; Order 8: 8000, 0.1');
    await page.close();
  });

  it('asks the host for reports, and to leave out a run, by its place', async () => {
    const { page, acted } = await comparison([run(4), run(8)]);
    await page.getByRole('button', { name: 'Order 8', exact: true }).click();
    await page.getByRole('button', { name: 'Take Order 4 out of the comparison' }).focus();
    await page.keyboard.press('Enter');
    expect(await acted()).toEqual(['openReport 1', 'remove 0']);
    await page.close();
  });

  it('is saved as numbers, with texts that no spreadsheet computes', async () => {
    const { page, saved } = await comparison([run(4, { note: '=1+1 "x"' }), measured]);
    await page.getByRole('button', { name: comparisonTexts.saveAllCsv }).click();
    await expect.poll(async () => (await saved()).length).toBe(1);
    const lines = (await saved())[0].content.split('\n');
    expect(lines[1]).toContain(`"'=1+1 ""x"""`);
    expect(lines[1]).toContain(',64,4,100000,4000,16000,0.2,"certified",');
    expect(lines[2]).toContain(',0.9,0.88,0.92,-0.003,0.05,0.04,0.06,16');
    await page.close();
  });

  it('remembers which reports it showed', async () => {
    const { page, remembered } = await comparison([run(4), run(8)]);
    await expect.poll(remembered).toMatchObject({
      reports: ['/models/net.order4.pt.ssmreport.json', '/models/net.order8.pt.ssmreport.json'],
    });
    await page.close();
  });

  it('shows names from files only ever as text', async () => {
    const runs = hostileNames.map((name, i) =>
      run(i + 1, { label: name, result: name, note: name }),
    );
    const { page, problems, acted } = await comparison(runs);
    await page.getByText(hostileNames[0]).first().waitFor();
    await page.waitForTimeout(200);
    expect(await acted()).toEqual([]);
    expect(problems).toEqual([]);
    expect(await page.locator('img[src], a').count()).toBe(0);
    await page.close();
  });
});
