import * as vscode from 'vscode';
import { hintText } from './hintText';
import type { LayerIndex } from './layerIndex';
import { layersHover } from './markdown';
import { codeLensOn, hoversOn, inlayHintsFor, numberFormat } from './settings';
import { sourceSelector } from './sourceFile';
import type { AnnotatedFile, AnnotatedSite, SourceFiles } from './sourceFile';

const { t } = vscode.l10n;

/** Hovers, hints and code lenses in Python, YAML and JSON. All look up; none computes or reads. */
export function registerSourceAnnotations(
  index: LayerIndex,
  files: SourceFiles,
): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  return vscode.Disposable.from(
    changed,
    files.onDidChange(() => {
      changed.fire();
    }),
    vscode.languages.registerHoverProvider(sourceSelector, {
      provideHover(document, position) {
        if (!hoversOn(document.uri)) return undefined;
        const file = files.annotated(document);
        const found = file?.sites.find(({ range }) => range.contains(position));
        if (file === undefined || found === undefined) return undefined;
        return new vscode.Hover(hoverOf(document.uri, file, found), found.range);
      },
    }),
    vscode.languages.registerInlayHintsProvider(sourceSelector, {
      onDidChangeInlayHints: changed.event,
      provideInlayHints(document, range) {
        const which = inlayHintsFor(document.uri);
        const file = which === 'off' ? undefined : files.annotated(document);
        if (file === undefined || (which === 'linked' && file.link.by !== 'link')) return [];
        return onePerLine(file).flatMap((found) => {
          const end = document.lineAt(found.site.line).range.end;
          return range.contains(end) ? [hintAt(document.uri, end, file, found)] : [];
        });
      },
    }),
    vscode.languages.registerCodeLensProvider(sourceSelector, {
      onDidChangeCodeLenses: changed.event,
      provideCodeLenses(document) {
        const file = codeLensOn(document.uri) ? files.annotated(document) : undefined;
        if (file === undefined) return [];
        const uri = vscode.Uri.file(file.link.facts.result);
        return onePerLine(file).map(
          (found) =>
            new vscode.CodeLens(found.range, {
              title: `SSM: ${hint(document.uri, file, found)}`,
              command: 'ssm.openLayers',
              arguments: [uri],
            }),
        );
      },
    }),
  );

  function hoverOf(
    uri: vscode.Uri,
    { link }: AnnotatedFile,
    { layers }: AnnotatedSite,
  ): vscode.MarkdownString {
    return layersHover(index, link.facts, layers, { file: uri, link });
  }

  function hint(uri: vscode.Uri, { link }: AnnotatedFile, { layers }: AnnotatedSite): string {
    return hintText(layers, index.freshness(link.facts), numberFormat(uri), t);
  }

  function hintAt(
    uri: vscode.Uri,
    end: vscode.Position,
    file: AnnotatedFile,
    found: AnnotatedSite,
  ): vscode.InlayHint {
    const shown = new vscode.InlayHint(end, `‹ ${hint(uri, file, found)} ›`);
    shown.paddingLeft = true;
    shown.tooltip = hoverOf(uri, file, found);
    return shown;
  }
}

/** Of several sites on a line the first: it is the layer, its order follows. */
function onePerLine({ sites }: AnnotatedFile): AnnotatedSite[] {
  const lines = new Set<number>();
  return sites.filter(({ site: { line } }) => {
    if (lines.has(line)) return false;
    lines.add(line);
    return true;
  });
}
