import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The Python with NumPy (and torch, where a checkpoint must be diagonalised): Debian's own, or `SSM_PYTHON`. */
const python = process.env.SSM_PYTHON ?? '/usr/bin/python3';

/** Versions of Python, NumPy and torch, or undefined where there is no Python with NumPy. */
export async function pythonVersions(): Promise<string | undefined> {
  if (!existsSync(python)) return undefined;
  const script =
    'import sys, numpy, importlib.util as u; print("Python", sys.version.split()[0] + ", NumPy", numpy.__version__ + ' +
    '(", torch " + __import__("torch").__version__ if u.find_spec("torch") else ""))';
  try {
    const { stdout } = await promisify(execFile)(python, ['-c', script]);
    return stdout.trim();
  } catch {
    return undefined;
  }
}

/** Runs bench/peers/`script`, one thread a process, and returns what it prints, parsed as JSON. */
export async function runPeer(script: string, ...args: readonly string[]): Promise<unknown> {
  const environment = {
    OMP_NUM_THREADS: '1',
    OPENBLAS_NUM_THREADS: '1',
    PYTHONDONTWRITEBYTECODE: '1',
  };
  const { stdout } = await promisify(execFile)(
    python,
    [join(process.cwd(), 'bench', 'peers', script), ...args],
    { env: { ...process.env, ...environment }, maxBuffer: 2 ** 26 },
  );
  return JSON.parse(stdout) as unknown;
}
