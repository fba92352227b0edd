import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A fresh directory that is removed when the suite that asked for it ends. */
export function tempDir(): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'ssm-test-')));
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}
