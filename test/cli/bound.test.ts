import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BoundResult } from '../../src/protocol/bound';
import { bundleProgram } from '../support/bundle';
import { writeExampleData, writeExampleNetwork } from '../support/exampleNetwork';
import { runCli, type Ended } from '../support/runCli';
import { tempDir } from '../support/tempDir';

const directory = tempDir();
const answers = ['--set', 'prenorm=false', '--set', 'pooling=mean'];
let cli = '';

const ssm = (...args: string[]): Promise<Ended> => runCli(cli, args, { cwd: directory });
const bound = (...args: string[]): Promise<Ended> =>
  ssm('bound', 'net.order4.safetensors', '--against', 'net.safetensors', ...answers, ...args);

beforeAll(async () => {
  ({ cli } = await bundleProgram());
  writeExampleNetwork(join(directory, 'net.safetensors'), 8);
  await writeExampleData(join(directory, 'data.npz'), 24, 64);
});

describe('ssm compress of a known network', () => {
  it('says what the output can lose, and where something is open, what', async () => {
    const known = await ssm(
      ...['compress', 'net.safetensors', '--order', '4', '--horizon', '64', ...answers],
      ...['--solver', 'balanced'],
    );
    expect(known.code).toBe(0);
    expect(known.stdout).toMatch(/^Output +error ≤ .* certified for up to 64 positions$/m);
    const open = await ssm(
      ...['compress', 'net.safetensors', '--order', '2', '--horizon', '64', '--solver', 'balanced'],
    );
    expect(open.stdout).toMatch(/^Output +no bound: .*prenorm/m);
  });

  it('shares orders out, with one order for all beside', async () => {
    const { code, stdout } = await ssm(
      ...['compress', 'net.safetensors', '--order', '6', '--data', 'data.npz', ...answers],
      ...['--allocate', '--solver', 'balanced', '-o', 'shared.safetensors'],
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Layer +Order shared out +One for all$/m);
    expect(stdout).toMatch(/^Measured error +\d/m);
    expect(stdout).toMatch(/^Shared out +at most 12 states/m);
  });

  it('without data shares nothing out but by the certified bound', async () => {
    const asked = ['compress', 'net.safetensors', '--order', '6', '--solver', 'balanced'];
    const plain = await ssm(...asked, ...answers, '--allocate', '-o', 'plain.safetensors');
    expect(plain.code).toBe(0);
    expect(plain.stderr).toContain('--allocate certified');
    expect(plain.stdout).not.toContain('Order shared out');
    const refused = await ssm(
      ...asked,
      ...answers,
      '--allocate',
      'measured',
      '-o',
      'no.safetensors',
    );
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('--data');
    const wrong = await ssm(...asked, ...answers, '--allocate', 'magic', '-o', 'no.safetensors');
    expect(wrong.stderr).toContain('first-order');
  });
});

describe('ssm bound', () => {
  it('ranks the layers and says what each figure is', async () => {
    const { code, stdout } = await bound('--data', 'data.npz', '--sequences', '12');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Layer +Share +certified +calibrated +measured +first order$/m);
    expect(stdout).toMatch(/^s4_layers\.[01] +\d/m);
    expect(stdout).toMatch(/^measured +on 6 sequences/m);
    expect(stdout).toMatch(/of 6 held-out sequences satisfy the recorded conditions/);
  });

  it('prints the same figures as CSV and as JSON', async () => {
    const asked = ['--length', '64', '--input-bound', '3'];
    const [csv, json] = [await bound(...asked, '--csv'), await bound(...asked, '--json')];
    const { record } = JSON.parse(json.stdout) as BoundResult;
    const [header, ...rows] = csv.stdout
      .trim()
      .split('\n')
      .map((line) => line.split(','));
    expect(rows.map(([name]) => name)).toEqual(['"s4_layers.0"', '"s4_layers.1"']);
    rows.forEach((row, l) => {
      const { certified, share } = record.layers[l];
      expect(Number(row[header.indexOf('share')])).toBe(share);
      expect(Number(row[header.indexOf('certified')])).toBe(certified.contribution);
      expect(Number(row[header.indexOf('h2_error')])).toBe(certified.h2Error);
      expect(row[header.indexOf('measured')]).toBe('');
    });
    expect(record.inputBound).toBe(3);
    expect(record.certified.bound).toBeGreaterThan(0);
  });

  it('asks for what it needs', async () => {
    const bare = ['bound', 'net.order4.safetensors', '--against', 'net.safetensors'];
    expect((await ssm(...bare)).stderr).toContain('--set prenorm=');
    const length = await bound();
    expect(length.code).not.toBe(0);
    expect(length.stderr).toContain('--length');
    expect((await bound('--input-bound', '-1')).code).not.toBe(0);
  });
});
