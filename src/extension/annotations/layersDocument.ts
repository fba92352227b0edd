import * as path from 'node:path';
import * as vscode from 'vscode';
import { reportSuffix } from '../../protocol/report';
import { inspectRemembering } from '../answers/inspect';
import type { SsmContext } from '../context';
import { noticeText } from '../platform/noticeText';
import type { CheckpointFacts } from './facts';
import type { LayerIndex } from './layerIndex';
import { resultText, sourceText, summaryText } from './layersText';
import type { LayersText } from './layersText';
import { layersHover } from './markdown';
import { numberFormat, onDidChangeSettings } from './settings';

const { t } = vscode.l10n;

/** Scheme, language and ending of the manifest. */
export const layersScheme = 'ssm-layers';
const layersEnding = '.ssmlayers';

/** What a layers document shows; facts only where a report tells of the checkpoint. */
export interface LayersPage extends LayersText {
  readonly facts?: CheckpointFacts;
  /** Whether the checkpoint is the result of the compression that the report is about, and not its source. */
  readonly isResult: boolean;
}

/** The layers documents that are open. */
export interface LayersDocuments {
  pages(): Iterable<readonly [vscode.Uri, LayersPage]>;
  readonly onDidChange: vscode.Event<void>;
}

/** The layers of a checkpoint as text, read-only: with outline, folding and hovers, and fit to be compared. */
export function registerLayersDocuments(context: SsmContext, index: LayerIndex): LayersDocuments {
  const pages = new Map<string, LayersPage>();
  const outdated = new vscode.EventEmitter<vscode.Uri>();
  const changed = new vscode.EventEmitter<void>();
  const renew = (): void => {
    for (const uri of pages.keys()) outdated.fire(vscode.Uri.parse(uri, true));
  };
  context.subscriptions.push(
    outdated,
    changed,
    index.onDidChange(renew),
    onDidChangeSettings(renew),
    vscode.workspace.registerTextDocumentContentProvider(layersScheme, {
      onDidChange: outdated.event,
      async provideTextDocumentContent(uri) {
        const page = await composePage(context, index, checkpointUri(uri));
        pages.set(uri.toString(), page);
        changed.fire();
        return page.text;
      },
    }),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => {
      if (pages.delete(uri.toString())) changed.fire();
    }),
    vscode.languages.registerDocumentSymbolProvider(
      { scheme: layersScheme },
      { provideDocumentSymbols: ({ uri }) => symbolsOf(pages.get(uri.toString())) },
    ),
    vscode.languages.registerHoverProvider(
      { scheme: layersScheme },
      {
        provideHover({ uri }, { line }) {
          const page = pages.get(uri.toString());
          const at = page?.places.findIndex((place) => place.line <= line && line <= place.last);
          const layer = at === undefined ? undefined : page?.facts?.layers.at(at);
          if (at === -1 || layer === undefined || page?.facts === undefined) return undefined;
          return new vscode.Hover(layersHover(index, page.facts, [layer]));
        },
      },
    ),
    ...layersCommands(index),
  );
  return {
    pages: () => [...pages].map(([uri, page]) => [vscode.Uri.parse(uri, true), page] as const),
    onDidChange: changed.event,
  };
}

/** The document of a checkpoint. */
export function layersUri(checkpoint: vscode.Uri): vscode.Uri {
  return checkpoint.with({ scheme: layersScheme, path: checkpoint.path + layersEnding });
}

function checkpointUri(layers: vscode.Uri): vscode.Uri {
  return layers.with({ scheme: 'file', path: layers.path.slice(0, -layersEnding.length) });
}

/** From the report of the checkpoint, else from one of a compression of it, else from its header. */
async function composePage(
  context: SsmContext,
  index: LayerIndex,
  { fsPath }: vscode.Uri,
): Promise<LayersPage> {
  const facts = await reportOf(index, fsPath);
  if (facts !== undefined) {
    const text = resultText(facts, index.freshness(facts), numberFormat(), t);
    return { ...text, facts, isResult: true };
  }
  const made = index.ofSource(fsPath).at(0);
  if (made !== undefined) return { ...sourceText(made, t), facts: made, isResult: false };
  const { signal } = new AbortController();
  const summary = await inspectRemembering(context, fsPath, signal);
  return { ...summaryText(summary, t), isResult: false };
}

/** Reads the report where the index does not know it: the checkpoint may lie outside the workspace. */
async function reportOf(index: LayerIndex, file: string): Promise<CheckpointFacts | undefined> {
  return index.ofResult(file) ?? (await index.refresh(file + reportSuffix));
}

function symbolsOf(page: LayersPage | undefined): vscode.DocumentSymbol[] {
  return (page?.places ?? []).map(({ line, last, nameLength, name, detail }) => {
    const whole = new vscode.Range(line, 0, last, Number.MAX_SAFE_INTEGER);
    const own = new vscode.Range(line, 0, line, nameLength);
    const shown = name.trim() === '' ? '–' : name.slice(0, 200);
    return new vscode.DocumentSymbol(shown, detail, vscode.SymbolKind.Struct, whole, own);
  });
}

function layersCommands(index: LayerIndex): vscode.Disposable[] {
  return [
    vscode.commands.registerCommand('ssm.openLayers', async (uri?: vscode.Uri) => {
      const checkpoint = uri ?? activeCheckpoint() ?? (await pickCheckpoint());
      if (checkpoint === undefined) return;
      await vscode.window.showTextDocument(layersUri(checkpoint), { preview: false });
    }),
    vscode.commands.registerCommand('ssm.compareLayers', async (uri?: vscode.Uri) => {
      const checkpoint = uri ?? activeCheckpoint() ?? (await pickCheckpoint());
      if (checkpoint === undefined) return;
      const { fsPath } = checkpoint;
      const facts = (await reportOf(index, fsPath)) ?? index.ofSource(fsPath).at(0);
      if (facts === undefined) {
        void vscode.window.showInformationMessage(
          t('No report tells what {0} was made from.', noticeText(path.basename(fsPath))),
        );
        return;
      }
      const { source, result } = facts;
      const title = `${path.basename(source)} ↔ ${path.basename(result)}`;
      const sides = [source, result].map((file) => layersUri(vscode.Uri.file(file)));
      await vscode.commands.executeCommand('vscode.diff', ...sides, title);
    }),
  ];
}

/** The checkpoint of the active tab: of one of our editors, or of a layers document. */
function activeCheckpoint(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (input instanceof vscode.TabInputCustom && input.viewType.startsWith('ssm.checkpoint')) {
    return input.uri;
  }
  const isLayers = input instanceof vscode.TabInputText && input.uri.scheme === layersScheme;
  return isLayers ? checkpointUri(input.uri) : undefined;
}

async function pickCheckpoint(): Promise<vscode.Uri | undefined> {
  const picked = await vscode.window.showOpenDialog({ openLabel: t('Open Layers as Text') });
  return picked?.at(0);
}
