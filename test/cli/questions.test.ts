import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Report } from '../../src/protocol/report';
import type { CheckpointSummary } from '../../src/protocol/worker';
import { bundleProgram } from '../support/bundle';
import { runCli, type Ended } from '../support/runCli';
import { exampleLayer, writeS4dModel } from '../support/s4dModel';
import { sharedAvailable, sharedPath } from '../support/shared';
import { tempDir } from '../support/tempDir';

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
  file = join(directory, 'net.pt');
});

const ssm = (...args: string[]): Promise<Ended> => runCli(cli, args, { cwd: directory });
const take = (name: string): void => {
  copyFileSync(sharedPath('checkpoints', 'generated', name), file);
};
const reportOf = (name: string): Report =>
  JSON.parse(readFileSync(join(directory, `${name}.ssmreport.json`), 'utf8')) as Report;
const fast = ['--order', '4', '--solver', 'balanced', '--horizon', '100'];

describe.skipIf(!sharedAvailable)('what the file does not tell', () => {
  // S4D of version 3: nothing in the file says how it was discretised
  const rest = ['real_type=exp', 'bandlimit=none', 'liquid_kernel=none'];
  const set = (...settings: string[]): string[] => settings.flatMap((text) => ['--set', text]);
  beforeEach(() => {
    take('s4v3_diag_H8_N16.pt');
  });

  it('is asked for, with the options and the exact flags, and nothing is computed', async () => {
    const { code, stdout, stderr } = await ssm('compress', file, ...fast);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^ {4}--set disc=zoh {2}Zero-order hold$/m);
    expect(stderr).toMatch(/^ {4}--set disc=bilinear {2}Bilinear \[usual in the original code\]$/m);
    expect(stderr).toMatch(/ssm: .*net\.pt: Neither the file nor .* tells disc, real_type, /);
    expect(readdirSync(directory)).toEqual(['net.pt']);
  });

  it('is listed by inspect, which goes on', async () => {
    const { code, stdout } = await ssm('inspect', file, ...set(...rest));
    expect(code).toBe(0);
    expect(stdout).toContain('--set disc=zoh');
    expect(stdout).not.toContain('--set real_type=');
    expect(stdout).toMatch(/^Taken .*\(real_type=exp, given\)$/m);
  });

  it('is computed with as answered, and the report says so', async () => {
    const run = async (disc: string): Promise<number> => {
      const name = `${disc}.pt`;
      const { code } = await ssm(
        ...['compress', file, ...fast, ...set(`disc=${disc}`, ...rest), '-o', name],
      );
      expect(code).toBe(0);
      const report = reportOf(name);
      expect(report.hyperParameters).toContainEqual(
        expect.objectContaining({ name: 'disc', value: disc, from: 'given' }),
      );
      return report.layers[0].norm;
    };
    // the two readings have different kernels
    expect(Math.abs((await run('zoh')) / (await run('bilinear')) - 1)).toBeGreaterThan(0.01);
  });

  it('is taken from a configuration beside the file, which is named', async () => {
    const yaml = 'model:\n  layer: {disc: zoh, real_type: exp, bandlimit: null, d_state: 16}\n';
    writeFileSync(join(directory, 'config.yaml'), yaml);
    const { code, stdout } = await ssm('compress', file, ...fast, '--set', 'liquid_kernel=none');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Taken .*\(disc=zoh, from model\.layer\.disc in config\.yaml\)$/m);
    expect(stdout).toContain('In config.yaml change model.layer.d_state from 16 to 4.');
    expect(readFileSync(join(directory, 'config.yaml'), 'utf8')).toBe(yaml);
  });

  it('goes before a configuration when given, and the contradiction is told', async () => {
    writeFileSync(join(directory, 'config.yaml'), 'layer: {disc: zoh}');
    const { code, stdout } = await ssm(
      ...['compress', file, ...fast, ...set('disc=bilinear', ...rest)],
    );
    expect(code).toBe(0);
    expect(stdout).toContain(
      'disc is taken as bilinear, although layer.disc in config.yaml is zoh.',
    );
  });

  it('can be answered for one layer', async () => {
    const { stdout } = await ssm('inspect', file, '--json', '--set', 'kernel.kernel:disc=zoh');
    const { layers } = JSON.parse(stdout) as CheckpointSummary;
    expect(layers[0].hyper).toEqual([
      expect.objectContaining({ name: 'disc', value: 'zoh', from: 'given' }),
    ]);
  });

  it.each([
    ['disc=foh', /disc cannot be "foh"\. Possible: zoh, bilinear, dss/],
    ['step=1', /There is no step to set\. Known: .*disc/],
    ['other:disc=zoh', /There is no layer other to set disc for/],
  ])('cannot be answered with --set %s', async (text, message) => {
    const { code, stderr } = await ssm('inspect', file, '--set', text);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });

  it.each(['disc', '=zoh', 'disc='])('cannot be spelled --set %s', async (text) => {
    expect((await ssm('inspect', file, '--set', text)).code).toBe(2);
  });
});

describe.skipIf(!sharedAvailable)('shared poles', () => {
  it('are given up on request, which names the setting and the gain', async () => {
    take('s4v3_diag_zoh_nssm1_H8_N16.pt');
    const set = ['disc=zoh', 'real_type=exp', 'bandlimit=none', 'liquid_kernel=none'];
    const answers = set.flatMap((text) => ['--set', text]);
    const how = [...answers, '--order', '4', '--horizon', '100'];
    expect((await ssm('compress', file, ...how, '-o', 'tied.pt')).code).toBe(0);
    const { code, stdout } = await ssm('compress', file, ...how, '--untie', '-o', 'own.pt');
    expect(code).toBe(0);
    expect(stdout).toContain('n_ssm=8 to load the result');
    const [tied, own] = [reportOf('tied.pt'), reportOf('own.pt')];
    expect(own.untied).toEqual([
      {
        ...{ layer: 'kernel.kernel', setting: 'n_ssm', value: 8 },
        errorIfTied: tied.layers[0].error,
      },
    ]);
    expect(own.layers[0].error.absolute).toBeLessThan(tied.layers[0].error.absolute);
    const { layers } = JSON.parse(
      (await ssm('inspect', 'own.pt', '--json')).stdout,
    ) as CheckpointSummary;
    expect(layers[0]).toMatchObject({ tying: 'independent', order: 4 });
  });

  it('cannot be given up where there are none', async () => {
    writeS4dModel(file, [exampleLayer(2, 8)]);
    const { code, stderr } = await ssm('compress', file, ...fast, '--untie');
    expect(code).toBe(1);
    expect(stderr).toContain('No layer shares poles');
  });
});

describe('layers of their own orders', () => {
  beforeEach(() => {
    writeS4dModel(file, [exampleLayer(2, 8, 1), exampleLayer(2, 8, 2)]);
  });
  const own = ['--layer-order', 's4_layers.1=8'];

  it('are padded to the largest, since the original code has one order', async () => {
    const { code } = await ssm('compress', file, ...fast, ...own, '-o', 'small.pt');
    expect(code).toBe(0);
    const { layers } = reportOf('small.pt');
    expect(layers.map(({ orderAfter, orderStored }) => [orderAfter, orderStored])).toEqual([
      [4, 8],
      [8, undefined],
    ]);
    const summary = JSON.parse(
      (await ssm('inspect', 'small.pt', '--json')).stdout,
    ) as CheckpointSummary;
    expect(summary.layers.map(({ order }) => order)).toEqual([8, 8]);
    expect(readdirSync(directory)).not.toContain('load_compressed.py');
  });

  it('have no smaller error for the padding', async () => {
    await ssm('compress', file, ...fast, ...own, '-o', 'padded.pt');
    await ssm('compress', file, ...fast, '-o', 'plain.pt');
    const error = (name: string): number => reportOf(name).layers[0].error.absolute;
    expect(Math.abs(error('padded.pt') / error('plain.pt') - 1)).toBeLessThan(1e-6);
  });

  it('are stored at exact sizes on request, with a script that loads them', async () => {
    const { code, stdout } = await ssm(
      ...['compress', file, ...fast, ...own, '--exact-sizes', '-o', 'small.pt'],
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Loader +.*load_compressed\.py$/m);
    const summary = JSON.parse(
      (await ssm('inspect', 'small.pt', '--json')).stdout,
    ) as CheckpointSummary;
    expect(summary.layers.map(({ order }) => order)).toEqual([4, 8]);
    expect(readdirSync(directory)).toContain('load_compressed.py');
  });

  it("do not replace a script of the person's", async () => {
    writeFileSync(join(directory, 'load_compressed.py'), 'mine');
    const exact = ['compress', file, ...fast, '--exact-sizes', '-o', 'small.pt'];
    const { code, stderr } = await ssm(...exact);
    expect(code).toBe(1);
    expect(stderr).toContain('load_compressed.py');
    expect(readFileSync(join(directory, 'load_compressed.py'), 'utf8')).toBe('mine');
  });

  it.each([
    ['other=8', 1, /There is no layer other/],
    ['s4_layers.1=18', 1, /Order 18 for layer s4_layers\.1 is above its original order 16/],
    ['s4_layers.1=7', 1, /must be an even number/],
    ['s4_layers.1=16', 1, /no layer becomes smaller/],
    ['s4_layers.1', 2, /layer=order/],
    ['s4_layers.1=x', 2, /whole number/],
  ])('cannot be --layer-order %s', async (text, expected, message) => {
    const { code, stderr } = await ssm('compress', file, ...fast, '--layer-order', text);
    expect(stderr).toMatch(message);
    expect(code).toBe(expected);
  });
});

describe.skipIf(!sharedAvailable)('a model that cannot be reduced', () => {
  it('is told with the reason', async () => {
    take('mamba_refuse_dm8.pt');
    const { code, stderr } = await ssm('compress', file, ...fast);
    expect(code).toBe(1);
    expect(stderr).toMatch(/Mamba: .*not linear and time-invariant/);
    const inspected = await ssm('inspect', file);
    expect(inspected.code).toBe(0);
    expect(inspected.stdout).toMatch(/not linear and time-invariant.*layers\.0\.mixer/);
  });

  it('is a whole module: how to save its weights', async () => {
    copyFileSync(sharedPath('checkpoints', 'generated', 'pitfalls', 'whole_module.pt'), file);
    const { code, stderr } = await ssm('compress', file, ...fast);
    expect(code).toBe(1);
    expect(stderr).toContain('torch.save(model.state_dict()');
  });
});
