import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

export const repository = resolve(import.meta.dirname, '../..');

/** One import of one source file. */
export interface Import {
  /** The importing file, relative to the repository, with forward slashes. */
  readonly from: string;
  /** The imported file relative to the repository without its extension, or the name of a package. */
  readonly to: string;
  readonly isPackage: boolean;
  /** Whether nothing of it is left at run time. */
  readonly typesOnly: boolean;
}

/** The parsed sources under some folders, tests not among them. */
export function sourcesOf(...folders: readonly string[]): ts.SourceFile[] {
  return folders
    .flatMap((folder) =>
      readdirSync(join(repository, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts') && !file.includes('node_modules'))
        .map((file) => join(folder, file)),
    )
    .map((file) => {
      const text = readFileSync(join(repository, file), 'utf8');
      const name = file.replaceAll('\\', '/');
      return ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true);
    });
}

/** Every import, re-export and dynamic import of a source. */
export function importsOf(source: ts.SourceFile): Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, typesOnly: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    const isPackage = !specifier.text.startsWith('.');
    const path = join(repository, dirname(source.fileName), specifier.text);
    const to = isPackage ? specifier.text : relative(repository, path).replaceAll('\\', '/');
    found.push({ from: source.fileName, to, isPackage, typesOnly });
  };
  walk(source, (node) => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, importsTypesOnly(node));
    if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments.at(0), false);
    }
  });
  return found;
}

function importsTypesOnly({ importClause }: ts.ImportDeclaration): boolean {
  if (importClause === undefined) return false; // imported for what it does
  if (importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const bindings = importClause.namedBindings;
  return (
    importClause.name === undefined &&
    bindings !== undefined &&
    ts.isNamedImports(bindings) &&
    bindings.elements.length > 0 &&
    bindings.elements.every((element) => element.isTypeOnly)
  );
}

/** Visits a node and all below it. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => {
    walk(child, visit);
  });
}
