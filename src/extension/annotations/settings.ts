import * as vscode from 'vscode';
import type { NumberFormat } from './figures';
import type { Links } from './links';
import { layerClasses } from './scan/names';
import type { ScanNames } from './scan/site';

/** The settings of annotations, as they hold for a file. What is no legal value counts as the default. */
const section = 'ssm';
export const linksSetting = 'links';

function configuration(uri?: vscode.Uri): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration(section, uri);
}

export function hoversOn(uri: vscode.Uri): boolean {
  return configuration(uri).get('annotations.hover', true);
}

/** Which files get hints: none, those linked by the person, or also those matched by name. */
export function inlayHintsFor(uri: vscode.Uri): 'off' | 'linked' | 'all' {
  const value = configuration(uri).get('annotations.inlayHints');
  return value === 'off' || value === 'all' ? value : 'linked';
}

export function codeLensOn(uri: vscode.Uri): boolean {
  return configuration(uri).get('annotations.codeLens', false);
}

export function decorationsOn(): boolean {
  return configuration().get('decorations.enabled', true);
}

export function numberFormat(uri?: vscode.Uri): NumberFormat {
  const value = configuration(uri).get('numberFormat');
  return value === 'scientific' || value === 'percent' ? value : 'auto';
}

/** The known classes and the person's own. */
export function scanNames(uri: vscode.Uri): ScanNames {
  const own: unknown = configuration(uri).get('annotations.layerNames');
  const names = Array.isArray(own) ? own.filter((name) => typeof name === 'string') : [];
  return { classes: new Set([...layerClasses, ...names]) };
}

export function linksOf(uri: vscode.Uri): Links {
  const links: unknown = configuration(uri).get(linksSetting);
  return typeof links === 'object' && links !== null ? (links as Links) : {};
}

export async function setLinks(folder: vscode.WorkspaceFolder, links: Links): Promise<void> {
  const target =
    vscode.workspace.workspaceFile === undefined
      ? vscode.ConfigurationTarget.Workspace
      : vscode.ConfigurationTarget.WorkspaceFolder;
  await configuration(folder.uri).update(linksSetting, links, target);
}

/** Calls back whenever one of the settings above changes. */
export function onDidChangeSettings(listener: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    const mine = ['annotations', linksSetting, 'decorations', 'numberFormat'];
    if (mine.some((key) => event.affectsConfiguration(`${section}.${key}`))) listener();
  });
}
