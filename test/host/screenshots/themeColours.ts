import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Workbench } from '../support/workbench';
import { root } from '../support/workspace';

const file = path.join(root, 'test/host/support/themes.json');
const bundles = path.join(root, 'dist/webview');

interface Theme {
  readonly body: string;
  readonly kind: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** The CSS variables that our pages read. */
function variablesRead(): readonly string[] {
  const texts = readdirSync(bundles).map((name) => readFileSync(path.join(bundles, name), 'utf8'));
  const named = texts.flatMap((text) => text.match(/--vscode-[\w-]*\w/g) ?? []);
  return [...new Set(named)].sort();
}

/** What the visible webview is given of the current theme. */
async function themeOf(vscode: Workbench): Promise<Theme> {
  return vscode
    .webview()
    .locator('body')
    .evaluate((body: HTMLElement, wanted) => {
      const { style } = document.documentElement;
      const given = wanted.map((name) => [name, style.getPropertyValue(name).trim()] as const);
      return {
        body: body.classList.value,
        kind: body.dataset.vscodeThemeKind ?? '',
        variables: Object.fromEntries(given.filter(([, value]) => value !== '')),
      };
    }, variablesRead());
}

/** Writes down how the real VS Code hands each theme to a webview, for the tests that run without it. */
export async function recordThemes(
  vscode: Workbench,
  names: readonly string[],
  setTheme: (name: string) => void,
): Promise<void> {
  await vscode.file('plain.safetensors').dblclick();
  await vscode.webview().locator('body[data-state="ready"]').waitFor();
  const themes: Record<string, Theme> = {};
  for (const name of names) {
    setTheme(name);
    const id = name.replaceAll(' ', '');
    const shown = vscode.webview().locator('body');
    for (let i = 0; i < 100; i++) {
      const is = (await shown.getAttribute('data-vscode-theme-id')) ?? '';
      if (is.replaceAll(' ', '') === id) break;
      await vscode.page.waitForTimeout(100);
    }
    themes[name] = await themeOf(vscode);
    process.stdout.write(`${name}: ${String(await shown.getAttribute('data-vscode-theme-id'))}\n`);
  }
  writeFileSync(file, `${JSON.stringify(themes, null, 2)}\n`);
}
