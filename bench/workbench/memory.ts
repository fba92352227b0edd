import { readFileSync, readdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { pagesOf } from './window';

/** Megabytes of processes, and our pages that are alive. */
export interface Memory {
  readonly worker: number;
  readonly extensionHost: number;
  readonly renderers: number;
  readonly pages: number;
}

/** Megabytes of the processes below this one, pages of memory that are shared by their share; and our pages alive. */
export async function memory(page: Page): Promise<Memory> {
  await page.waitForTimeout(3000); // what was closed is gone
  const all = descendants(process.pid);
  const sum = (mark: string): number =>
    all.reduce((total, pid) => total + (commandOf(pid).includes(mark) ? megabytes(pid) : 0), 0);
  return {
    worker: sum('worker.cjs'),
    extensionHost: sum('--type=extensionHost'),
    renderers: sum('--type=renderer'),
    pages: (await pagesOf(page)).length,
  };
}

function descendants(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
    const parent = /\) \S (\d+)/.exec(textOf(`/proc/${name}/stat`))?.[1];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const below = (pid: number | undefined): boolean =>
    pid === root || (pid !== undefined && pid > 1 && below(parents.get(pid)));
  return [...parents.keys()].filter(below);
}

function commandOf(pid: number): string {
  return textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
}

function megabytes(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(textOf(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) / 1024;
}

/** Of a process that may have ended meanwhile. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
