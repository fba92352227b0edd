import * as vscode from 'vscode';
import type { LiveRuns } from '../compression/liveRuns';
import { buildNodes, nodeId } from './nodes';
import type { BrokenNode, CheckpointNode, Node, TreeView } from './nodes';
import { describeNode } from './items';
import type { RunStore } from './store';
import { nodeTooltip } from './tooltip';

const refreshMilliseconds = 250;

export interface ExperimentTree extends vscode.TreeDataProvider<Node> {
  /** Draws anew, with another view if one is given. */
  show(view?: TreeView): void;
  /** The row of a run, if it is shown. */
  find(report: string): Node | undefined;
  dispose(): void;
}

/** The rows of the tree, from the runs on disk and those at work. Reads only when VS Code shows the tree. */
export function createExperimentTree(
  store: RunStore,
  liveRuns: LiveRuns,
  first: TreeView,
): ExperimentTree {
  const changed = new vscode.EventEmitter<undefined>();
  let view = first;
  let runs: ReturnType<RunStore['all']> | undefined;
  let roots: readonly (CheckpointNode | BrokenNode)[] = [];
  let timer: NodeJS.Timeout | undefined;

  /** Progress comes many times a second; rows are drawn a few times a second. */
  const soon = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      changed.fire(undefined);
    }, refreshMilliseconds);
  };
  let atWork = 0;
  const stopLive = liveRuns.onChange(() => {
    const now = liveRuns.list().length;
    if (now < atWork) store.refresh(); // one that ended has a report
    atWork = now;
    soon();
  });
  const storeListener = store.onDidChange(() => {
    runs = undefined;
    soon();
  });

  return {
    onDidChangeTreeData: changed.event,
    async getChildren(node) {
      if (node !== undefined) return node.kind === 'checkpoint' ? [...node.children] : [];
      roots = buildNodes(await (runs ??= store.all()), liveRuns.list(), view);
      return [...roots];
    },
    getParent(node) {
      const id = nodeId(node);
      return roots.find(
        (root) => root.kind === 'checkpoint' && root.children.some((child) => nodeId(child) === id),
      );
    },
    getTreeItem: describeNode,
    resolveTreeItem(item, node) {
      item.tooltip = nodeTooltip(node);
      return item;
    },
    show(next = view) {
      view = next;
      changed.fire(undefined);
    },
    find: (report) =>
      roots
        .flatMap((root): Node[] => (root.kind === 'checkpoint' ? [...root.children] : [root]))
        .find((node) => nodeId(node) === `run:${report}`),
    dispose() {
      clearTimeout(timer);
      stopLive();
      storeListener.dispose();
      changed.dispose();
    },
  };
}
