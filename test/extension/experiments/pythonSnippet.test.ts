import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { pythonSnippet } from '../../../src/extension/experiments/pythonSnippet';
import { sampleRun } from './sampleRuns';

const { summary } = sampleRun('net.order16.safetensors');
const inFormat = (format: typeof summary.result.format) => ({
  ...summary,
  result: { ...summary.result, format },
});

describe('the lines that load a result', () => {
  it('name the new order as the original code does', () => {
    const lines = pythonSnippet('/m/a.safetensors', summary, false);
    expect(lines).toContain('load_file("/m/a.safetensors")');
    expect(lines).toContain('MyModel(..., d_state=16)');
    const s5 = { ...summary, families: ['s5-flax' as const] };
    expect(pythonSnippet('/m/a.msgpack', s5, false)).toContain('ssm_size=16');
  });

  it('take the names of settings that the file records, and those of shared poles', () => {
    const told = {
      ...summary,
      settingsChanged: [{ path: ['hyper_parameters', 'N'], before: 64, after: 16 }],
      untied: [{ setting: 'n_ssm', value: 128 }],
    };
    expect(pythonSnippet('/m/a.pt', told, false)).toContain('MyModel(..., N=16, n_ssm=128)');
  });

  it('never let a name of the file become code', () => {
    const told = {
      ...summary,
      settingsChanged: [{ path: ['x=1); import os; ('], before: 64, after: 16 }],
    };
    expect(pythonSnippet('/m/a.pt', told, false)).toContain('MyModel(...)');
  });

  it('go through the script where layers have sizes of their own', () => {
    const exact = { ...summary, request: { ...summary.request, exactSizes: true } };
    const lines = pythonSnippet('/m/a.safetensors', exact, false);
    expect(lines).toContain('sys.path.insert(0, "/m")');
    expect(lines).toContain('load_compressed(model, state)');
  });

  it('gather the shards of a folder', () => {
    expect(pythonSnippet('/m/net', summary, true)).toContain('glob("*.safetensors")');
  });

  it.each(['torch-zip', 'safetensors', 'npz', 'flax-msgpack', 'equinox'] as const)(
    'are Python: %s',
    (format) => {
      const lines = pythonSnippet('/m/it"s \\ a\n\u202e模.pt', inFormat(format), false);
      const check = 'import ast, sys; ast.parse(sys.stdin.read())';
      execFileSync('python3', ['-c', check], { input: lines });
      expect(lines).not.toContain('\u202e');
    },
  );
});
