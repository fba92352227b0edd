import type { Workbench } from '../support/workbench';

/** A view: how to get there, and the name of its picture. */
type View = readonly [name: string, show: (vscode: Workbench) => Promise<void>];

const source = 's4d-smnist.safetensors';
const result = 's4d-smnist.order16.safetensors';

const ready = async (vscode: Workbench): Promise<void> => {
  await vscode.webview().locator('body[data-state="ready"]').waitFor();
};

/** The panel of the layer that is open, at this tab. */
const chart = (tab: string, of = 'all'): View => [
  `layer ${tab} ${of}`,
  async (vscode) => {
    const page = vscode.webview();
    await page.getByRole('tab', { name: tab, exact: true }).click();
    await page.locator('#layer [role="slider"] canvas[style]').waitFor();
    await page.locator('#layer').evaluate((panel) => {
      panel.scrollIntoView();
    });
  },
];

const tabs = [
  ...['Poles', 'Hankel Values', 'Impulse Response', 'Frequency Response'],
  ...['Error by Order', 'Convergence'],
];

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
      await vscode.webview().locator('canvas[style]').first().waitFor();
    },
  ],
  ...tabs.map((tab) => chart(tab)),
  [
    'layer one channel',
    async (vscode) => {
      await vscode.webview().getByLabel('Channel', { exact: true }).selectOption({ index: 4 });
      await chart('Impulse Response')[1](vscode);
    },
  ],
  ...['Hankel Values', 'Error by Order'].map((tab) => chart(tab, 'one')),
  [
    'tensor statistics',
    async (vscode) => {
      const page = vscode.webview();
      await page.getByRole('button', { name: 'Compute Statistics' }).click();
      await page.locator('#tensors').getByText('NaN, Inf').waitFor();
      await page.locator('#tensors').evaluate((tensors) => {
        tensors.scrollIntoView();
      });
    },
  ],
  [
    'no layers',
    async (vscode) => {
      await vscode.file('plain.safetensors').dblclick();
      await ready(vscode);
    },
  ],
  [
    'open questions',
    async (vscode) => {
      await vscode.file('untold.safetensors').dblclick();
      await ready(vscode);
    },
  ],
  [
    'corrupt file',
    async (vscode) => {
      await vscode.file('broken.safetensors').dblclick();
      await vscode.webview().locator('body[data-state="failed"]').waitFor();
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
  for (const [name, show] of views) {
    if (!`${name} ${theme}`.includes(wanted)) continue;
    try {
      // the keyboard is the workbench's, not that of a page in it
      await page.locator('.part.statusbar').click({ position: { x: 500, y: 10 } });
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
