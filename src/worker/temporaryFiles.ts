import { createHash, randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { systemCode } from './fileErrors';

/** Process ids mean something on one machine only, and a directory may be shared between machines. */
const machine = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

/** The temporary files of this process. A normal end of the process removes them, whatever led to it. */
const ours = new Set<string>();
process.once('exit', () => {
  for (const path of ours) {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // Nobody is left to be told; the next run into the same target tries again.
    }
  }
});

/**
 * A new name for a temporary file or folder beside `target`, `.<name>.<machine>-<pid>-<random>.tmp`: in the same directory, so
 * that it can be renamed to the target, and telling who made it, so that the leavings of a killed process are known.
 */
export function temporaryName(target: string): string {
  const name = `.${basename(target)}.${machine}-${process.pid}-${randomBytes(6).toString('hex')}.tmp`;
  const path = join(dirname(target), name);
  ours.add(path);
  return path;
}

/** The temporary file was renamed or removed. */
export function forgetTemporary(path: string): void {
  ours.delete(path);
}

/** Removes temporary files and folders for `target` whose process is dead. Those of living processes and other machines stay. */
export async function removeStaleTemporaries(target: string): Promise<void> {
  const directory = dirname(target);
  const prefix = `.${basename(target)}.${machine}-`;
  const names = await readdir(directory).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(prefix)) continue;
    const pid = /^(\d+)-[0-9a-f]{12}\.tmp$/.exec(name.slice(prefix.length))?.[1];
    const path = join(directory, name);
    if (pid === undefined || ours.has(path) || isAlive(Number(pid))) continue;
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Whether another process with this id exists. Our own id on a file that is not ours is of an earlier life. */
function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}
