import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { solverIds } from '../../src/core/solve/solver';
import { isReport, type Report } from '../../src/protocol/report';
import type { CheckpointSummary } from '../../src/protocol/worker';
import { bundleProgram } from '../support/bundle';
import { runCli, startProcess, type Ended } from '../support/runCli';
import { exampleLayer, s4dTensors, safetensorsBytes, writeS4dModel } from '../support/s4dModel';
import { tempDir } from '../support/tempDir';

const sample = resolve(import.meta.dirname, '../../media/samples/s4d-smnist.safetensors');
const root = tempDir();
let cli = '';
let directory = '';
let file = '';
let cases = 0;

beforeAll(async () => {
  ({ cli } = await bundleProgram());
});
beforeEach(() => {
  directory = join(root, `case${cases++}`);
  mkdirSync(directory);
  file = join(directory, 'net.safetensors');
  writeS4dModel(file, [exampleLayer(3, 6, 1), exampleLayer(3, 6, 2)]);
});

const ssm = (...args: string[]): Promise<Ended> => runCli(cli, args, { cwd: directory });

describe('ssm inspect', () => {
  it('shows the tensors and layers of the sample', async () => {
    const { code, stdout, stderr } = await ssm('inspect', sample);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^s4_layers\.0\.kernel\.C +float32 +64 × 32 × 2$/m);
    expect(stdout).toMatch(/^s4_layers\.1 +S4D \(minimal\) +64 +32 +64 +8,256 +own per channel$/m);
    expect(stdout).toMatch(/^Parameters +34,314$/m); // as config.json of the training counts
    expect(stdout).toMatch(/^Bytes +139,232 /m);
  });

  it('prints the summary as JSON', async () => {
    const { code, stdout } = await ssm('inspect', sample, '--json');
    const summary = JSON.parse(stdout) as CheckpointSummary;
    expect(code).toBe(0);
    expect(summary).toMatchObject({ path: sample, format: 'safetensors', parameters: 34314 });
    expect(summary.layers.map(({ order }) => order)).toEqual([64, 64]);
    expect(summary.choices.map(({ order }) => order)).toEqual(
      Array.from({ length: 31 }, (_, index) => 2 * (index + 1)),
    );
    expect(summary.choices[7]).toEqual({ order: 16, parameters: 34314 - 2 * 64 * 4 * 24 });
  });

  it('is content with a file that has no layer', async () => {
    const tensors = [{ name: 'w', shape: [2], values: new Float32Array(2) }];
    writeFileSync(file, safetensorsBytes(tensors));
    const { code, stdout } = await ssm('inspect', file);
    expect(code).toBe(0);
    expect(stdout).toContain('No state-space layer of a known family.');
  });

  it('does not mind that nobody reads on', async () => {
    const tensors = Array.from({ length: 5000 }, (_, index) => ({
      name: `tensor.${index}`,
      shape: [1],
      values: new Float32Array(1),
    }));
    writeFileSync(file, safetensorsBytes(tensors));
    const script = '"$0" "$1" inspect "$2" | head -n 1; echo "code ${PIPESTATUS[0]}"';
    const args = ['-c', script, process.execPath, cli, file];
    const { stdout, stderr } = await startProcess('bash', args).ended;
    expect(stdout).toMatch(/^Tensor.*\ncode 0\n$/);
    expect(stderr).toBe('');
  });
});

describe('ssm compress', () => {
  const balanced = ['--solver', 'balanced'];

  it('compresses and prints a table', async () => {
    const { code, stdout, stderr } = await ssm(
      ...['compress', 'net.safetensors', '--order', '6', '--horizon', '200', ...balanced],
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^s4_layers\.0 +3 +12 → 6 +≤ \d\.\d\de-?\d+ +75 → 39$/m);
    expect(stdout).toMatch(/^Parameters +156 → 84 \(-46\.2 %\)$/m);
    expect(stdout).toMatch(/^Horizon +200 steps \(given\)$/m);
    expect(stdout).toMatch(/^Result +net\.order6\.safetensors$/m);
    expect(stdout).toMatch(/^Report +net\.order6\.safetensors\.ssmreport\.json$/m);
    expect(stderr).toMatch(/^0 % {2}reading\n/);
    const report: unknown = JSON.parse(
      readFileSync(`${directory}/net.order6.safetensors.ssmreport.json`, 'utf8'),
    );
    expect(isReport(report)).toBe(true);
  });

  it('prints the report without its systems as JSON', async () => {
    const { stdout } = await ssm('compress', file, '--order', '6', ...balanced, '--json');
    const result = JSON.parse(stdout) as { output: string; reportPath: string; report: Report };
    expect(result).toMatchObject({
      output: join(directory, 'net.order6.safetensors'),
      reportPath: join(directory, 'net.order6.safetensors.ssmreport.json'),
      report: { request: { order: 6, horizon: 1024, horizonFrom: 'default' } },
    });
    const full = JSON.parse(readFileSync(result.reportPath, 'utf8')) as Report;
    const { layers, ...rest } = full;
    expect(result.report).toEqual({
      ...rest,
      layers: layers.map((layer) =>
        Object.fromEntries(Object.entries(layer).filter(([key]) => key !== 'systems')),
      ),
    });
  });

  it('reduces to a quarter when nobody says how far, and says so', async () => {
    writeS4dModel(file, [exampleLayer(2, 8)]);
    const { code, stderr } = await ssm('compress', file, ...balanced);
    expect(code).toBe(0);
    expect(stderr).toContain('order 16 to 4, a quarter');
    expect(existsSync(join(directory, 'net.order4.safetensors'))).toBe(true);
  });

  it.each(['0.3', '30%'])('removes a share written as %s', async (share) => {
    const { code, stdout } = await ssm('compress', file, '--remove', share, ...balanced);
    expect(code).toBe(0);
    // 24 parameters a pair of orders, 156 in all: 30 % need two pairs
    expect(stdout).toMatch(/^Parameters +156 → 108/m);
    expect(existsSync(join(directory, 'net.order8.safetensors'))).toBe(true);
  });

  it('takes an infinite horizon', async () => {
    const { stdout } = await ssm('compress', file, '--order', '6', '--horizon', 'inf', ...balanced);
    expect(stdout).toMatch(/^Horizon +infinite \(given\)$/m);
  });

  it.each(solverIds)('knows the solver %s', async (solver) => {
    const { code, stdout } = await ssm('compress', file, '--order', '4', '--solver', solver);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Solver +${solver}$`, 'm'));
  });

  it.each(['L-delta', 'L', '10L', 'inf'])('takes the horizon %s for Algorithm 1', async (tau) => {
    const algorithm1 = ['--order', '4', '--horizon', '50', '--solver', 'algorithm1'];
    const { code, stdout } = await ssm('compress', file, ...algorithm1, '--tau', tau);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Tau +${tau}$`, 'm'));
  });

  it('replaces an earlier result only when forced', async () => {
    const again = (...more: string[]): Promise<Ended> =>
      ssm('compress', file, '--order', '6', ...balanced, ...more);
    expect((await again()).code).toBe(0);
    expect((await again()).code).toBe(1);
    expect((await again('--force')).code).toBe(0);
  });

  it('can compress its own result', async () => {
    await ssm('compress', file, '--order', '6', ...balanced, '-o', 'a.safetensors');
    const { code } = await ssm('compress', 'a.safetensors', '--order', '4', ...balanced);
    expect(code).toBe(0);
    expect(readdirSync(directory)).toContain('a.order4.safetensors');
  });

  it('gives the same file with one thread and with three', async () => {
    const run = async (threads: string): Promise<Buffer> => {
      const output = join(directory, `${threads}.safetensors`);
      const args = ['compress', file, '--order', '6', '-o', output];
      const { code } = await runCli(cli, args, { env: { SSM_THREADS: threads } });
      expect(code).toBe(0);
      return readFileSync(output);
    };
    expect((await run('1')).equals(await run('3'))).toBe(true);
  });

  it('names a layer with strange characters harmlessly', async () => {
    const tensors = s4dTensors([exampleLayer(2, 4)]).map((tensor) => ({
      ...tensor,
      name: tensor.name.replace('s4_layers', '\u001b]0;x\u0007'),
    }));
    writeFileSync(file, safetensorsBytes(tensors));
    const { code, stdout, stderr } = await ssm('compress', file, '--order', '4', ...balanced);
    expect(code).toBe(0);
    expect(stdout + stderr).not.toContain('\u001b');
    expect(stdout).toContain('\\u001b]0;x\\u0007.0');
  });
});

describe('wrong usage', () => {
  it.each<[string, string[]]>([
    ['nothing', []],
    ['an unknown command', ['squeeze', 'x']],
    ['no file', ['compress']],
    ['two files', ['compress', 'a', 'b']],
    ['an unknown option', ['compress', 'net.safetensors', '--fast']],
    ['an order that is none', ['compress', 'net.safetensors', '--order', 'small']],
    ['a share that is none', ['compress', 'net.safetensors', '--remove', '200%']],
    ['an order and a share', ['compress', 'net.safetensors', '--order', '4', '--remove', '0.2']],
    ['a horizon that is none', ['compress', 'net.safetensors', '--horizon', '0']],
    ['an unknown solver', ['compress', 'net.safetensors', '--solver', 'adam']],
    ['an unknown tau', ['compress', 'net.safetensors', '--solver', 'algorithm1', '--tau', '7']],
    ['a tau that no solver asked for', ['compress', 'net.safetensors', '--tau', 'L']],
    ['a tau for IRKA', ['compress', 'net.safetensors', '--solver', 'irka', '--tau', 'L']],
  ])('%s has exit code 2', async (_, args) => {
    const { code, stdout, stderr } = await ssm(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^(ssm: |Usage: ssm)/);
  });

  it('says which solver a tau belongs to', async () => {
    const { stderr } = await ssm('compress', 'net.safetensors', '--tau', '10L');
    expect(stderr).toContain("'--tau <horizon>' needs '--solver algorithm1'");
  });

  it('is not what a question for help is', async () => {
    const help = await ssm('--help');
    expect(help.code).toBe(0);
    expect(help.stdout).toContain('Usage: ssm');
    const version = await ssm('--version');
    expect([version.code, version.stdout]).toEqual([0, '0.1.0\n']);
  });
});
