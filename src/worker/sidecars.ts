import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename, dirname, join, parse, relative, sep } from 'node:path';
import { SsmError, throwIfCancelled } from '../core/errors';
import type { Configuration } from '../families/resolveHyperParameters';
import { isIndex } from '../formats/folder/choose';
import {
  largestConfiguration,
  parseConfiguration,
  type ConfigurationLanguage,
} from './configurationText';
import { systemCode } from './fileErrors';

/** The configurations beside a checkpoint, and which could not be read and why. */
export interface Sidecars {
  readonly configurations: readonly Configuration[];
  readonly notes: readonly string[];
}

/** How far up Hydra's folder may lie: outputs/<date>/<time>/checkpoints/<run>/last.ckpt. */
const hydraLevels = 3;

/**
 * Reads the configurations that training code leaves beside a checkpoint: one of the checkpoint's own name, `config`
 * (Hugging Face, Weights & Biases), `hparams.yaml` (Lightning; also one folder up), and the nearest `.hydra/config.yaml`
 * up to three folders up. They are read only; what cannot be read is a note, not a failure.
 */
export async function readSidecars(file: string, signal?: AbortSignal): Promise<Sidecars> {
  const configurations: Configuration[] = [];
  const notes: string[] = [];
  const isFolder = await isDirectory(file);
  const folder = isFolder ? file : dirname(file);
  const groups = isFolder || isIndex(file) ? candidatesOfFolder(folder) : candidates(file);
  for (const group of groups) {
    for (const path of group) {
      throwIfCancelled(signal);
      const shown = relative(folder, path).replaceAll(sep, '/');
      try {
        const settings = await readConfiguration(path);
        if (settings === undefined) continue;
        configurations.push({ file: shown, settings });
        break; // of a group the nearest counts
      } catch (error) {
        notes.push(`${shown} was not used: ${reasonOf(error)}`);
      }
    }
  }
  return { configurations, notes };
}

function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

/** In a folder of Hugging Face's the `config.json` belongs to the checkpoint and is no configuration beside it. */
function candidatesOfFolder(folder: string): string[][] {
  const own = join(folder, 'config.json');
  return candidates(own).filter((group) => !group.includes(own));
}

/** Paths to try, in groups of which the first that exists counts. */
function candidates(file: string): string[][] {
  const folder = dirname(file);
  const { name } = parse(file);
  const up = (levels: number): string => join(folder, ...Array<string>(levels).fill('..'));
  const beside = [name, 'config'].flatMap((stem) =>
    ['yaml', 'yml', 'json'].map((extension) => join(folder, `${stem}.${extension}`)),
  );
  return [
    ...[...new Set(beside)]
      .filter((path) => basename(path) !== basename(file))
      .map((path) => [path]),
    [0, 1].map((levels) => join(up(levels), 'hparams.yaml')),
    [...Array(hydraLevels + 1).keys()].map((levels) => join(up(levels), '.hydra', 'config.yaml')),
  ];
}

/** The settings of a file; undefined where there is none. */
async function readConfiguration(path: string): Promise<Configuration['settings'] | undefined> {
  const language: ConfigurationLanguage = path.endsWith('.json') ? 'json' : 'yaml';
  const text = await readText(path, largestConfiguration[language]);
  return text === undefined ? undefined : parseConfiguration(text, language);
}

async function readText(path: string, limit: number): Promise<string | undefined> {
  const handle = await openPlain(path);
  if (handle === undefined) return undefined;
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) return undefined;
    const bytes = Buffer.alloc(limit + 1); // the size that the file had may not be the one that it has
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
    if (bytesRead > limit) {
      throw new SsmError('bad-file', `It is larger than ${limit / 1000} kB.`);
    }
    return bytes.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Opens without waiting: a name may belong to a pipe. Undefined where there is nothing. */
async function openPlain(path: string): Promise<Awaited<ReturnType<typeof open>> | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ENXIO'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}

function reasonOf(error: unknown): string {
  if (SsmError.is(error)) return error.message;
  return systemCode(error) === 'EACCES'
    ? 'You have no permission to read it.'
    : 'It cannot be read.';
}
