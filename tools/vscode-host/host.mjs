/**
 * Starts the VS Code server of the npm package `code-server` and opens it in Chromium. Nothing here knows a test
 * framework or this extension.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const here = import.meta.dirname;
const serverMain = path.join(here, 'node_modules/code-server/lib/vscode/out/server-main.js');
const bundledNode = path.join(
  here,
  `node_modules/node-${process.platform}-${process.arch}/bin/node`,
);
/** The server needs Node 24. */
const node = Number(process.versions.node.split('.')[0]) >= 24 ? process.execPath : bundledNode;

export const chromiumPath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

/** Settings of a VS Code that shows nothing but what is asked of it. */
export const quietSettings = {
  'chat.disableAIFeatures': true,
  'editor.minimap.enabled': false,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'extensions.verifySignature': false,
  'files.autoSave': 'off',
  'git.enabled': false,
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'window.menuBarVisibility': 'compact',
  'workbench.colorTheme': 'Default Dark Modern',
  'workbench.enableExperiments': false,
  'workbench.reduceMotion': 'on',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

/**
 * Starts a server with its own data, extensions and workspace folders below one temporary folder.
 * `fill` puts the files into the workspace folder; `vsix` is installed; `args` go to the server.
 */
export async function startHost({
  vsix,
  fill = () => undefined,
  settings = {},
  env = {},
  args = [],
  port = 0,
} = {}) {
  if (!existsSync(node) || !existsSync(serverMain)) {
    throw new Error('The VS Code host is not installed; run: node tools/vscode-host/setup.mjs');
  }
  const root = mkdtempSync(path.join(tmpdir(), 'vscode-host-'));
  const data = path.join(root, 'data');
  const extensions = path.join(root, 'extensions');
  const workspace = path.join(root, 'workspace');
  for (const folder of [path.join(data, 'User'), extensions, workspace]) {
    mkdirSync(folder, { recursive: true });
  }
  await fill(workspace);
  writeFileSync(
    path.join(data, 'User/settings.json'),
    JSON.stringify({ ...quietSettings, ...settings }, null, 2),
  );
  const folders = [
    '--accept-server-license-terms',
    ...['--user-data-dir', data],
    ...['--server-data-dir', data],
    ...['--extensions-dir', extensions],
  ];
  if (vsix !== undefined) await installExtension(vsix, folders);

  const child = spawn(
    node,
    [
      serverMain,
      ...['--host', '127.0.0.1', '--port', String(port)],
      ...['--without-connection-token', '--telemetry-level', 'off'],
      ...folders,
      ...args,
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // a process group of its own, so that the extension host and the workers end with it
      // the server's sockets and the extension's temporary files stay below root
      env: { ...process.env, TMPDIR: root, XDG_RUNTIME_DIR: root, ...env },
    },
  );
  const signalGroup = (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // the group is gone already
    }
  };
  const onExit = () => signalGroup('SIGKILL');
  process.once('exit', onExit);
  const output = { text: '' };
  const boundPort = await listening(child, output);

  return {
    port: boundPort,
    root,
    workspace,
    pid: child.pid,
    log: () => output.text,
    /** `payload`: development options of the workbench, see runInExtensionHost. */
    url({ payload } = {}) {
      const url = new URL(`http://127.0.0.1:${boundPort}/`);
      url.searchParams.set('folder', workspace);
      if (payload !== undefined) url.searchParams.set('payload', JSON.stringify(payload));
      return url.href;
    },
    async stop() {
      process.removeListener('exit', onExit);
      if (child.exitCode === null && child.signalCode === null) {
        const gone = new Promise((resolve) => child.once('exit', resolve));
        signalGroup('SIGTERM');
        await Promise.race([gone, sleep(3000)]);
      }
      signalGroup('SIGKILL');
      rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

async function installExtension(vsix, folders) {
  const child = spawn(node, [serverMain, ...folders, '--install-extension', vsix, '--force'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  await new Promise((resolve) => child.once('close', resolve));
  if (!output.includes('was successfully installed')) {
    throw new Error(`Installing ${vsix} failed:\n${output}`);
  }
}

/** Resolves to the port once the server listens. */
function listening(child, output) {
  return new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`The VS Code server ${why}.\n${output.text}`));
    const timer = setTimeout(() => fail('did not start within 30 s'), 30_000);
    const onData = (chunk) => {
      output.text += chunk;
      const match = /Extension host agent listening on (\d+)/.exec(output.text);
      if (match === null) return;
      clearTimeout(timer);
      resolve(Number(match[1]));
    };
    child.stdout.on('data', onData);
    child.stderr.on('data', onData);
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`exited with ${code}`);
    });
  });
}

/** A headless Chromium with one page. Every request to another host is aborted. */
export async function openBrowser({ viewport = { width: 1400, height: 900 }, ...context } = {}) {
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
  });
  const browserContext = await browser.newContext({
    viewport,
    reducedMotion: 'reduce',
    ...context,
  });
  await browserContext.route(
    (url) => /^https?:$/.test(url.protocol) && !['127.0.0.1', 'localhost'].includes(url.hostname),
    (route) => route.abort(),
  );
  return { browser, page: await browserContext.newPage() };
}

/**
 * Runs a compiled test entry (a module that exports `run()`) inside the extension host of a real VS Code, with the
 * extension loaded from its folder. The exit code alone proves nothing (a host that dies reports 0): let `run` write
 * its results to a file.
 */
export async function runInExtensionHost({
  extension,
  entry,
  fill,
  settings,
  env,
  timeout = 120_000,
  onLog = () => undefined,
}) {
  const host = await startHost({ fill, settings, env, args: ['--enable-smoke-test-driver'] });
  const { browser, page } = await openBrowser();
  try {
    const exited = new Promise((resolve) => {
      void page.exposeFunction('codeAutomationExit', (code) => resolve(code));
    });
    await page.exposeFunction('codeAutomationLog', onLog);
    const remote = (file) => `vscode-remote://remote${file}`;
    await page.goto(
      host.url({
        payload: [
          ['extensionDevelopmentPath', remote(extension)],
          ['extensionTestsPath', remote(entry)],
        ],
      }),
    );
    const code = await Promise.race([exited, sleep(timeout, undefined, { ref: false })]);
    return { code, serverLog: host.log() };
  } finally {
    await browser.close();
    await host.stop();
  }
}
