import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SsmError, throwIfCancelled } from '../../core/errors';
import type { EngineTrial, SearchEngineId } from '../../protocol/engines';
import { openerFor, tryEngine, type OpenEngine } from './trial';

/** What npm is asked for, in versions that were tried with this program. */
export const enginePackages: Readonly<Record<SearchEngineId, string>> = {
  tfjs: '@tensorflow/tfjs-node-gpu@4.22.0',
  webgpu: 'webgpu@0.6.2',
};

export interface InstallOptions {
  readonly signal?: AbortSignal;
  /** Hears the lines that npm writes. */
  readonly onLine?: (line: string) => void;
  /** The npm to run; that of the PATH by default. */
  readonly npm?: string;
  readonly open?: OpenEngine;
  /** As Node names it: `linux-x64`; that of this machine by default. */
  readonly platform?: string;
}

/** What there are packages for. Elsewhere TensorFlow's would be one for the processor, or none. */
const platforms: Readonly<Record<SearchEngineId, readonly string[]>> = {
  tfjs: ['linux-x64', 'win32-x64'],
  webgpu: ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64', 'win32-arm64'],
};

/**
 * Installs the package of an engine into a folder with npm, which runs the package's own install scripts, and tries it.
 *
 * @returns what the engine is good for now, which may be nothing
 * @throws SsmError `bad-request` where there is none for this platform, and where npm is not there or fails, `cannot-write`, `cancelled`
 */
export async function installEngine(
  engine: SearchEngineId,
  folder: string,
  options: InstallOptions = {},
): Promise<EngineTrial> {
  assertPlatform(engine, options.platform);
  await prepareFolder(folder);
  await runNpm(engine, folder, options);
  throwIfCancelled(options.signal);
  const { trial, engine: opened } = await tryEngine(engine, options.open ?? openerFor({ folder }));
  await opened?.dispose();
  return trial;
}

function assertPlatform(
  engine: SearchEngineId,
  platform = `${process.platform}-${process.arch}`,
): void {
  if (platforms[engine].includes(platform)) return;
  throw new SsmError(
    'bad-request',
    engine === 'tfjs'
      ? `TensorFlow computes on GPUs on Linux and Windows (x64) only; this is ${platform}. WebGPU may do.`
      : `There is no WebGPU package for ${platform}.`,
  );
}

/** npm installs into the nearest folder with a package.json: here it is this one. */
async function prepareFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    const manifest = { private: true, description: 'Engines of SSM Compress' };
    await writeFile(join(folder, 'package.json'), JSON.stringify(manifest), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw new SsmError('cannot-write', `The folder for engines cannot be made: ${String(error)}`, {
      file: folder,
    });
  }
}

function runNpm(
  engine: SearchEngineId,
  folder: string,
  { signal, onLine, npm = 'npm' }: InstallOptions,
): Promise<void> {
  const windows = process.platform === 'win32';
  const flags = ['install', '--save-exact', '--no-audit', '--no-fund', '--loglevel=http'];
  return new Promise((resolve, reject) => {
    throwIfCancelled(signal);
    const child = spawn(npm, [...flags, enginePackages[engine]], {
      cwd: folder,
      // on Windows npm is a script of the shell; elsewhere a group of its own ends with all its children
      shell: windows,
      detached: !windows,
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    const lines: string[] = [];
    const cancel = (): void => {
      if (child.pid === undefined) return;
      if (windows) spawn('taskkill', ['/pid', String(child.pid), '/t', '/f']);
      else process.kill(-child.pid, 'SIGTERM');
    };
    signal?.addEventListener('abort', cancel);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
          lines.push(line);
          onLine?.(line);
        }
      });
    }
    child.on('error', (error) => {
      const why = 'npm cannot be started; it comes with Node.js, which has to be on the PATH';
      reject(new SsmError('bad-request', `${why} (${error.message}).`));
    });
    child.on('close', (code) => {
      signal?.removeEventListener('abort', cancel);
      if (signal?.aborted === true) {
        reject(new SsmError('cancelled', 'The operation was cancelled.'));
      } else if (code === 0) resolve();
      else reject(new SsmError('bad-request', `npm failed: ${telling(lines)}`));
    });
  });
}

/** The line that tells most of why npm failed. */
function telling(lines: readonly string[]): string {
  const errors = lines.filter((line) => /^npm (ERR!|error)/.test(line));
  const cause = errors.find((line) => /Error:|ENOTFOUND|EACCES|ETIMEDOUT|404/.test(line));
  return (cause ?? errors.at(0) ?? lines.at(-1) ?? 'it said nothing').slice(0, 300);
}
