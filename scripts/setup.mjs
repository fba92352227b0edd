/**
 * Makes a machine ready for all tests: Chromium, Debian's torch and NumPy for the round trips, the VS Code host. As root
 * on Debian or Ubuntu what is missing is installed; elsewhere this says what to install and stops.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { chromiumPath } from '../tools/vscode-host/host.mjs';
import { must, root } from './run.mjs';

/** The Python that Debian's packages belong to; another one may come first on the PATH. */
const python = process.env.SSM_PYTHON ?? '/usr/bin/python3';

const needs = [
  {
    packages: ['chromium'],
    what: `Chromium at ${chromiumPath}`,
    here: () => existsSync(chromiumPath),
  },
  {
    packages: ['python3-torch', 'python3-numpy'],
    what: `PyTorch and NumPy for ${python}`,
    here: () => spawnSync(python, ['-c', 'import torch, numpy']).status === 0,
  },
];

const missing = () => needs.filter(({ here }) => !here());
const first = missing();
if (first.length > 0 && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
  const packages = first.flatMap((need) => need.packages);
  console.log(`Installing ${packages.join(', ')} …`);
  process.env.DEBIAN_FRONTEND = 'noninteractive';
  must('apt-get', 'update', '-qq');
  must('apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages);
}
const still = missing();
if (still.length > 0) {
  console.error('The tests need what is not on this machine:');
  for (const { what, packages } of still) {
    console.error(`  ${what}  (Debian, Ubuntu: apt-get install ${packages.join(' ')})`);
  }
  console.error('Another place for them: CHROMIUM_PATH=… for Chromium, SSM_PYTHON=… for Python.');
  process.exit(1);
}
must(process.execPath, path.join(root, 'tools/vscode-host/setup.mjs'));
