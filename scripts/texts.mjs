// Writes l10n/bundle.l10n.json, the texts a translator starts from: node scripts/texts.mjs
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

const root = path.dirname(import.meta.dirname);

/** Constants of `src/protocol` whose texts the extension translates: their values, at any depth. */
const table = /(Texts|Titles?|Labels)$/;

/** All texts of the workbench and of its pages, each as its own key, in the order of their characters. */
export function collectTexts() {
  const texts = new Set();
  for (const file of filesIn('src/extension')) collectCalls(file, texts);
  for (const file of filesIn('src/protocol')) collectTables(file, texts);
  return Object.fromEntries([...texts].sort().map((text) => [text, text]));
}

function filesIn(folder) {
  return readdirSync(path.join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => path.join(entry.parentPath, entry.name));
}

function parse(file) {
  return ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true);
}

/** First arguments of `t(…)` and `vscode.l10n.t(…)`. */
function collectCalls(file, texts) {
  const visit = (node) => {
    if (ts.isCallExpression(node)) {
      const { expression } = node;
      const name = ts.isPropertyAccessExpression(expression) ? expression.name : expression;
      const text = node.arguments.at(0);
      if (name.getText() === 't' && text !== undefined && ts.isStringLiteralLike(text)) {
        texts.add(text.text);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(parse(file));
}

function collectTables(file, texts) {
  const visit = (node) => {
    if (ts.isStringLiteralLike(node)) texts.add(node.text);
    else if (ts.isPropertyAssignment(node)) visit(node.initializer);
    else ts.forEachChild(node, visit);
  };
  for (const statement of parse(file).statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, initializer } of statement.declarationList.declarations) {
      if (initializer !== undefined && table.test(name.getText())) visit(initializer);
    }
  }
}

/** The bundle as it lies in the repository. */
export function bundleText() {
  return `${JSON.stringify(collectTexts(), null, 2)}\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  mkdirSync(path.join(root, 'l10n'), { recursive: true });
  writeFileSync(path.join(root, 'l10n/bundle.l10n.json'), bundleText());
}
