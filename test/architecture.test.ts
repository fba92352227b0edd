import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import manifest from '../package.json';
import texts from '../package.nls.json';
import { solverIds } from '../src/core/solve/solver';
import { importsOf, repository, sourcesOf, walk, type Import } from './support/imports';

/** Who may import whom: `any` at run time, `types` only what is erased, or the files listed. */
type Permission = 'any' | 'types' | readonly string[];
interface Area {
  readonly imports: Readonly<Partial<Record<string, Permission>>>;
  readonly node?: boolean;
  readonly packages?: readonly string[];
}

const sharedErrors = ['src/core/errors'];
const everything = { core: 'any', formats: 'any', families: 'any', protocol: 'any' } as const;

const areas: Readonly<Partial<Record<string, Area>>> = {
  core: { imports: { core: 'any' }, packages: ['ml-matrix', 'fft.js'] },
  formats: { imports: { formats: 'any', core: sharedErrors } },
  // of the formats only how a number is rounded to an element type
  families: { imports: { core: 'any', formats: ['src/formats/smallFloats'], families: 'any' } },
  protocol: { imports: { core: 'types', formats: 'types', families: 'types', protocol: 'any' } },
  worker: {
    imports: { ...everything, worker: 'any', manifest: 'any' },
    node: true,
    // TensorFlow's types alone: itself it is loaded from a folder of the person's, where it is installed
    packages: ['yaml', '@tensorflow/tfjs-core'],
  },
  cli: {
    imports: { ...everything, worker: 'any', cli: 'any' },
    node: true,
    packages: ['commander', 'cli-progress'],
  },
  extension: {
    // of the mathematics only what costs nothing to load
    imports: {
      core: [...sharedErrors, 'src/core/solve/solver'],
      formats: 'types',
      families: 'types',
      protocol: 'any',
      extension: 'any',
    },
    node: true,
    packages: ['vscode'],
  },
  webview: {
    imports: {
      core: 'types',
      formats: 'types',
      families: 'types',
      protocol: 'any',
      webview: 'any',
    },
    packages: ['chart.js', '@vscode/webview-ui-toolkit'],
  },
};

function areaOf(path: string): string {
  if (path === 'package.json') return 'manifest';
  const [first, second] = path.split('/');
  return first === 'src' ? second : first;
}

function isAllowed({ from, to, isPackage, typesOnly }: Import): boolean {
  const area = areas[areaOf(from)];
  if (area === undefined) return false;
  if (isPackage && to.startsWith('node:')) return area.node === true;
  if (isPackage)
    return (area.packages ?? []).some((name) => to === name || to.startsWith(`${name}/`));
  if (to.endsWith('.css')) return areaOf(from) === 'webview';
  const permission = area.imports[areaOf(to)];
  if (permission === undefined) return false;
  return permission === 'any' || typesOnly || (permission !== 'types' && permission.includes(to));
}

const sources = sourcesOf('src', 'webview');

describe('who may import whom', () => {
  it('finds sources and imports at all', () => {
    expect(sources.length).toBeGreaterThan(30);
    expect(sources.flatMap(importsOf).length).toBeGreaterThan(100);
  });

  it.each(sources.map((source) => [source.fileName, source] as const))('%s', (_, source) => {
    const forbidden = importsOf(source).filter((one) => !isAllowed(one));
    expect(forbidden.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  it.each<Import>([
    { from: 'src/core/a.ts', to: 'node:fs', isPackage: true, typesOnly: false },
    { from: 'src/core/a.ts', to: 'src/formats/open', isPackage: false, typesOnly: true },
    { from: 'src/formats/a.ts', to: 'src/core/scalars', isPackage: false, typesOnly: false },
    { from: 'src/families/a.ts', to: 'src/formats/open', isPackage: false, typesOnly: false },
    { from: 'src/protocol/a.ts', to: 'src/core/errors', isPackage: false, typesOnly: false },
    { from: 'src/worker/a.ts', to: 'vscode', isPackage: true, typesOnly: true },
    { from: 'src/worker/a.ts', to: 'src/extension/a', isPackage: false, typesOnly: true },
    { from: 'src/extension/a.ts', to: 'src/worker/inspect', isPackage: false, typesOnly: true },
    { from: 'src/extension/a.ts', to: 'src/formats/open', isPackage: false, typesOnly: false },
    { from: 'src/extension/a.ts', to: 'src/core/solve/reduce', isPackage: false, typesOnly: false },
    { from: 'webview/a.ts', to: 'src/extension/a', isPackage: false, typesOnly: true },
    { from: 'webview/a.ts', to: 'node:path', isPackage: true, typesOnly: false },
  ])('would catch $from importing $to', (one) => {
    expect(isAllowed(one)).toBe(false);
  });
});

/** `.process` of something of ours is not the global `process`. */
function isMemberName(node: ts.Identifier): boolean {
  return ts.isPropertyAccessExpression(node.parent) && node.parent.name === node;
}

describe('the mathematics', () => {
  it('knows no clock, no chance and no surroundings', () => {
    const forbidden = new Set([
      'Date',
      'performance',
      'process',
      'setTimeout',
      'crypto',
      'console',
    ]);
    const found: string[] = [];
    for (const source of sourcesOf('src/core')) {
      walk(source, (node) => {
        if (ts.isIdentifier(node) && forbidden.has(node.text) && !isMemberName(node)) {
          found.push(`${source.fileName}: ${node.text}`);
        }
        if (ts.isPropertyAccessExpression(node) && node.getText() === 'Math.random') {
          found.push(`${source.fileName}: Math.random`);
        }
      });
    }
    expect(found).toEqual([]);
  });
});

describe('what the extension host loads', () => {
  it('is one small file without the worker, the mathematics or a library', async () => {
    const { outputFiles, metafile } = await build({
      absWorkingDir: repository,
      entryPoints: ['src/extension/extension.ts'],
      bundle: true,
      minify: true,
      platform: 'node',
      target: 'node20',
      format: 'cjs',
      external: ['vscode'],
      write: false,
      metafile: true,
      outdir: 'unused',
    });
    expect(outputFiles[0]?.contents.length).toBeLessThanOrEqual(300_000);
    const foreign = Object.keys(metafile.inputs).filter(
      (input) => !/^src\/(extension|protocol|core)\//.test(input),
    );
    expect(foreign).toEqual([]);
  });
});

describe('the manifest and the code', () => {
  const manifestText = readFileSync(join(repository, 'package.json'), 'utf8');
  const { commands, menus, customEditors } = manifest.contributes;
  const contributed = commands.map(({ command }) => command).sort();
  const extensionSources = sourcesOf('src/extension');

  function literals(pattern: RegExp, wanted: (node: ts.StringLiteralLike) => boolean): string[] {
    const found = new Set<string>();
    for (const source of extensionSources) {
      walk(source, (node) => {
        if (ts.isStringLiteralLike(node) && pattern.test(node.text) && wanted(node)) {
          found.add(node.text);
        }
      });
    }
    return [...found].sort();
  }

  it('agree on the commands: all that are contributed are registered, and no others', () => {
    const registered = literals(/^ssm\.\w+$/, ({ parent }) => {
      const isHandler =
        ts.isPropertyAssignment(parent) && !ts.isStringLiteralLike(parent.initializer);
      const isCall =
        ts.isCallExpression(parent) && parent.expression.getText().endsWith('registerCommand');
      return isHandler || isCall;
    });
    expect(registered).toEqual(contributed);
  });

  it('agree on the custom editors', () => {
    const known = literals(/^ssm\.\w+$/, () => true);
    expect(known).toEqual(expect.arrayContaining(customEditors.map(({ viewType }) => viewType)));
  });

  it('offer in menus only commands that exist', () => {
    const offered = Object.values(menus).flatMap((entries) =>
      entries.map(({ command }) => command),
    );
    expect(contributed).toEqual(expect.arrayContaining([...new Set(offered)]));
  });

  it('have a text for every %key%, and no text without use', () => {
    const used = new Set([...manifestText.matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key));
    expect([...used].sort()).toEqual(Object.keys(texts).sort());
    expect(Object.values(texts).every((text) => text.trim() !== '')).toBe(true);
  });

  it('agree on the solvers, each with a text', () => {
    const setting = manifest.contributes.configuration.properties['ssm.compress.defaultSolver'];
    expect(setting.enum).toEqual(solverIds);
    expect(setting.enumDescriptions).toHaveLength(solverIds.length);
    expect(new Set(setting.enumDescriptions).size).toBe(solverIds.length);
  });

  it('name files that the build makes', () => {
    expect(manifest.main).toBe('./dist/extension.js');
    expect(manifest.bin).toEqual({ ssm: 'dist/cli.cjs' });
  });
});
