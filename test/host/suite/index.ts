/** Entry of the tests that run inside the extension host of a real VS Code: VS Code calls `run`. */
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

export interface SuiteResult {
  readonly title: string;
  readonly state: 'passed' | 'failed' | 'pending';
  readonly error?: string;
}

export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000 });
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  await import('./extension');
  const results: SuiteResult[] = [];
  await new Promise<void>((resolve) => {
    mocha
      .run(() => {
        resolve();
      })
      .on('pass', (test) => results.push({ title: test.fullTitle(), state: 'passed' }))
      .on('pending', (test) => results.push({ title: test.fullTitle(), state: 'pending' }))
      .on('fail', (test, error: Error) =>
        results.push({
          title: test.fullTitle(),
          state: 'failed',
          error: error.stack ?? error.message,
        }),
      );
  });
  // the exit code of an extension host proves nothing; the outer test reads this file
  writeFileSync(process.env.SSM_SUITE_RESULTS ?? '', JSON.stringify(results));
}
