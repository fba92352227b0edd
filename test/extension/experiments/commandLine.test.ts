import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  commandArguments,
  commandLine,
  quote,
} from '../../../src/extension/experiments/commandLine';
import { isReport, reportSuffix } from '../../../src/protocol/report';
import type { Report } from '../../../src/protocol/report';
import { isRunSummary, summariseReport } from '../../../src/protocol/runSummary';
import { bundleProgram } from '../../support/bundle';
import { runCli } from '../../support/runCli';
import { exampleLayer, writeS4dModel } from '../../support/s4dModel';
import { tempDir } from '../../support/tempDir';
import { folder, sampleRun } from './sampleRuns';

describe('the command that repeats a run', () => {
  const root = tempDir();
  let cli = '';
  let cases = 0;
  beforeAll(async () => {
    ({ cli } = await bundleProgram());
  });

  it.each([
    ['an order', ['--order', '4']],
    ['a share', ['--remove', '7.3%', '--solver', 'balanced', '--horizon', 'inf']],
    ['the horizon of a paper', ['--order', '2', '--solver', 'algorithm1', '--tau', '10L']],
    ['orders of layers', ['--order', '4', '--layer-order', 's4_layers.0=2', '--exact-sizes']],
    ['another horizon', ['--order', '4', '--horizon', '50', '--keep-static-gain']],
  ])('makes the same result: %s', async (_, options) => {
    const directory = path.join(root, `case ${cases++}`);
    mkdirSync(path.join(directory, 'out'), { recursive: true });
    const file = path.join(directory, "it's net.safetensors");
    writeS4dModel(file, [exampleLayer(3, 6, 1), exampleLayer(3, 6, 2)]);
    const output = path.join(directory, 'out', 'small.safetensors');
    const first = await runCli(cli, ['compress', file, ...options, '-o', output]);
    expect(first).toMatchObject({ code: 0 });
    const before = readFileSync(output);
    const report: unknown = JSON.parse(readFileSync(output + reportSuffix, 'utf8'));
    if (!isReport(report)) throw new Error('no report');
    const run = { report: output + reportSuffix, summary: summariseReport(report) };
    expect(isRunSummary(run.summary)).toBe(true);

    rmSync(path.join(directory, 'out'), { recursive: true });
    mkdirSync(path.join(directory, 'out'));
    const again = await runCli(cli, ['compress', ...commandArguments(run)], { cwd: root });
    expect(again).toMatchObject({ code: 0 });
    expect(readFileSync(output).equals(before)).toBe(true);
    const repeated = JSON.parse(readFileSync(output + reportSuffix, 'utf8')) as Report;
    expect(repeated.request).toEqual(report.request);
  });

  it('names sample data and what it was used for', () => {
    const run = sampleRun('out.pt', {
      request: {
        order: 4,
        accuracyLoss: 0.01,
        perLayer: true,
        horizon: 784,
        horizonFrom: 'recorded',
        solver: 'newton',
        calibration: {
          data: 'data/digits.npz',
          dataSettings: { inputs: 'x' },
          sequences: 64,
          without: ['norms', 'decoder'],
        },
      },
    });
    expect(commandArguments(run).join(' ')).toBe(
      [
        path.join(folder, 'net.safetensors'),
        '--accuracy-loss 1 --per-layer --solver newton',
        `--data ${path.join(folder, 'data/digits.npz')} --data-option inputs=x`,
        `--sequences 64 --without norms,decoder -o ${path.join(folder, 'out.pt')}`,
      ].join(' '),
    );
  });

  it('is one line that begins with the program', () => {
    expect(commandLine(sampleRun('a b.pt'), 'posix')).toBe(
      "ssm compress /models/net.safetensors --order 16 --solver newton -o '/models/a b.pt'",
    );
  });
});

describe('a quoted word', () => {
  const words = [
    'plain/path-1.pt',
    'with space',
    "it's",
    '$(touch pwned) `id` "x" \\ !',
    '; rm -rf /',
    '*',
    '~',
    '',
    'line\nbreak',
    'escape\u001b[31m\u0007',
    "both'\n\\",
    'größe 模型',
  ];

  it.each(words)('reaches a program of bash unchanged: %j', (word) => {
    const script = `printf '%s' ${quote(word, 'posix')}`;
    expect(
      execFileSync('bash', ['-c', script], {
        env: { ...process.env, LC_ALL: 'C.UTF-8' },
      }).toString(),
    ).toBe(word);
    // eslint-disable-next-line no-control-regex
    expect(script).not.toMatch(/[\u0000-\u001f]/);
  });

  it('doubles single quotes, also curly ones, for PowerShell', () => {
    expect(quote("it's $x", 'powershell')).toBe("'it''s $x'");
    expect(quote('it\u2019s', 'powershell')).toBe("'it\u2019\u2019s'");
    expect(quote('a,b', 'powershell')).toBe("'a,b'");
    expect(quote('@args', 'powershell')).toBe("'@args'");
  });
});
