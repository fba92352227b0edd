/** Entry of the tests that run inside the extension host of a real VS Code: VS Code calls `run`. */
import { writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import Mocha from 'mocha';
import { extensions } from 'vscode';

export interface SuiteResult {
  readonly title: string;
  readonly state: 'passed' | 'failed' | 'pending';
  readonly error?: string;
}

/** What the suite writes for the test outside. */
export interface SuiteReport {
  /** Milliseconds from asking for the extension to its end of activation: loading the bundle included. */
  readonly activation: number;
  readonly results: readonly SuiteResult[];
}

export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 120_000, retries: 2 });
  const activation = await timeActivation();
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  await import('./extension');
  await import('./experiments');
  await import('./annotations');
  const results: SuiteResult[] = [];
  await new Promise<void>((resolve) => {
    mocha
      .run(() => {
        resolve();
      })
      // a suite that does not end tells by its last line which test it hangs in
      .on('test', (test) => {
        // eslint-disable-next-line no-console
        console.info(`begins: ${test.fullTitle()}`);
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
  const report: SuiteReport = { activation, results };
  // the exit code of an extension host proves nothing; the outer test reads this file
  writeFileSync(process.env.SSM_SUITE_RESULTS ?? '', JSON.stringify(report));
}

async function timeActivation(): Promise<number> {
  const start = performance.now();
  await extensions.getExtension('ssm-compress.ssm-compress')?.activate();
  return performance.now() - start;
}
