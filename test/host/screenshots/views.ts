import type { Workbench } from '../support/workbench';

/** A view: how to get there, and the name of its picture. */
type View = readonly [name: string, show: (vscode: Workbench) => Promise<void>];

const source = 's4d-smnist.safetensors';
const result = 's4d-smnist.order16.safetensors';

const ready = async (vscode: Workbench): Promise<void> => {
  await vscode.webview().locator('body[data-state="ready"]').waitFor();
};

const views: readonly View[] = [
  [
    'checkpoint',
    async (vscode) => {
      await vscode.file(source).dblclick();
      await ready(vscode);
      await vscode.webview().locator('#layers .bar').first().waitFor();
    },
  ],
  [
    'checkpoint layer',
    async (vscode) => {
      await vscode.webview().locator('#layers .rows .row').first().click();
      await vscode.webview().locator('canvas').first().waitFor({ timeout: 20_000 });
    },
  ],
  [
    'report',
    async (vscode) => {
      await vscode.file(`${result}.ssmreport.json`).dblclick();
      await ready(vscode);
    },
  ],
  [
    'layers as text',
    async (vscode) => {
      await vscode.file(result).dblclick();
      await ready(vscode);
      await vscode.command('SSM: Open Layers as Text');
      await vscode.page.locator('.view-line', { hasText: 'slowest' }).first().waitFor();
    },
  ],
  [
    'hover in Python',
    async (vscode) => {
      await vscode.file('model.py').dblclick();
      await vscode.hoverOver('d_state');
    },
  ],
  [
    'hover in YAML',
    async (vscode) => {
      await vscode.file('model.yaml').dblclick();
      await vscode.hoverOver('d_state');
    },
  ],
  [
    'context menu',
    async (vscode) => {
      await vscode.file('a.safetensors').click({ button: 'right' });
      await vscode.page.locator('.monaco-menu .action-item', { hasText: 'Compress SSM' }).waitFor();
    },
  ],
  [
    'flow size',
    async (vscode) => {
      await vscode.contextMenu(['a.safetensors'], 'Compress SSM');
      const row = vscode.quickInput.locator('.monaco-list-row', { hasText: 'Without Sample Data' });
      await row.first().click();
      await vscode.quickInput.locator('input[placeholder*="How small?"]').waitFor();
    },
  ],
  [
    'comparison',
    async (vscode) => {
      await vscode.command('View: Show SSM Compress');
      const rows = vscode.page.locator('.pane-body .monaco-list-row[aria-label^="Checkpoint s4d"]');
      await rows.first().click({ button: 'right' });
      const item = vscode.page.locator('.monaco-menu .action-item', { hasText: 'Compare Runs' });
      await item.waitFor();
      await vscode.page.waitForTimeout(300); // a menu ignores the mouse for its first moments
      await item.click();
      await vscode.webview().getByRole('heading', { name: 'Comparison of 2 runs' }).waitFor();
    },
  ],
  [
    'walkthrough',
    async (vscode) => {
      await vscode.command('Welcome: Open Walkthrough...');
      const row = vscode.quickInput.locator('.monaco-list-row', { hasText: 'state-space model' });
      await row.first().click();
      await vscode.page.getByText('Open the sample').first().waitFor();
    },
  ],
  [
    'settings',
    async (vscode) => {
      await vscode.command('Preferences: Open Settings (UI)');
      const input = vscode.page.locator('.settings-editor .suggest-input-container .view-line');
      await input.first().click();
      await vscode.page.keyboard.type('@ext:ssm-compress.ssm-compress');
      await vscode.page.getByText('Default Solver').first().waitFor();
    },
  ],
];

/** Takes a picture of each view of the workbench whose name has the wanted piece. What cannot be shown is named; the others are taken all the same. */
export async function takeWorkbench(
  vscode: Workbench,
  theme: string,
  wanted: string,
): Promise<void> {
  const { page } = vscode;
  await vscode.command('View: Close All Editors');
  await vscode.command('View: Show Explorer');
  for (const [name, show] of views.filter(([one]) => one.includes(wanted))) {
    try {
      await show(vscode);
      if (!name.startsWith('hover')) await page.mouse.move(5, 5); // no tooltip in the way
      await page.waitForTimeout(700); // charts and fonts
      await vscode.screenshot(`workbench ${name} ${theme}`);
    } catch (error) {
      process.exitCode = 1;
      const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
      process.stderr.write(`${name}, ${theme}: ${why}\n`);
      await vscode.screenshot(`workbench ${name} ${theme} failed`);
    }
    for (let i = 0; i < 3; i++) await page.keyboard.press('Escape');
  }
}
