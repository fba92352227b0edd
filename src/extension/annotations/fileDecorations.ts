import * as vscode from 'vscode';
import { decorationOf } from './decorationText';
import type { LayerIndex } from './layerIndex';
import { decorationsOn, numberFormat, onDidChangeSettings } from './settings';

/** Badges of checkpoints in the Explorer, for those whose report is up to date. */
export function registerFileDecorations(index: LayerIndex): vscode.Disposable {
  const changed = new vscode.EventEmitter<undefined>();
  const renew = (): void => {
    changed.fire(undefined);
  };
  return vscode.Disposable.from(
    changed,
    index.onDidChange(renew),
    onDidChangeSettings(renew),
    vscode.window.registerFileDecorationProvider({
      onDidChangeFileDecorations: changed.event,
      provideFileDecoration({ scheme, fsPath }) {
        if (scheme !== 'file' || !decorationsOn()) return undefined;
        const own = index.ofResult(fsPath);
        const text = decorationOf(
          own === undefined
            ? { made: index.ofSource(fsPath) }
            : { facts: own, freshness: index.freshness(own) },
          numberFormat(),
          vscode.l10n.t,
        );
        if (text === undefined) return undefined;
        const color =
          text.badge === '!' ? new vscode.ThemeColor('list.warningForeground') : undefined;
        return new vscode.FileDecoration(text.badge, text.tooltip, color);
      },
    }),
  );
}
