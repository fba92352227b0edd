import { execFile } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const oldest = 20;

/** Where this runs and what it may look through; the process itself by default. */
export interface Surroundings {
  readonly execPath: string;
  readonly electron: boolean;
  readonly path: string;
  readonly windows: boolean;
}

const here = (): Surroundings => ({
  execPath: process.execPath,
  electron: process.versions.electron !== undefined,
  path: process.env.PATH ?? '',
  windows: process.platform === 'win32',
});

/**
 * A real Node: Electron, which VS Code on a desktop brings, forbids the memory that graphics drivers hand out.
 * @returns its path, or undefined where only Electron is there
 */
export async function findNode(surroundings: Surroundings = here()): Promise<string | undefined> {
  const { execPath, electron, path, windows } = surroundings;
  if (!electron) return execPath;
  for (const folder of path.split(delimiter)) {
    if (folder === '') continue;
    const candidate = join(folder, windows ? 'node.exe' : 'node');
    if (await isNode(candidate)) return candidate;
  }
  return undefined;
}

/** Whether this is Node, recent enough and not Electron under its name. */
async function isNode(candidate: string): Promise<boolean> {
  try {
    const question = 'process.versions.electron ? 0 : process.versions.node';
    const { stdout } = await run(candidate, ['-p', question], { timeout: 5000 });
    return Number(stdout.trim().split('.')[0]) >= oldest;
  } catch {
    return false;
  }
}
