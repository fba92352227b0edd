import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';

/** The root of the repository. */
export const root = path.resolve(import.meta.dirname, '..');

/** Runs a command in the root of the repository, its output shown. Returns its exit code; 1 if it could not run. */
export function run(command, ...args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error !== undefined) console.error(`${command}: ${error.message}`);
  return status ?? 1;
}

/** Starts a command in the root of the repository beside what else runs, its output shown. Gives its exit code. */
export function start(command, ...args) {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
  return new Promise((resolve) => {
    child.once('error', ({ message }) => {
      console.error(`${command}: ${message}`);
      resolve(1);
    });
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** Runs a command and ends this program with its exit code if it fails. */
export function must(command, ...args) {
  const code = run(command, ...args);
  if (code !== 0) process.exit(code);
}

/** Runs a program of the installed packages with this Node. */
export function tool(entry) {
  return [process.execPath, path.join(root, 'node_modules', entry)];
}

/** Where the packaged extension lies. */
export const vsix = path.join(root, 'ssm-compress.vsix');
