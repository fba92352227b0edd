import * as vscode from 'vscode';
import type { CheckpointFacts, LayerFacts } from './facts';
import type { LayerIndex } from './layerIndex';
import { factsFor, linkedCheckpoint, suggestLink } from './links';
import type { Link } from './links';
import { layersAt } from './matching';
import { scanJson, scanYaml } from './scan/configuration';
import { scanPython } from './scan/python';
import type { SourceScan, SourceSite } from './scan/site';
import { linksOf, onDidChangeSettings, scanNames } from './settings';

/** Files that annotations are shown in. Not those of diff views, where hints would stand between the lines. */
export const sourceSelector: vscode.DocumentSelector = ['python', 'yaml', 'json', 'jsonc'].map(
  (language) => ({ language, scheme: 'file' }),
);

/** Longer files are not scanned. */
const mostCharacters = 2_000_000;

/** A site with the layers that it speaks of; at least one. */
export interface AnnotatedSite {
  readonly site: SourceSite;
  readonly range: vscode.Range;
  readonly layers: readonly LayerFacts[];
}

/** What a source file is annotated with. */
export interface AnnotatedFile {
  readonly link: Link;
  readonly sites: readonly AnnotatedSite[];
}

/** Annotations of source files, computed at most once for each state of file, index and settings. */
export interface SourceFiles {
  annotated(document: vscode.TextDocument): AnnotatedFile | undefined;
  /** Whether the file speaks of state-space layers at all. */
  hasSites(document: vscode.TextDocument): boolean;
  /** Says that results are not what this file speaks of. */
  reject(file: vscode.Uri, result: string): Promise<void>;
  readonly onDidChange: vscode.Event<void>;
}

const rejectedKey = 'annotations.rejected';

export function createSourceFiles(
  index: LayerIndex,
  state: vscode.Memento,
  subscriptions: { dispose(): unknown }[],
): SourceFiles {
  const scans = new WeakMap<vscode.TextDocument, { version: number; scan: SourceScan }>();
  let results = new WeakMap<
    vscode.TextDocument,
    { version: number; file: AnnotatedFile | undefined }
  >();
  const changed = new vscode.EventEmitter<void>();
  const forget = (): void => {
    results = new WeakMap();
    changed.fire();
  };
  subscriptions.push(
    changed,
    index.onDidChange(forget),
    onDidChangeSettings(() => {
      for (const document of vscode.workspace.textDocuments) scans.delete(document);
      forget();
    }),
  );

  const scanOf = (document: vscode.TextDocument): SourceScan => {
    const { version } = document;
    const known = scans.get(document);
    if (known?.version === version) return known.scan;
    const scan = scanDocument(document);
    scans.set(document, { version, scan });
    return scan;
  };

  const rejected = (file: vscode.Uri): readonly string[] =>
    state.get<Record<string, string[]>>(rejectedKey, {})[file.toString()] ?? [];

  return {
    hasSites: (document) => isSource(document) && scanOf(document).sites.length > 0,
    annotated(document) {
      if (index.all().length === 0 || !isSource(document)) return undefined;
      const { version } = document;
      const known = results.get(document);
      if (known?.version === version) return known.file;
      const file = annotate(document, scanOf(document), index, new Set(rejected(document.uri)));
      results.set(document, { version, file });
      return file;
    },
    async reject(file, result) {
      const all = state.get<Record<string, string[]>>(rejectedKey, {});
      const own = [...new Set([...rejected(file), result])];
      await state.update(rejectedKey, { ...all, [file.toString()]: own });
      forget();
    },
    onDidChange: changed.event,
  };
}

function isSource(document: vscode.TextDocument): boolean {
  return vscode.languages.match(sourceSelector, document) > 0;
}

function scanDocument(document: vscode.TextDocument): SourceScan {
  const text = document.getText();
  if (text.length > mostCharacters) return { sites: [], attributes: new Set() };
  if (document.languageId === 'python') return scanPython(text, scanNames(document.uri));
  return document.languageId === 'yaml' ? scanYaml(text) : scanJson(text);
}

function annotate(
  document: vscode.TextDocument,
  scan: SourceScan,
  index: LayerIndex,
  rejected: ReadonlySet<string>,
): AnnotatedFile | undefined {
  const link = linkOf(document, scan, index.all(), rejected);
  if (link === undefined) return undefined;
  const sites = scan.sites.flatMap((site): AnnotatedSite[] => {
    const layers = layersAt(site, link.facts);
    const range = new vscode.Range(site.line, site.start, site.line, site.end);
    return layers.length === 0 ? [] : [{ site, range, layers }];
  });
  return { link, sites };
}

function linkOf(
  document: vscode.TextDocument,
  scan: SourceScan,
  all: readonly CheckpointFacts[],
  rejected: ReadonlySet<string>,
): Link | undefined {
  const { uri } = document;
  const folder = vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath;
  const linked =
    folder === undefined ? undefined : linkedCheckpoint(linksOf(uri), uri.fsPath, folder);
  if (linked !== undefined) {
    const facts = factsFor(linked, all);
    return facts === undefined ? undefined : { facts, by: 'link' };
  }
  return suggestLink({ path: uri.fsPath, text: document.getText(), scan }, all, rejected);
}
