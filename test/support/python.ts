import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** The Python that has torch and NumPy: Debian's own. `SSM_PYTHON` names another one. */
const python = process.env.SSM_PYTHON ?? '/usr/bin/python3';

/** Runs test/python/`script` and returns what it prints, parsed as JSON. */
export function runPython(script: string, ...args: readonly string[]): unknown {
  const path = join(import.meta.dirname, '../python', script);
  const output = execFileSync(python, [path, ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', OMP_NUM_THREADS: '1' },
  });
  return JSON.parse(output);
}
