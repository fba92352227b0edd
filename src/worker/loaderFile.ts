import { readFile, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AtomicFile, outputExists, type AtomicFileOptions } from './atomicFile';
import { systemCode } from './fileErrors';
import { loaderName, loaderScript } from './loaderScript';

/** The script that loads results of exact sizes, beside a result. It is the same for all of them. */
export interface LoaderFile {
  readonly path: string;
  /** Takes back what was written for a run that failed. */
  remove(): Promise<void>;
}

/**
 * Writes the script unless it is there already.
 *
 * @throws SsmError `output-exists` where another file has its name and must not be replaced, `cannot-write`
 */
export async function writeLoader(output: string, options: AtomicFileOptions): Promise<LoaderFile> {
  const path = join(dirname(output), loaderName);
  const present = await presentText(path);
  if (present === loaderScript) return { path, remove: () => Promise.resolve() };
  const file = await AtomicFile.create(path, options);
  try {
    await file.write(new TextEncoder().encode(loaderScript));
    await file.seal();
    await file.publish();
  } finally {
    await file.discard(); // nothing is left to discard after a success
  }
  return { path, remove: () => unlink(path).catch(() => undefined) };
}

/** Throws `output-exists` where a file that is not the script has its name, before any work is done. */
export async function assertLoaderFits(output: string, overwrite: boolean): Promise<void> {
  const path = join(dirname(output), loaderName);
  const present = await presentText(path);
  if (present !== undefined && present !== loaderScript && !overwrite) throw outputExists(path);
}

/** The text under the name of the script; undefined where there is none. */
async function presentText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    return systemCode(error) === 'ENOENT' ? undefined : '';
  }
}
