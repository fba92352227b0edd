import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { format } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { runInExtensionHost } from '../../tools/vscode-host/host.mjs';
import type { SuiteReport } from './suite/index';
import { fillWorkspace, root } from './support/workspace';

/** Runs the mocha suite inside the extension host once; each of its tests becomes one here. */
const folder = mkdtempSync(path.join(tmpdir(), 'ssm-suite-'));
const resultsFile = path.join(folder, 'results.json');
const log: string[] = [];
const { code, serverLog } = await runInExtensionHost({
  extension: root,
  entry: path.join(root, 'dist/test/suite.js'),
  fill: fillWorkspace,
  env: { SSM_SUITE_RESULTS: resultsFile },
  timeout: 300_000,
  onLog: (type, args) => log.push(`[${type}] ${format(...args)}`),
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('inside the extension host', () => {
  it('the suite ran to its end', () => {
    const begun = log.filter((line) => line.includes('begins: '));
    const context = [...log.slice(-30), ...begun.slice(-2), serverLog.slice(-1500)].join('\n');
    expect(existsSync(resultsFile), `no results, exit code ${code ?? 'none'}\n${context}`).toBe(
      true,
    );
  });

  if (!existsSync(resultsFile)) return;
  const report = JSON.parse(readFileSync(resultsFile, 'utf8')) as SuiteReport;
  process.stdout.write(`The extension was activated in ${report.activation.toFixed(1)} ms.\n`);
  for (const { title, state, error } of report.results) {
    it.skipIf(state === 'pending')(title, () => {
      if (state === 'failed') throw new Error(error);
    });
  }
});
