import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CurveResult } from '../../src/protocol/worker';
import { bundleProgram } from '../support/bundle';
import { writeExampleData, writeExampleNetwork } from '../support/exampleNetwork';
import { runCli, type Ended } from '../support/runCli';
import { tempDir } from '../support/tempDir';

const directory = tempDir();
const file = join(directory, 'net.safetensors');
const answers = ['--set', 'prenorm=false', '--set', 'pooling=mean'];
let cli = '';

beforeAll(async () => {
  ({ cli } = await bundleProgram());
  writeExampleNetwork(file, 8);
  await writeExampleData(join(directory, 'data.npz'), 24, 64);
});

const ssm = (...args: string[]): Promise<Ended> => runCli(cli, args, { cwd: directory });

describe('ssm compress --data', () => {
  it('shows what was kept on held-out sequences, and what else was changed', async () => {
    const { code, stdout } = await ssm(
      ...['compress', 'net.safetensors', '--order', '4', '--data', 'data.npz', ...answers],
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Accuracy +\d.* % \[.*\] +\d.* % \[.*\] +-?\d/m);
    expect(stdout).toMatch(/^Relative error of the output +\d/m);
    expect(stdout).toMatch(/^Measured +on 12 sequences that were held out/m);
    expect(stdout).toMatch(/^Also changed .*decoder\.weight/m);
    expect(existsSync(join(directory, 'net.order4.safetensors'))).toBe(true);
  });

  it('takes the smallest order within a tolerance and names the result after it', async () => {
    const { code, stdout } = await ssm(
      ...['compress', 'net.safetensors', '--output-error', '20%', '--data', 'data.npz'],
      ...answers,
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Order tried +Parameters +Accuracy +Error of the output$/m);
    expect(existsSync(join(directory, 'net.error20.safetensors'))).toBe(true);
  });

  it('asks what the file does not tell of the network, with the flags that answer', async () => {
    const { code, stderr } = await ssm('compress', 'net.safetensors', '--data', 'data.npz');
    expect(code).not.toBe(0);
    expect(stderr).toContain('--set prenorm=false');
    expect(stderr).toContain('--set pooling=mean');
  });

  it('refuses what only sample data can tell', async () => {
    const { code, stderr } = await ssm('compress', 'net.safetensors', '--accuracy-loss', '1');
    expect(code).not.toBe(0);
    expect(stderr).toContain('--data');
  });

  it('looks for orders of single layers only where there is a tolerance to keep', async () => {
    const asked = ['compress', 'net.safetensors', '--data', 'data.npz', ...answers, '--per-layer'];
    const without = await ssm(...asked, '--order', '4');
    expect(without.code).toBe(2);
    expect(without.stderr).toContain("'--per-layer' needs '--accuracy-loss <points>'");
    const { code, stdout } = await ssm(...asked, '--output-error', '5%', '-o', 'each.safetensors');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Orders of the layers tried +Parameters +Error of the output/m);
    expect(stdout).toMatch(/^Ranked by what the output misses when one of the 2 layers alone/m);
  });

  it('names parts that do not exist', async () => {
    const { code, stderr } = await ssm(
      ...['compress', 'net.safetensors', '--data', 'data.npz', '--without', 'magic'],
    );
    expect(code).not.toBe(0);
    expect(stderr).toContain('sequential');
  });
});

describe('ssm curve', () => {
  const asked = ['curve', 'net.safetensors', '--data', 'data.npz', '--orders', '2,8', ...answers];

  it('lists what each order keeps beside the original, and writes nothing', async () => {
    const { code, stdout } = await ssm(...asked);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ +2 .*\n +8 .*\n +16 .*the original$/m);
  });

  it('prints JSON', async () => {
    const { stdout } = await ssm(...asked, '--json');
    const result = JSON.parse(stdout) as CurveResult;
    expect(result.points.map(({ order }) => order)).toEqual([2, 8]);
    expect(result.points[0].evaluation?.sequences).toBe(12);
  });
});
