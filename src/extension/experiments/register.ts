import * as vscode from 'vscode';
import type { SsmContext } from '../context';
import { choose } from '../platform/steps';
import { registerRunCommands } from './commands';
import { registerComparison } from './comparisonPanel';
import { openSample } from './sample';
import { sortKeys, usualOrder } from './runIndex';
import type { SortKey, SortOrder } from './runIndex';
import { createRunStore } from './store';
import { createExperimentTree } from './tree';

const { t } = vscode.l10n;

/** View of the manifest. */
const viewId = 'ssm.experiments';
const filterKey = 'experiments.filter';
const sortKey = 'experiments.sort';

/** Wires the sidebar: the runs on disk, their tree, and what can be done with them. */
export function registerExperiments(context: SsmContext, memory: vscode.Memento): void {
  const store = createRunStore(context);
  let filter = memory.get(filterKey, '');
  let sort = memory.get<SortOrder>(sortKey, usualOrder('date'));
  const tree = createExperimentTree(store, context.liveRuns, { filter, sort });
  const view = vscode.window.createTreeView(viewId, {
    treeDataProvider: tree,
    canSelectMany: true,
    showCollapseAll: true,
  });
  context.subscriptions.push(store, tree, view);

  const showState = (): void => {
    view.message = filter === '' ? '' : t('Runs with “{0}”', filter);
    view.description = sortTitles()[sort.key];
    void vscode.commands.executeCommand('setContext', 'ssm.runsFiltered', filter !== '');
  };
  const setFilter = (text: string): void => {
    filter = text.trim();
    void memory.update(filterKey, filter);
    showState();
    tree.show({ filter, sort });
  };
  const stopBadge = context.liveRuns.onChange(() => {
    const busy = context.liveRuns.list().filter(({ state }) => state.kind !== 'failed').length;
    if ((view.badge?.value ?? 0) === busy) return;
    view.badge =
      busy === 0 ? undefined : { value: busy, tooltip: t('{0} runs waiting or at work', busy) };
  });
  context.subscriptions.push(new vscode.Disposable(stopBadge));
  showState();

  registerRunCommands({ context, store, selection: () => view.selection });
  registerComparison(context, store);
  const commands: Record<string, () => unknown> = {
    'ssm.filterRuns': async () => {
      const text = await vscode.window.showInputBox({
        title: t('Filter Runs'),
        prompt: t(
          'Words in name, note, file or solver; * for starred runs, order:16, solver:balanced.',
        ),
        value: filter,
      });
      if (text !== undefined) setFilter(text);
    },
    'ssm.clearRunFilter': () => {
      setFilter('');
    },
    'ssm.sortRuns': async () => {
      const chosen = await askSort(sort);
      if (chosen === undefined) return;
      sort = chosen;
      void memory.update(sortKey, sort);
      showState();
      tree.show({ filter, sort });
    },
    'ssm.openSample': () => openSample(context),
  };
  for (const [name, run] of Object.entries(commands)) {
    context.subscriptions.push(vscode.commands.registerCommand(name, run));
  }
}

/** Asks what to sort by; the present key again turns the order round. */
async function askSort(present: SortOrder): Promise<SortOrder | undefined> {
  const items = sortKeys.map((key) => ({
    label: sortTitles()[key],
    description:
      key === present.key ? t('sorted by this now; choose it again to turn the order round') : '',
    value: key,
    preselected: key === present.key,
  }));
  const place = { title: t('Sort Runs'), step: 1, totalSteps: 1, canGoBack: false };
  const key = await choose<SortKey>(place, t('Sort runs by…'), items);
  if (key === undefined || typeof key === 'symbol') return undefined;
  return key === present.key ? { key, descending: !present.descending } : usualOrder(key);
}

function sortTitles(): Record<SortKey, string> {
  return {
    date: t('Date'),
    order: t('Order'),
    size: t('Size'),
    error: t('Error'),
    accuracy: t('Accuracy'),
    name: t('Name'),
  };
}
