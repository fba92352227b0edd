import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

/** Not too many for every test run; `npm run fuzz -- --minutes 10` goes on for as long as one likes. */
const CASES = 1500;

it('spoiled checkpoints and files made to harm are read or refused within the limits of time and memory', () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['scripts/fuzz.mjs', '--cases', String(CASES)],
    { cwd: root, encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const [, used = '', refused = ''] = /^(\d+) read, (\d+) refused, 0 failed/m.exec(stdout) ?? [];
  expect(Number(used) + Number(refused)).toBeGreaterThanOrEqual(CASES);
  expect(Number(used)).toBeGreaterThan(CASES / 20);
}, 240_000);
