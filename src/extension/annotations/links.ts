import * as path from 'node:path';
import { reportSuffix } from '../../protocol/report';
import type { CheckpointFacts } from './facts';
import { newestFirst } from './layerIndex';
import { hasPart, namedParts, withoutIndex } from './matching';
import type { SourceScan } from './scan/site';

/** How a file came to its checkpoint: the person linked it, or it was found by names and is only a suggestion. */
export interface Link {
  readonly facts: CheckpointFacts;
  readonly by: 'link' | 'mention' | 'structure' | 'neighbour';
}

/** A file to find a checkpoint for. */
export interface LinkedFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
  readonly scan: SourceScan;
}

/** Files (keys) and checkpoints (values) of `ssm.links`, relative to the workspace folder or absolute. */
export type Links = Readonly<Record<string, unknown>>;

/** The checkpoint that the setting names for a file; undefined where it names none. */
export function linkedCheckpoint(links: Links, file: string, folder: string): string | undefined {
  for (const [from, to] of Object.entries(links)) {
    if (typeof to === 'string' && path.resolve(folder, from) === file) {
      return path.resolve(folder, to);
    }
  }
  return undefined;
}

/** The facts of a linked checkpoint: of itself if it was written by a compression, else of the newest made from it. */
export function factsFor(
  checkpoint: string,
  all: readonly CheckpointFacts[],
): CheckpointFacts | undefined {
  const own = all.find(({ result }) => result === checkpoint);
  return own ?? newestFirst(all.filter(({ source }) => source === checkpoint)).at(0);
}

/**
 * The checkpoint that a file probably speaks of. It names it; or its attributes are the parts of the layers' names; or
 * it lies beside it. Of several the newest. A file without a site has none.
 * @param rejected results that the person said are not meant
 */
export function suggestLink(
  file: LinkedFile,
  all: readonly CheckpointFacts[],
  rejected: ReadonlySet<string>,
): Link | undefined {
  if (file.scan.sites.length === 0) return undefined;
  const candidates = newestFirst(all.filter(({ result }) => !rejected.has(result)));
  const tests = { mention, structure, neighbour } as const;
  for (const by of ['mention', 'structure', 'neighbour'] as const) {
    const facts = candidates.find((candidate) => tests[by](file, candidate));
    if (facts !== undefined) return { facts, by };
  }
  return undefined;
}

/** The name of the checkpoint or of what it was made from stands in the file. */
function mention({ text }: LinkedFile, { result, source }: CheckpointFacts): boolean {
  return [result, source].some((checkpoint) => {
    const name = path.basename(checkpoint);
    const at = text.indexOf(name);
    return at !== -1 && !/[\w.-]/.test(text.charAt(at - 1));
  });
}

/**
 * Every layer lies below an attribute that a layer is built for here, or all the names on its way are attributes of this
 * file.
 */
function structure({ scan }: LinkedFile, { layers }: CheckpointFacts): boolean {
  const built = scan.sites.flatMap(({ kind, attribute }) =>
    kind === 'layer' && attribute !== undefined ? [attribute] : [],
  );
  if (built.length === 0 || layers.length === 0) return false;
  return layers.every(
    ({ name }) =>
      built.some((attribute) => hasPart(name, attribute)) ||
      namedParts(name).every(
        (part) => scan.attributes.has(part) || scan.attributes.has(withoutIndex(part)),
      ),
  );
}

/** It lies in the folder of the report, or is a configuration that Hydra keeps there. */
function neighbour(file: LinkedFile, { report }: CheckpointFacts): boolean {
  const folder = path.dirname(file.path);
  const home = path.basename(folder) === '.hydra' ? path.dirname(folder) : folder;
  return home === path.dirname(report);
}

/** The setting with a file linked; whatever was said of the file before is replaced. */
export function withLink(
  links: Links,
  file: string,
  checkpoint: string | undefined,
  folder: string,
): Record<string, unknown> {
  const others = Object.entries(links).filter(([from]) => path.resolve(folder, from) !== file);
  const own = checkpoint === undefined ? [] : [[shown(file, folder), shown(checkpoint, folder)]];
  return Object.fromEntries([...others, ...own]) as Record<string, unknown>;
}

/** Relative with `/` inside the folder, so that the setting can be shared; absolute outside. */
function shown(file: string, folder: string): string {
  const relative = path.relative(folder, file);
  const outside = relative.startsWith('..') || path.isAbsolute(relative);
  return outside ? file : relative.replaceAll(path.sep, '/');
}

/** The checkpoint of a report's path, any other path as it is. */
export function checkpointOf(file: string): string {
  return file.endsWith(reportSuffix) ? file.slice(0, -reportSuffix.length) : file;
}
