import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { bundleText } from '../../scripts/texts.mjs';
import { comparisonTexts } from '../../src/protocol/comparison';
import { curveTexts, evaluationTexts } from '../../src/protocol/measureTexts';
import { checkpointTexts, reportTexts } from '../../src/protocol/texts';

/** What a person sees in the workbench can be translated: it goes through `vscode.l10n.t`, as a text that can be collected. */

const folder = path.resolve(import.meta.dirname, '../../src/extension');

/** Calls whose first argument is shown. */
const showing = /^(show(Information|Warning|Error)Message|setStatusBarMessage|showQuickPick)$/;
/** Properties that are shown wherever they are given. */
const shown =
  /^(label|description|detail|prompt|placeholder|placeHolder|tooltip|message|openLabel|saveLabel|title|name|text|complaint)$/;
/** Names of the product, units and symbols, which are the same in every language. */
const names = /\b(SSM Compress|SSM|Node)\b|τ = (10 )?[LΔ∞ ]+|\$\([a-z~-]+\)|[\W\d_]+/g;

/** Tables of texts that stand elsewhere, in `src/protocol`, and are collected there. */
const tables = new Set([
  'reportTexts[facts.solver]',
  'calibrationPartTitles[part]',
  'refinementTitle',
  'text', // all texts of a page, in webviews/panel.ts
]);

interface Finding {
  readonly line: number;
  readonly what: string;
}

/** Texts of a source file that no translation would reach, and calls for one that could not be collected. */
function untranslated(source: string): Finding[] {
  const file = ts.createSourceFile('x.ts', source, ts.ScriptTarget.ES2022, true);
  const found: Finding[] = [];
  const complain = (node: ts.Node, what: string): void => {
    const { line } = file.getLineAndCharacterOfPosition(node.getStart());
    found.push({ line: line + 1, what: `${what}: ${node.getText().slice(0, 80)}` });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const name = calledName(node);
      const first = node.arguments.at(0);
      if (name === 't') checkCall(node, complain);
      else if (showing.test(name) && first !== undefined) {
        for (const text of textsOf(first)) complain(text, `${name} shows`);
      }
    }
    const [property, value] = given(node);
    if (property !== undefined && value !== undefined && shown.test(property)) {
      for (const text of textsOf(value)) complain(text, `${property} is shown`);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function calledName({ expression }: ts.CallExpression): string {
  return ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText();
}

/** `name: value` in an object, or `x.name = value`. */
function given(node: ts.Node): [string | undefined, ts.Expression | undefined] {
  if (ts.isPropertyAssignment(node) && ts.isIdentifier(node.name)) {
    return [node.name.text, node.initializer];
  }
  if (
    ts.isBinaryExpression(node) &&
    node.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
    ts.isPropertyAccessExpression(node.left)
  ) {
    return [node.left.name.text, node.right];
  }
  return [undefined, undefined];
}

/** The literal texts with words that an expression can come to. */
function textsOf(node: ts.Expression): ts.Expression[] {
  if (ts.isParenthesizedExpression(node)) return textsOf(node.expression);
  if (ts.isConditionalExpression(node)) {
    return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)];
  }
  if (ts.isBinaryExpression(node)) return [...textsOf(node.left), ...textsOf(node.right)];
  if (ts.isStringLiteralLike(node)) return hasWords(node.text) ? [node] : [];
  if (!ts.isTemplateExpression(node)) return [];
  const literals = [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)];
  return literals.some(hasWords) ? [node] : [];
}

function hasWords(text: string): boolean {
  return /\p{L}{2,}/u.test(text.replace(names, ' '));
}

/** The text is written where it is used, and has a place for every value. */
function checkCall(call: ts.CallExpression, complain: (node: ts.Node, what: string) => void): void {
  const text = call.arguments.at(0);
  const values = call.arguments.slice(1);
  if (text === undefined || !ts.isStringLiteralLike(text)) {
    if (text === undefined || !tables.has(text.getText())) complain(call, 'cannot be collected');
    return;
  }
  const places = new Set([...text.text.matchAll(/\{(\d+)\}/g)].map(([, place]) => Number(place)));
  const expected = values.map((_, place) => place);
  if (values.some(ts.isSpreadElement)) return;
  if (places.size !== expected.length || expected.some((place) => !places.has(place))) {
    complain(call, 'has other places than values');
  }
}

function filesIn(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => path.join(entry.parentPath, entry.name));
}

describe('texts of the workbench', () => {
  it.each([
    [`window.showErrorMessage('It failed.')`, 'showErrorMessage shows'],
    ['window.setStatusBarMessage(`${n} runs`)', 'setStatusBarMessage shows'],
    [`item.tooltip = good ? t('Good') : 'Not good'`, 'tooltip is shown'],
    [`choose([{ label: 'Order', value: 1 }])`, 'label is shown'],
    [`t(what)`, 'cannot be collected'],
    ['t(`${n} runs`)', 'cannot be collected'],
    [`t('{0} of {1}', a)`, 'has other places'],
  ])('are found where they cannot be translated: %s', (source, what) => {
    expect(untranslated(source).map((one) => one.what)).toEqual([expect.stringContaining(what)]);
  });

  it.each([
    `window.showErrorMessage(t('It failed.'))`,
    `item.text = \`$(sync~spin) SSM \${share}\``,
    `({ label: 'τ = L Δ', description: t('recommended') })`,
    `vscode.l10n.t('{0} of {1}: {0}', a, b)`,
  ])('are left in peace where they can: %s', (source) => {
    expect(untranslated(source)).toEqual([]);
  });

  it('all go through vscode.l10n', () => {
    const found = filesIn(folder).flatMap((file) =>
      untranslated(readFileSync(file, 'utf8')).map(
        ({ line, what }) => `${path.relative(folder, file)}:${line} ${what}`,
      ),
    );
    expect(found).toEqual([]);
  });

  it('lie in the bundle that a translator starts from, as they are now (npm run texts)', () => {
    const bundle = readFileSync(path.resolve(folder, '../../l10n/bundle.l10n.json'), 'utf8');
    expect(bundle).toBe(bundleText());
    expect(bundle).toContain('"Tracing the trade-off of {0}"');
    const known = new Set(Object.keys(JSON.parse(bundle) as object));
    const pages = [checkpointTexts, reportTexts, comparisonTexts, curveTexts, evaluationTexts];
    const shownThere = pages.flatMap((page): string[] => Object.values(page));
    expect(shownThere.filter((text) => !known.has(text))).toEqual([]);
  });
});
