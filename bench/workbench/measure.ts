/**
 * What a person waits for in the real VS Code, as Markdown: how long the extension takes to start, as VS Code itself
 * tells; from the click on a checkpoint to the first painted rows of its layers; the frames while they are scrolled; the
 * memory of editors that are hidden. Needs Chromium, tools/vscode-host, and `ssm-compress.vsix` (npm run package). The
 * large files have holes, take no room on the disk, and go with the workspace.
 *
 *     node bench/run.mjs workbench/measure [RUNS]
 */
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import type * as HostModule from '../../tools/vscode-host/host.mjs';
import type { Host } from '../../tools/vscode-host/host.mjs';
import { table } from '../support/report';
import { files, fill, hiddenEditors, long, small } from './files';
import { memory } from './memory';
import {
  activation,
  closeEditors,
  file,
  firstPaint,
  openWindow,
  scroll,
  watchClicks,
} from './window';
import type { Measured } from './window';

const runs = Number(process.argv.at(2) ?? 5);

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

const ms = (values: readonly number[]): string =>
  `${median(values).toFixed(0)} ms (${Math.min(...values).toFixed(0)} – ${Math.max(...values).toFixed(0)})`;

async function measurePaint(page: Page, host: Host): Promise<void> {
  const activations: number[] = [];
  const cold: number[] = [];
  const warm = new Map(Object.keys(files).map((name): [string, Measured[]] => [name, []]));
  const frames: number[] = [];
  for (let run = 0; run < runs; run++) {
    await openWindow(page, host);
    cold.push((await firstPaint(page, small)).painted);
    for (const [name, measured] of warm) {
      await closeEditors(page);
      measured.push(await firstPaint(page, name));
      if (name === long) frames.push(...(await scroll(page)));
    }
    await closeEditors(page);
    activations.push(await activation(page));
  }
  const sizeOf = (name: string): string =>
    `${(statSync(join(host.workspace, name)).size / 1e9).toFixed(1)} GB`;
  say(
    '| what | median (least – greatest) | of it VS Code, until our page begins |\n| --- | --- | --- |',
  );
  say(`| activation, as VS Code tells | ${ms(activations)} | |`);
  say(`| first paint, ${files[small]}, with activation and start of the worker | ${ms(cold)} | |`);
  for (const [name, measured] of warm) {
    const what = name === small ? files[name] : `${sizeOf(name)} ${files[name]}`;
    const painted = ms(measured.map((one) => one.painted));
    say(`| first paint, ${what} | ${painted} | ${ms(measured.map((one) => one.page))} |`);
  }
  const late = frames.filter((time) => time > 34).length / frames.length;
  say(
    `\nScrolling 5000 layers: ${frames.length} frames, ${(100 * late).toFixed(1)} % took over 34 ms, the longest ${Math.max(...frames).toFixed(0)} ms.\n`,
  );
}

/** Opens editors one after another, so that all but the last are hidden. */
async function measureMemory(page: Page, host: Host): Promise<void> {
  await openWindow(page, host);
  const rows: string[][] = [];
  for (let i = 0; i < hiddenEditors; i++) {
    await firstPaint(page, `hidden${i}.safetensors`);
    await file(page, `hidden${i}.safetensors`).dblclick(); // to stay when the next is opened
    if (i > 0 && i < hiddenEditors - 1) continue;
    const { worker, extensionHost, renderers, pages } = await memory(page);
    const numbers = [worker, extensionHost, renderers].map((value) => `${value.toFixed(0)} MB`);
    rows.push([`1 shown, ${i} hidden`, ...numbers, String(pages)]);
  }
  say(table(['editors', 'worker', 'extension host', 'renderers', 'pages alive'], rows));
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function main(): Promise<void> {
  const vsix = resolve('ssm-compress.vsix');
  const hostModule = pathToFileURL(resolve('tools/vscode-host/host.mjs')).href;
  const { openBrowser, startHost } = (await import(hostModule)) as typeof HostModule;
  const host = await startHost({ vsix, fill });
  const { browser, page } = await openBrowser();
  page.setDefaultTimeout(60_000);
  try {
    await page.context().addInitScript(watchClicks);
    await measurePaint(page, host);
    await measureMemory(page, host);
  } finally {
    await browser.close();
    await host.stop();
  }
}

void main();
