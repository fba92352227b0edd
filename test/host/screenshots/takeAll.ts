/**
 * Pictures of every view in every theme, for a person to look at. Run by `npm run screenshots`; after `--` may stand
 * `pages` or `workbench` for a part of them and a piece of the names of those that are wanted, or `themes`, which
 * records the colours of VS Code's themes for the tests, or `frames`, which measures how a long table scrolls.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openBrowser, startHost } from '../../../tools/vscode-host/host.mjs';
import { openWorkbench } from '../support/workbench';
import { themeNames } from '../support/webviewPage';
import { fillWorkspace, root, screenshots } from '../support/workspace';
import { measureFrames } from './frames';
import { takePages } from './pages';
import { recordThemes } from './themeColours';
import { takeWorkbench } from './views';

const source = 's4d-smnist.safetensors';
const results = { 16: 's4d-smnist.order16.safetensors', 8: 's4d-smnist.order8.safetensors' };

/** Two runs, and sources that are linked to the first. */
function fill(workspace: string): void {
  fillWorkspace(workspace);
  for (const [order, result] of Object.entries(results)) {
    const known = ['--horizon', '784', '--set', 'prenorm=false', '--set', 'pooling=mean'];
    const args = ['compress', source, '--order', order, ...known, '-o', result];
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

const [part = 'all', wanted = ''] = process.argv.slice(2);
const { browser, page } = await openBrowser();

async function inWorkbench(): Promise<void> {
  const host = await startHost({ vsix: path.join(root, 'ssm-compress.vsix'), fill });
  try {
    setTheme(host.workspace, themeNames[0]);
    const vscode = await openWorkbench(page, host.url());
    if (part === 'themes') {
      await recordThemes(vscode, themeNames, (theme) => {
        setTheme(host.workspace, theme);
      });
      return;
    }
    for (const theme of themeNames) {
      setTheme(host.workspace, theme);
      await takeWorkbench(vscode, theme, wanted);
    }
  } finally {
    await host.stop();
  }
}

try {
  if (part === 'all' || part === 'pages') {
    for (const theme of themeNames) await takePages(browser, theme, wanted);
  }
  if (part === 'frames') await measureFrames(browser);
  else if (part !== 'pages') await inWorkbench();
} finally {
  await browser.close();
}
process.stdout.write(`The pictures lie in ${path.relative(root, screenshots)}.\n`);
