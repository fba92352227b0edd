#!/usr/bin/env node
/**
 * Makes the VS Code server inside the npm package `code-server` runnable without a compiler. Its own postinstall is not
 * run: it wants Node 24 as the installing Node and compiles for minutes what this use does not need. Idempotent.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const here = import.meta.dirname;
const server = path.join(here, 'node_modules/code-server/lib/vscode');
const stamp = path.join(server, '.host-ready');

/** Server dependencies for AI features, containers and Kerberos: not needed here, large, or not compilable. */
const unneeded = [
  '@github/copilot-sdk',
  '@microsoft/mxc-sdk',
  '@vscode/copilot-api',
  '@devcontainers/cli',
  '@vscode/sandbox-runtime',
  '@vscode/sqlite3',
  'kerberos',
  'ssh2',
  '@vscode/windows-process-tree',
  '@vscode/windows-registry',
];

if (!existsSync(server)) npm(['ci'], here);
if (!existsSync(stamp)) {
  installServerDependencies();
  writeFileSync(stamp, new Date().toISOString());
}
replaceNativeModule('@vscode/spdlog', 'spdlog.cjs');
replaceNativeModule('@vscode/native-watchdog', 'native-watchdog.cjs');

function installServerDependencies() {
  const manifest = path.join(server, 'package.json');
  const content = JSON.parse(readFileSync(manifest, 'utf8'));
  for (const name of unneeded) delete content.dependencies[name];
  delete content.overrides?.['kerberos@2.1.1'];
  writeFileSync(manifest, JSON.stringify(content, null, 2));
  npm(['install', '--omit=dev'], server);
}

/** Puts one of our stand-ins in the place of a module that would have to be compiled. */
function replaceNativeModule(name, standIn) {
  const folder = path.join(server, 'node_modules', name);
  const manifest = path.join(folder, 'package.json');
  mkdirSync(folder, { recursive: true });
  const content = existsSync(manifest)
    ? JSON.parse(readFileSync(manifest, 'utf8'))
    : { name, version: '0.0.0' };
  content.main = 'stand-in.cjs';
  delete content.exports;
  writeFileSync(manifest, JSON.stringify(content, null, 2));
  writeFileSync(
    path.join(folder, 'stand-in.cjs'),
    readFileSync(path.join(here, 'stand-ins', standIn)),
  );
}

function npm(args, cwd) {
  execFileSync(
    process.platform === 'win32' ? 'npm.cmd' : 'npm',
    [...args, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    { cwd, stdio: ['ignore', 'inherit', 'inherit'] },
  );
}
