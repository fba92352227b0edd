/**
 * All checks and all tests, what they need set up first. The last line printed is "N passed, M failed"; the exit code is
 * 0 only if nothing failed. Arguments go to vitest: `npm test -- --project unit`.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { root, run, start, tool } from './run.mjs';

const node = process.execPath;
const results = path.join(root, 'test-results/results.json');

check(node, 'scripts/setup.mjs');
const linting = start(...tool('eslint/bin/eslint.js'), '.'); // takes as long as all that follows, on a core of its own
check(...tool('typescript/bin/tsc'), '-p', '.');
check(...tool('typescript/bin/tsc'), '-p', 'webview');
check(...tool('typescript/bin/tsc'), '-p', 'test/host');
check(...tool('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.');
check(node, 'esbuild.mjs', '--production');
check(node, 'scripts/package.mjs');
if ((await linting) !== 0) fail('eslint .');

mkdirSync(path.dirname(results), { recursive: true });
rmSync(results, { force: true });
const code = run(
  ...tool('vitest/vitest.mjs'),
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${results}`,
  ...process.argv.slice(2),
);
process.exitCode = summarise(code);

/** Prints the closing line and returns the exit code. A file that did not even load counts as a failure. */
function summarise(vitestCode) {
  if (!existsSync(results)) {
    console.error('vitest wrote no results.');
    console.log('0 passed, 1 failed');
    return 1;
  }
  const report = JSON.parse(readFileSync(results, 'utf8'));
  const unloaded = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  const passed = report.numPassedTests;
  const skipped = report.numPendingTests + report.numTodoTests;
  let failed = report.numFailedTests + unloaded;
  if (failed === 0 && (vitestCode !== 0 || passed === 0)) failed = 1; // an error outside of the tests
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  return failed === 0 ? 0 : 1;
}

/** Runs what must succeed before the tests; a failure ends here, with the closing line. */
function check(command, ...args) {
  if (run(command, ...args) !== 0) fail(`${path.basename(command)} ${args.join(' ')}`);
}

function fail(what) {
  console.error(`Failed: ${what}`);
  console.log('0 passed, 1 failed');
  process.exit(1);
}
