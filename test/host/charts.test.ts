import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comparisonTexts } from '../../src/protocol/comparison';
import { curveTexts } from '../../src/protocol/measureTexts';
import { checkpointTexts, reportTexts } from '../../src/protocol/texts';
import { openBrowser } from '../../tools/vscode-host/host.mjs';
import { comparedRun, comparisonState, measuredRun } from './support/comparisonStates';
import { boundRecord, chartsAnswer, curveAnswer } from './support/layerStates';
import { calibrationRecord, curveState } from './support/measureStates';
import { checkpointState, reportState } from './support/states';
import { openWebview } from './support/webviewPage';
import type { WebviewPage } from './support/webviewPage';

/** What every chart of every page can do, whatever it shows. */
let browser: Browser;

beforeAll(async () => {
  ({ browser } = await openBrowser());
});

afterAll(async () => {
  await browser.close();
});

const names = ['s4_layers.0', 's4_layers.1', 's4_layers.2'];
const texts = checkpointTexts; // the words about charts are the same on all pages

const pages = {
  checkpoint: (remembered: object = {}) =>
    openWebview(browser, {
      ...{ bundle: 'checkpoint', texts, state: checkpointState(names) },
      remembered: { layerPanel: { layer: names[0], tab: 'poles' }, ...remembered },
      answers: { layerCharts: chartsAnswer(), layerCurve: curveAnswer, layerFigures: [] },
    }),
  report: (remembered: object = {}) => {
    const state = reportState(names);
    if (state.kind !== 'ready') throw new Error('not ready');
    const more = { bound: boundRecord(names), calibration: calibrationRecord(names) };
    const shown = { ...state, report: { ...state.report, ...more } };
    return openWebview(browser, { bundle: 'report', texts: reportTexts, state: shown, remembered });
  },
  curve: (remembered: object = {}) =>
    openWebview(browser, { bundle: 'curve', texts: curveTexts, state: curveState, remembered }),
  comparison: (remembered: object = {}) => {
    const runs = [comparedRun(4), comparedRun(8, { source: 'other.pt' }), measuredRun];
    const state = comparisonState(runs);
    return openWebview(browser, {
      bundle: 'comparison',
      texts: comparisonTexts,
      state,
      remembered,
    });
  },
} as const;

/** Where the charts are: a page, the tab of its panel to press, the section of one chart, and a text of its table. */
const charts: readonly (readonly [
  page: keyof typeof pages,
  at: string,
  tab: string | undefined,
  cell: string,
])[] = [
  ['checkpoint', '#layer', texts.tabPoles, texts.original],
  ['checkpoint', '#layer', texts.tabHankel, '0.36'],
  ['checkpoint', '#layer', texts.tabImpulse, '0.98'],
  ['checkpoint', '#layer', texts.tabFrequency, '0.95'],
  ['checkpoint', '#layer', texts.tabOrder, '0.125'],
  ['checkpoint', '#layer', texts.tabConvergence, '0.8'],
  ['report', '#output-bound', undefined, 's4_layers.1'],
  ['report', '#chart', undefined, 's4_layers.1'],
  ['report', '#tried', undefined, '91.3 % [90.7 – 91.9 %]'],
  ['report', '#convergence', undefined, '0.985'],
  ['curve', '#tradeoff', undefined, '91.3 % [90.7 – 91.9 %]'],
  ['comparison', '#chart', undefined, 'other.pt'],
];

/** Charts with points of more than a line, at which a pointer would have to aim. */
const scattered: readonly string[] = [texts.tabPoles, texts.tabOrder, 'comparison'];

describe.each(Object.keys(pages) as (keyof typeof pages)[])('the charts of the page %s', (name) => {
  it('can be walked through, zoomed, saved and read as tables', async () => {
    const view = await pages[name]();
    const { page, problems } = view;
    await page.evaluate(() => {
      window.addEventListener('wheel', ({ defaultPrevented }) => {
        document.body.dataset.wheel = String(defaultPrevented);
      });
    });
    for (const [, at, tab, cell] of charts.filter(([of]) => of === name)) {
      if (tab !== undefined) await page.getByRole('tab', { name: tab, exact: true }).click();
      const place = page.locator(at);
      const chart = place.getByRole('slider');
      await chart.locator('canvas[style]').waitFor(); // drawn
      const what = `${name} ${tab ?? at}`;
      if (!scattered.includes(tab ?? name)) await hovers(page, chart, what);
      await readsOut(page, chart, what);
      await zooms(page, place, chart, what);
      await followsTheme(page, chart, what);
      await saves(view, place, what);
      await differs(place, what);
      await place.locator('summary').click();
      await place.locator('details').getByText(cell, { exact: true }).first().waitFor();
    }
    expect(problems).toEqual([]);
    await page.close();
  });
});

/** What can be picked on a page, and where: the section of the chart, the list, the index of another choice. */
const pickers: readonly (readonly [
  page: keyof typeof pages,
  at: string,
  list: string,
  index: number,
])[] = [
  ['report', '#convergence', '#convergence-layer', 2],
  ['report', '#tried', '#tradeoff-quantity', 1],
  ['curve', '#tradeoff', '#tradeoff-quantity', 2],
  ['curve', '#tradeoff', '#tradeoff-over', 1],
  ['comparison', '#chart', '#up', 1],
  ['comparison', '#chart', '#across', 2],
];

describe.each(['report', 'curve', 'comparison'] as const)('the page %s opened again', (name) => {
  it('shows what was picked, the zoom, the tables that were open, and the place', async () => {
    const first = await pages[name]();
    const own = pickers.filter(([of]) => of === name);
    for (const [, , list, index] of own) await first.page.locator(list).selectOption({ index });
    await first.page.locator(own[0][1]).getByRole('slider').focus();
    await first.page.keyboard.press('+');
    await first.page.locator(own[0][1]).locator('summary').click();
    const place = async (): Promise<number> => {
      await first.page.evaluate(() => {
        window.scrollTo(0, 120); // nothing moves before the table that was opened has its room
      });
      return Reflect.get((await first.remembered()) as object, 'scroll') as number;
    };
    await expect.poll(place, { timeout: 20_000 }).toBeGreaterThan(0);
    const scrolled = await place();
    const told = (page: Page): Promise<(string | null)[]> =>
      Promise.all(
        own.map(([, at]) => page.locator(at).getByRole('slider').getAttribute('aria-label')),
      );
    const before = await told(first.page);
    const zooms = async ({ remembered }: typeof first): Promise<object> =>
      Reflect.get((await remembered()) as object, 'zooms') as object;
    const seen = await zooms(first);
    expect(Object.keys(seen)).toHaveLength(1);
    const second = await pages[name]((await first.remembered()) as object);
    const { page } = second;
    expect(await told(page)).toEqual(before);
    await page.locator(own[0][1]).getByRole('button', { name: 'Reset Zoom' }).waitFor();
    expect(JSON.stringify(await zooms(second), rounded)).toBe(JSON.stringify(seen, rounded));
    for (const [, , list, index] of own) {
      const chosen = (select: HTMLSelectElement): number => select.selectedIndex;
      expect(await page.locator(list).evaluate(chosen), list).toBe(index);
    }
    await page.locator(own[0][1]).locator('details[open] tbody tr').first().waitFor();
    await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(scrolled);
    await Promise.all([first.page.close(), page.close()]);
  });
});

/** It draws what the pointer is over. */
async function hovers(page: Page, chart: Locator, what: string): Promise<void> {
  const drawn = (): Promise<string> =>
    chart.locator('canvas').evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  await chart.scrollIntoViewIfNeeded();
  await page.mouse.move(0, 0);
  const before = await drawn();
  expect(await drawn(), what).toBe(before); // nothing moves by itself
  const { x = 0, y = 0, width = 0, height = 0 } = (await chart.boundingBox()) ?? {};
  let down = 0; // bars lie apart from each other
  const over = async (): Promise<string> => {
    down = (down + 0.07) % 1;
    await page.mouse.move(x + 0.3 * width, y + down * height);
    return drawn();
  };
  await expect.poll(over, { message: what, interval: 20 }).not.toBe(before);
  await page.mouse.move(0, 0);
  await expect.poll(drawn, { message: what }).toBe(before);
}

/** Ranges of logarithmic axes are not the same to the last digit. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(9)) : value;
}

/** It says in words what it shows, and each place of it. */
async function readsOut(page: Page, chart: Locator, what: string): Promise<void> {
  expect((await chart.getAttribute('aria-label'))?.length ?? 0, what).toBeGreaterThan(20);
  await chart.focus();
  await page.keyboard.press('Home');
  const first = await chart.getAttribute('aria-valuetext');
  await page.keyboard.press('ArrowRight');
  const second = await chart.getAttribute('aria-valuetext');
  expect(first, what).not.toBe('');
  expect(second, what).not.toBe(first);
}

/** The wheel zooms it only while it is focused; a button shows everything again. */
async function zooms(page: Page, place: Locator, chart: Locator, what: string): Promise<void> {
  const reset = place.getByRole('button', { name: texts.resetZoom });
  const wheel = async (caught: boolean): Promise<void> => {
    await page.evaluate(() => delete document.body.dataset.wheel);
    await chart.hover();
    await page.mouse.wheel(0, -1);
    await page.locator(`body[data-wheel="${String(caught)}"]`).waitFor({ state: 'attached' });
  };
  await chart.blur();
  await wheel(false);
  expect(await reset.isVisible(), what).toBe(false);
  await chart.focus();
  await wheel(true);
  await reset.click();
  await reset.waitFor({ state: 'hidden' });
}

/** It is drawn in the colours of the theme: other colours make another picture. */
async function followsTheme(page: Page, chart: Locator, what: string): Promise<void> {
  await chart.blur();
  const pixels = (): Promise<string> =>
    chart.locator('canvas').evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  const before = await pixels();
  const set = (value: string): Promise<void> =>
    page.evaluate((colour) => {
      document.documentElement.style.setProperty('--vscode-charts-blue', colour);
    }, value);
  await set('#123456');
  await expect.poll(pixels, { message: what }).not.toBe(before);
  await set('#59a4f9');
}

async function saves({ saved }: WebviewPage, place: Locator, what: string): Promise<void> {
  const count = (await saved()).length;
  await place.getByRole('button', { name: texts.saveCsv }).click();
  await place.getByRole('button', { name: texts.savePng }).click();
  await expect.poll(async () => (await saved()).length, { message: what }).toBe(count + 2);
  const [csv, png] = (await saved()).slice(count);
  expect(csv.content.trim().split('\n').length, what).toBeGreaterThan(2);
  expect(Buffer.from(png.content, 'base64').subarray(1, 4).toString(), what).toBe('PNG');
}

/** Its series differ by more than their colours: by form, dashes or marker. */
async function differs(place: Locator, what: string): Promise<void> {
  const shapes = await place
    .locator('.legend svg')
    .evaluateAll((all) =>
      all.map((drawn) =>
        [...drawn.children]
          .map((one) => `${one.getAttribute('d')} ${one.getAttribute('stroke-dasharray')}`)
          .join(),
      ),
    );
  expect(new Set(shapes).size, what).toBe(shapes.length);
}
