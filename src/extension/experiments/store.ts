import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import { reportSuffix } from '../../protocol/report';
import type { SsmContext } from '../context';
import { notesSuffix, reportOfNotes } from './notes';
import { readNotes } from './notesFile';
import type { BrokenRun, Run } from './run';

/** The runs on disk: what the reports in the workspace say. Nothing is searched or read before somebody asks. */
export interface RunStore {
  /** Fires when runs came, went or changed, after someone has asked for them. */
  readonly onDidChange: vscode.Event<void>;
  /** All runs in the workspace. */
  all(): Promise<readonly (Run | BrokenRun)[]>;
  /** One run, also one outside the workspace; undefined where there is no such report. */
  one(report: string): Promise<Run | BrokenRun | undefined>;
  /** Searches anew. */
  refresh(): void;
  dispose(): void;
}

interface Entry {
  /** Changes with the report's contents, as far as the file system tells. */
  readonly stamp: string;
  readonly run: Run | BrokenRun;
}

/** So many reports are listed; a workspace with more wants a narrower folder. */
const mostReports = 5000;
/** So many reports are asked of the worker at a time. */
const atOnce = 4;
const settleMilliseconds = 150;

export function createRunStore({ worker }: SsmContext): RunStore {
  const changed = new vscode.EventEmitter<void>();
  const known = new Map<string, Entry>();
  let paths: Promise<Set<string>> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const tell = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      changed.fire();
    }, settleMilliseconds);
  };

  async function read(report: string): Promise<Run | BrokenRun | undefined> {
    const stamp = await stampOf(report);
    if (stamp === undefined) {
      known.delete(report);
      return undefined;
    }
    const before = known.get(report);
    const contents = before?.stamp === stamp ? before.run : await summarise(report);
    const notes = await readNotes(report).catch(() => ({}));
    const run = 'summary' in contents ? { ...contents, notes } : contents;
    known.set(report, { stamp, run });
    return run;
  }

  async function summarise(report: string): Promise<Run | BrokenRun> {
    try {
      return {
        report,
        summary: await worker.request('summariseReport', { file: report }),
        notes: {},
      };
    } catch (error) {
      return { report, fault: error instanceof Error ? error.message : String(error) };
    }
  }

  async function search(): Promise<Set<string>> {
    const found = await vscode.workspace.findFiles(`**/*${reportSuffix}`, undefined, mostReports);
    return new Set(found.filter(({ scheme }) => scheme === 'file').map(({ fsPath }) => fsPath));
  }

  const onFile = (exists: boolean) => async (uri: vscode.Uri) => {
    if (paths === undefined || uri.scheme !== 'file') return;
    const isNotes = uri.fsPath.endsWith(notesSuffix);
    if (!isNotes && exists && !(await paths).has(uri.fsPath)) {
      paths = undefined; // a new one is listed only if the settings do not exclude it: let the search decide
    }
    if (!isNotes && !exists) (await paths)?.delete(uri.fsPath);
    if (isNotes) await read(reportOfNotes(uri.fsPath));
    tell();
  };
  /** From the first question on, so that a window that never asks does not wait for it. */
  let watcher: vscode.FileSystemWatcher | undefined;
  const watch = (): void => {
    if (watcher !== undefined) return;
    watcher = vscode.workspace.createFileSystemWatcher(`**/*{${reportSuffix},${notesSuffix}}`);
    watcher.onDidCreate(onFile(true));
    watcher.onDidChange(onFile(true));
    watcher.onDidDelete(onFile(false));
  };
  const refresh = (): void => {
    paths = undefined;
    tell();
  };
  const listeners = [
    vscode.workspace.onDidChangeWorkspaceFolders(refresh),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('files.exclude')) refresh();
    }),
  ];

  return {
    onDidChange: changed.event,
    async all() {
      watch();
      const reports = [...(await (paths ??= search()))];
      const runs = await inTurn(reports, atOnce, read);
      return runs.filter((run) => run !== undefined);
    },
    one: read,
    refresh,
    dispose() {
      clearTimeout(timer);
      for (const one of [watcher, changed, ...listeners]) one?.dispose();
    },
  };
}

async function stampOf(file: string): Promise<string | undefined> {
  try {
    const { mtimeMs, size } = await stat(file);
    return `${mtimeMs} ${size}`;
  } catch {
    return undefined;
  }
}

/** Does the work for all items, so many at the same time; the results in the order of the items. */
async function inTurn<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i]);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
  return results;
}
