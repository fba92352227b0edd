import path from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { screenshots } from './workspace';

/** The parts of the workbench that the tests look at and press. */
export interface Workbench {
  readonly page: Page;
  /** The row of the Explorer whose name begins so. */
  readonly file: (name: string) => Locator;
  /** Right-clicks the file, or the last of several after selecting them, and chooses from the menu. */
  contextMenu(names: readonly string[], label: string): Promise<void>;
  /** The quick input that is shown. */
  readonly quickInput: Locator;
  toast(text: string): Locator;
  clearToasts(): Promise<void>;
  /** Runs a command from the palette. */
  command(label: string): Promise<void>;
  /** Puts the cursor on a text in the active editor and asks for our hover there, as one does without a mouse. */
  hoverOver(text: string): Promise<Locator>;
  /** The document of our visible webview. */
  webview(): FrameLocator;
  screenshot(name: string): Promise<void>;
}

/** Waits until the page is a usable workbench that knows the extension's contributions. */
export async function openWorkbench(page: Page, url: string): Promise<Workbench> {
  page.setDefaultTimeout(60_000); // two slow cores serve the browser, the host and the worker
  await page.goto(url);
  await page.addStyleTag({
    content: '*, *::before, *::after { animation: none !important; transition: none !important }',
  });
  const explorer = page.locator('.explorer-folders-view');
  await explorer.locator('.monaco-list-row').first().waitFor({ timeout: 60_000 });
  const workbench = describeWorkbench(page, explorer);
  await contributionsKnown(workbench);
  return workbench;
}

function describeWorkbench(page: Page, explorer: Locator): Workbench {
  const file = (name: string): Locator =>
    explorer.locator(`.monaco-list-row[aria-label^="${name}"]`).first();
  const toasts = page.locator('.notification-toast');
  const command = async (label: string): Promise<void> => {
    await page.keyboard.press('F1');
    await page.locator('.quick-input-widget input[type="text"]:visible').first().fill(`>${label}`);
    await page.locator('.quick-input-list .monaco-list-row', { hasText: label }).first().click();
  };
  return {
    page,
    file,
    command,
    quickInput: page.locator('.quick-input-widget:visible'),
    toast: (text) => toasts.filter({ hasText: text }),
    async contextMenu(names, label) {
      if (names.length > 1) {
        for (const [i, name] of names.entries()) {
          await file(name).click(i === 0 ? {} : { modifiers: ['Control'] });
        }
      }
      const last = names.at(-1) ?? '';
      // a click may come while the explorer puts an earlier selection back, and then changes nothing
      const selected = explorer.locator('.monaco-list-row.selected');
      while (names.length === 1 && (await selected.count()) > 1) {
        await file(last).click();
        await page.waitForTimeout(250);
      }
      await file(last).click({ button: 'right' });
      const item = page.locator('.monaco-menu .action-item', { hasText: label }).first();
      await item.waitFor();
      await page.waitForTimeout(250); // a menu ignores the mouse for its first moments
      await item.click();
    },
    async clearToasts() {
      await command('Notifications: Clear All Notifications');
      await toasts.first().waitFor({ state: 'detached' });
    },
    async hoverOver(text) {
      const hover = page.locator('.monaco-hover:visible', { hasText: 'SSM layer' }).last();
      const active = page.locator('.editor-group-container.active');
      const line = active.locator('.view-line', { hasText: text }).last();
      for (let attempt = 0; attempt < 15; attempt++) {
        const { x, y } = await line.evaluate(placeOf, text);
        await page.mouse.click(x + 4, y + 8);
        await page.keyboard.press('Control+k');
        await page.keyboard.press('Control+i');
        const isShown = hover.waitFor({ timeout: 2000 }).then(
          () => true,
          () => false,
        );
        if (await isShown) break;
      }
      return hover;
    },
    webview: () =>
      page
        .locator('iframe.webview.ready[src*="extensionId=ssm-compress.ssm-compress"]:visible')
        .contentFrame()
        .locator('iframe#active-frame')
        .contentFrame(),
    async screenshot(name) {
      await page.screenshot({ path: path.join(screenshots, `${name}.png`) });
    },
  };
}

/** The context menu has our entry only once the extension host has handed over what extensions contribute. */
async function contributionsKnown({ page, file }: Workbench): Promise<void> {
  const entry = page.locator('.monaco-menu .action-item', { hasText: 'Compress SSM' });
  for (let attempt = 0; attempt < 60; attempt++) {
    await file('s4d-smnist.safetensors').click({ button: 'right' });
    const known = await entry
      .first()
      .waitFor({ timeout: 1000 })
      .then(
        () => true,
        () => false,
      );
    await page.keyboard.press('Escape');
    if (known) return;
  }
  throw new Error('The extension’s menu entry did not appear.');
}

/** Where a text stands on the screen; runs in the page. */
function placeOf(line: Element, wanted: string): { x: number; y: number } {
  const range = document.createRange();
  const nodes = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
  for (let node = nodes.nextNode(); node !== null; node = nodes.nextNode()) {
    const at = node.textContent?.indexOf(wanted) ?? -1;
    if (at === -1) continue;
    range.setStart(node, at);
    range.setEnd(node, at + wanted.length);
  }
  return range.getBoundingClientRect();
}
