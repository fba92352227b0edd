import type { Frame, Locator, Page } from 'playwright-core';
import type { Host } from '../../tools/vscode-host/host.mjs';
import { small } from './files';

/** Notes in the top frame when a click came; runs there. */
export function watchClicks(): void {
  addEventListener('mousedown', () => Object.assign(globalThis, { clickedAt: Date.now() }), true);
}

/**
 * What became of a page of ours, by the clock of the machine; runs in each frame, again and again. The first time it
 * begins to look at every frame that is drawn: scripts from before VS Code has written the page do not outlive that.
 */
function lookAt(): { painted: number; began: number; heading: string }[] {
  const root = document.querySelector<HTMLElement>('main#root');
  if (root === null) return [];
  const look = (): void => {
    if (document.querySelector('#layers .rows .row') === null) requestAnimationFrame(look);
    else requestAnimationFrame(() => (root.dataset.painted = String(Date.now())));
  };
  if (root.dataset.painted === undefined) {
    root.dataset.painted = '';
    look();
  }
  const painted = Number(root.dataset.painted);
  const heading = document.querySelector('h1')?.textContent ?? '';
  return painted > 0 ? [{ painted, heading, began: performance.timeOrigin }] : [];
}

export interface Measured {
  /** Milliseconds from the click to the first painted row. */
  readonly painted: number;
  /** And to the begin of our page, before which VS Code makes the webview. */
  readonly page: number;
}

const pause = 5;
const settle = 4000;

/** A window of the workbench, once it knows what our extension contributes. */
export async function openWindow(page: Page, host: Host): Promise<void> {
  await page.goto(host.url());
  const entry = page.locator('.monaco-menu .action-item', { hasText: 'Compress SSM' }).first();
  for (let known = false; !known;) {
    await file(page, small).click({ button: 'right' });
    known = await entry.waitFor({ timeout: 2000 }).then(
      () => true,
      () => false,
    );
    await page.keyboard.press('Escape');
  }
  await page.waitForTimeout(settle); // what else a window does at its start is over
  await closeEditors(page); // of the window before
}

export function file(page: Page, name: string): Locator {
  return page.locator(`.explorer-folders-view .monaco-list-row[aria-label^="${name}"]`);
}

/** Frames of our pages that there are. */
export async function pagesOf(page: Page): Promise<Frame[]> {
  const found = await Promise.all(
    page.frames().map(async (frame) => {
      const root = await frame.$('main#root').catch(() => null);
      return root === null ? [] : [frame];
    }),
  );
  return found.flat();
}

/** Clicks on a file and waits for its layers. */
export async function firstPaint(page: Page, name: string): Promise<Measured> {
  await file(page, name).click();
  for (;;) {
    const looks = page.frames().map((frame) => frame.evaluate(lookAt).catch(() => []));
    const seen = await Promise.all(looks);
    const own = seen.flat().find(({ heading }) => heading.includes(name));
    if (own !== undefined) {
      const clicked = await page.evaluate(() => Number(Reflect.get(globalThis, 'clickedAt')));
      return { painted: own.painted - clicked, page: own.began - clicked };
    }
    await page.waitForTimeout(pause);
  }
}

async function command(page: Page, label: string): Promise<void> {
  await page.locator('.part.sidebar .composite.title').click(); // keys are the workbench's, not a page's
  await page.keyboard.press('F1');
  const input = page.locator('.quick-input-widget input[type="text"]:visible').first();
  await input.fill(`>${label}`);
  await page.locator('.quick-input-list .monaco-list-row', { hasText: label }).first().click();
}

export async function closeEditors(page: Page): Promise<void> {
  await command(page, 'View: Close All Editors');
  await page.locator('.editor-group-container.empty').first().waitFor();
}

/** Milliseconds between frames while the layers are scrolled, a row or so a frame. */
export async function scroll(page: Page): Promise<number[]> {
  const [frame] = await pagesOf(page);
  return frame.evaluate(async () => {
    let scroller = document.querySelector('#layers .rows .row');
    while (scroller !== null && scroller.scrollHeight <= scroller.clientHeight + 50) {
      scroller = scroller.parentElement;
    }
    const times: number[] = [];
    for (let i = 0; i < 240; i++) {
      times.push(await new Promise(requestAnimationFrame));
      scroller?.scrollBy(0, 30);
    }
    return times.slice(1).map((time, i) => time - times[i]);
  });
}

/** What the list of running extensions says: "Activation: 38ms". */
export async function activation(page: Page): Promise<number> {
  await command(page, 'Developer: Show Running Extensions');
  const viewport = page.viewportSize() ?? { width: 1400, height: 900 };
  await page.setViewportSize({ width: 1400, height: 4000 }); // the list draws only what is to be seen
  const row = page
    .locator('.runtime-extensions-editor .monaco-list-row', { hasText: 'SSM Compress' })
    .first();
  await row
    .getByText(/\d\s*ms/)
    .first()
    .waitFor();
  const ms = /(\d+)\s*ms/.exec(await row.innerText())?.[1];
  await page.setViewportSize(viewport);
  return Number(ms);
}
