/** Pictures of every view in every theme, for a person to look at. Run by `npm run screenshots`. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openBrowser, startHost } from '../../../tools/vscode-host/host.mjs';
import { openWorkbench } from '../support/workbench';
import { themeNames } from '../support/webviewPage';
import { fillWorkspace, root, screenshots } from '../support/workspace';
import { takePages } from './pages';
import { takeWorkbench } from './views';

const source = 's4d-smnist.safetensors';
const results = { 16: 's4d-smnist.order16.safetensors', 8: 's4d-smnist.order8.safetensors' };

/** Two runs, and sources that are linked to the first. */
function fill(workspace: string): void {
  fillWorkspace(workspace);
  for (const [order, result] of Object.entries(results)) {
    const args = ['compress', source, '--order', order, '--horizon', '784', '-o', result];
    const cli = path.join(root, 'dist/cli.cjs');
    execFileSync(process.execPath, [cli, ...args], { cwd: workspace, stdio: 'pipe' });
  }
  writeFileSync(
    path.join(workspace, 'model.py'),
    'import torch.nn as nn\n\n\nclass Model(nn.Module):\n    def __init__(self):\n        super().__init__()\n' +
      '        self.s4_layers = nn.ModuleList(\n            [S4D(64, d_state=64) for _ in range(2)]\n        )\n',
  );
  writeFileSync(path.join(workspace, 'model.yaml'), 'model:\n  d_state: 64\n');
}

function setTheme(workspace: string, theme: string): void {
  mkdirSync(path.join(workspace, '.vscode'), { recursive: true });
  const links = { 'model.py': results[16], 'model.yaml': results[16] };
  const settings = { 'workbench.colorTheme': theme, 'ssm.links': links };
  writeFileSync(path.join(workspace, '.vscode/settings.json'), JSON.stringify(settings));
}

const host = await startHost({ vsix: path.join(root, 'ssm-compress.vsix'), fill });
const { browser, page } = await openBrowser();
try {
  setTheme(host.workspace, themeNames[0]);
  const vscode = await openWorkbench(page, host.url());
  for (const theme of themeNames) {
    setTheme(host.workspace, theme);
    await takeWorkbench(vscode, theme);
    await takePages(browser, theme);
  }
} finally {
  await browser.close();
  await host.stop();
}
process.stdout.write(`The pictures lie in ${path.relative(root, screenshots)}.\n`);
