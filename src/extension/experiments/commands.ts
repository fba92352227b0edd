import { stat } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { SsmContext } from '../context';
import { reportFault } from '../platform/faults';
import { noticeText, pickText } from '../platform/noticeText';
import { commandLine } from './commandLine';
import { openComparison } from './comparisonPanel';
import { showFigures } from './figures';
import { runLabel } from './items';
import type { Node } from './nodes';
import { writeNotes } from './notesFile';
import type { RunNotes } from './notes';
import { pythonSnippet } from './pythonSnippet';
import { removeRuns } from './remove';
import { rerun } from './rerun';
import { resultOf } from './run';
import type { BrokenRun, Run } from './run';
import type { RunStore } from './store';

const { t } = vscode.l10n;

export interface ExperimentCommands {
  readonly context: SsmContext;
  readonly store: RunStore;
  /** What is selected in the tree: what a command from the keyboard is about. */
  readonly selection: () => readonly Node[];
}

type Handler = (node?: Node, nodes?: readonly Node[]) => unknown;

/** Registers what can be done with runs. Each gets the row that was clicked and, of several, the selection. */
export function registerRunCommands(experiments: ExperimentCommands): void {
  const { context, store, selection } = experiments;
  const nodesOf = (node?: Node, nodes?: readonly Node[]): readonly Node[] =>
    nodes ?? (node === undefined ? selection() : [node]);
  /** A command about one run. */
  const one =
    (act: (run: Run) => unknown): Handler =>
    async (node) => {
      const run = runsOf(nodesOf(node)).at(0) ?? (await pickRuns(store, false)).at(0);
      if (run !== undefined) await act(run);
    };
  const note = async (run: Run, change: RunNotes): Promise<void> => {
    try {
      await writeNotes(run.report, change);
    } catch (error) {
      reportFault(context.log, error);
    }
    await store.one(run.report);
    store.refresh();
  };

  const handlers: Record<string, Handler> = {
    'ssm.openRun': one(({ report }) => open(report)),
    'ssm.openResult': one(async (run) => {
      const result = resultOf(run);
      await ((await isFolder(result)) ? revealFile(result) : open(result));
    }),
    'ssm.revealResult': one((run) => revealFile(resultOf(run))),
    'ssm.starRun': one((run) => note(run, { starred: true })),
    'ssm.unstarRun': one((run) => note(run, { starred: false })),
    'ssm.renameRun': one(async (run) => {
      const name = await vscode.window.showInputBox({
        title: t('Rename Run'),
        prompt: t('A name for this run. Empty for its order. Files keep their names.'),
        value: run.notes.name ?? '',
        placeHolder: runLabel({ ...run, notes: {} }),
      });
      if (name !== undefined) await note(run, { name: name.trim() });
    }),
    'ssm.noteRun': one(async (run) => {
      const text = await vscode.window.showInputBox({
        title: t('Note on {0}', noticeText(runLabel(run))),
        prompt: t('Shown in the tooltip and found by the filter. Empty to remove it.'),
        value: run.notes.note ?? '',
      });
      if (text !== undefined) await note(run, { note: text.trim() });
    }),
    'ssm.copyRunCommand': one(async (run) => {
      const shell = process.platform === 'win32' ? 'powershell' : 'posix';
      await copy(
        commandLine(run, shell),
        t('The command that repeats the run is in the clipboard.'),
      );
    }),
    'ssm.copyPython': one(async (run) => {
      const result = resultOf(run);
      const snippet = pythonSnippet(result, run.summary, await isFolder(result));
      await copy(snippet, t('The Python lines that load the result are in the clipboard.'));
    }),
    'ssm.rerun': async (node) => {
      const first = nodesOf(node).at(0);
      if (first?.kind !== 'live') {
        await one((run) => rerun(context, run))(first);
        return;
      }
      const { compress } = await import('../compression/command');
      context.liveRuns.dismiss(first.live.id);
      await compress(context, [vscode.Uri.file(first.live.params.file)]);
    },
    'ssm.compressAgain': async (node) => {
      if (node?.kind !== 'checkpoint') return;
      const { compress } = await import('../compression/command');
      await compress(context, [vscode.Uri.file(node.source)]);
    },
    'ssm.sweepAgain': async (node) => {
      if (node?.kind !== 'checkpoint') return;
      const { compress } = await import('../compression/command');
      await compress(context, [vscode.Uri.file(node.source)], { sweep: true });
    },
    'ssm.openCheckpoint': (node) => (node?.kind === 'checkpoint' ? open(node.source) : undefined),
    'ssm.compareRuns': async (node, nodes) => {
      const chosen = runsOf(nodesOf(node, nodes));
      const runs = chosen.length > 1 ? chosen : await pickRuns(store, true, chosen);
      if (runs.length > 1)
        openComparison(
          context,
          store,
          runs.map(({ report }) => report),
        );
    },
    'ssm.deleteRuns': async (node, nodes) => {
      await removeRuns(deletableOf(nodesOf(node, nodes)));
      store.refresh();
    },
    'ssm.cancelRun': (node, nodes) => {
      for (const { id } of liveOf(nodesOf(node, nodes))) context.liveRuns.cancel(id);
    },
    'ssm.dismissRun': (node, nodes) => {
      for (const { id } of liveOf(nodesOf(node, nodes))) context.liveRuns.dismiss(id);
    },
    'ssm.refreshRuns': () => {
      store.refresh();
    },
  };
  for (const [name, handler] of Object.entries(handlers)) {
    context.subscriptions.push(vscode.commands.registerCommand(name, handler));
  }
}

/** The runs among rows; a checkpoint stands for all of its runs. */
function runsOf(nodes: readonly Node[]): Run[] {
  const runs = nodes.flatMap((node) => {
    if (node.kind === 'run') return [node.run];
    if (node.kind !== 'checkpoint') return [];
    return node.children.flatMap((child) => (child.kind === 'run' ? [child.run] : []));
  });
  return [...new Map(runs.map((run) => [run.report, run])).values()];
}

/** Runs that were pointed at themselves: deleting a checkpoint's row must not delete all that is below it. */
function deletableOf(nodes: readonly Node[]): (Run | BrokenRun)[] {
  return nodes.flatMap((node) => (node.kind === 'run' || node.kind === 'broken' ? [node.run] : []));
}

function liveOf(nodes: readonly Node[]): { readonly id: number }[] {
  return nodes.flatMap((node) => (node.kind === 'live' ? [node.live] : []));
}

/** Asks for runs where none was pointed at. */
async function pickRuns(
  store: RunStore,
  canPickMany: boolean,
  picked: readonly Run[] = [],
): Promise<Run[]> {
  const runs = (await store.all()).flatMap((run) => ('summary' in run ? [run] : []));
  const chosen = new Set(picked.map(({ report }) => report));
  const items = runs.map((run) => ({
    label: pickText(runLabel(run)),
    description: showFigures(run.summary),
    detail: pickText(path.basename(resultOf(run))),
    picked: chosen.has(run.report),
    run,
  }));
  if (items.length === 0) {
    void vscode.window.showInformationMessage(t('There is no run in this workspace yet.'));
    return [];
  }
  if (!canPickMany) {
    const item = await vscode.window.showQuickPick(items, { placeHolder: t('Which run?') });
    return item === undefined ? [] : [item.run];
  }
  const many = await vscode.window.showQuickPick(items, {
    placeHolder: t('Which runs to compare? Two or more.'),
    canPickMany,
    matchOnDetail: true,
  });
  return (many ?? []).map(({ run }) => run);
}

function isFolder(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function open(file: string): Promise<void> {
  await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(file));
}

/** In the Explorer when the file lies in the workspace, else in the system's file manager. */
async function revealFile(file: string): Promise<void> {
  const uri = vscode.Uri.file(file);
  const inside = vscode.workspace.getWorkspaceFolder(uri) !== undefined;
  await vscode.commands.executeCommand(inside ? 'revealInExplorer' : 'revealFileInOS', uri);
}

async function copy(text: string, said: string): Promise<void> {
  await vscode.env.clipboard.writeText(text);
  vscode.window.setStatusBarMessage(`$(check) ${said}`, 5000);
}
