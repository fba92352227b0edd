import * as vscode from 'vscode';
import { becameUnstable, exceedsCertified } from './figures';
import type { LayerIndex } from './layerIndex';
import type { LayersDocuments, LayersPage } from './layersDocument';

const { t } = vscode.l10n;

/** Problems on open layers documents: only what contradicts the report. */
export function registerProblems(index: LayerIndex, documents: LayersDocuments): vscode.Disposable {
  const collection = vscode.languages.createDiagnosticCollection('ssm');
  const renew = (): void => {
    collection.clear();
    for (const [uri, page] of documents.pages()) {
      if (page.isResult) collection.set(uri, problemsOf(page, index));
    }
  };
  return vscode.Disposable.from(collection, index.onDidChange(renew), documents.onDidChange(renew));
}

function problemsOf({ facts, places }: LayersPage, index: LayerIndex): vscode.Diagnostic[] {
  if (facts === undefined) return [];
  const problems: vscode.Diagnostic[] = [];
  const add = (
    line: number,
    length: number,
    text: string,
    severity: vscode.DiagnosticSeverity,
  ): void => {
    const problem = new vscode.Diagnostic(new vscode.Range(line, 0, line, length), text, severity);
    problem.source = 'SSM Compress';
    problems.push(problem);
  };
  if (index.freshness(facts) === 'stale') {
    const text = t(
      'The checkpoint changed after its report was made: the figures are of another file.',
    );
    add(0, 200, text, vscode.DiagnosticSeverity.Information);
  }
  if (exceedsCertified(facts)) {
    const text = t(
      'The measured output error exceeds the certified bound. One of them is wrong: please report it.',
    );
    add(0, 200, text, vscode.DiagnosticSeverity.Error);
  }
  facts.layers.forEach((layer, i) => {
    const place = places.at(i);
    if (place !== undefined && becameUnstable(layer)) {
      const text = t('A mode of the reduced layer grows, though none of the original does.');
      add(place.line, place.nameLength, text, vscode.DiagnosticSeverity.Warning);
    }
  });
  return problems;
}
