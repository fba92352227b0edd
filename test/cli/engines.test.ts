import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { EngineTrial } from '../../src/protocol/engines';
import { isReport, reportSuffix, type Report } from '../../src/protocol/report';
import type { CurveResult } from '../../src/protocol/worker';
import { bundleProgram } from '../support/bundle';
import { writeExampleData, writeExampleNetwork } from '../support/exampleNetwork';
import { fakeTensorFlow, folderWith } from '../support/fakeTensorFlow';
import { runCli, type Ended } from '../support/runCli';
import { tempDir } from '../support/tempDir';

const sample = resolve(import.meta.dirname, '../../media/samples/s4d-smnist.safetensors');
const directory = tempDir();
const folder = folderWith('@tensorflow/tfjs-node-gpu', fakeTensorFlow(true));
/** A small network, with data of its kind. */
const network = join(directory, 'net.safetensors');
const data = join(directory, 'data.npz');
const answers = ['prenorm=false', 'pooling=mean'].flatMap((answer) => ['--set', answer]);
let cli = '';

beforeAll(async () => {
  writeExampleNetwork(network, 8);
  await writeExampleData(data, 20, 32);
  ({ cli } = await bundleProgram());
}, 60_000);

describe('ssm engines', { timeout: 120_000 }, () => {
  test('lists what is there with its self-test, and why the others are not', async () => {
    const { code, stdout } = await runCli(cli, ['engines', '--engines-folder', folder]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^CPU \(cpu\) .*double precision/m);
    expect(stdout).toMatch(
      /^TensorFlow \(tfjs\) +\S*tfjs-node-gpu on CUDA +It passed its self-test/m,
    );
    expect(stdout).toMatch(/^WebGPU \(webgpu\) +– +webgpu is not installed\.$/m);
  });

  test('prints JSON', async () => {
    const empty = tempDir();
    const { stdout } = await runCli(cli, ['engines', '--engines-folder', empty, '--json']);
    const { trials } = JSON.parse(stdout) as { readonly trials: readonly EngineTrial[] };
    expect(trials.map(({ engine, usable }) => [engine, usable])).toEqual([
      ['tfjs', false],
      ['webgpu', false],
    ]);
  });
});

describe('ssm compress --engine', { timeout: 120_000 }, () => {
  async function compressed(engine: string, from = folder): Promise<Report> {
    const output = join(directory, `${engine}.safetensors`);
    const sizes = ['--order', '4', '--horizon', '784', '--force'];
    const engines = ['--engine', engine, '--engines-folder', from];
    const run = await runCli(cli, ['compress', sample, ...sizes, ...engines, '-o', output]);
    expect([run.code, run.stderr]).toEqual([0, expect.any(String)]);
    if (engine !== 'cpu') expect(run.stdout).toMatch(/^Engine /m);
    const report: unknown = JSON.parse(readFileSync(`${output}${reportSuffix}`, 'utf8'));
    if (!isReport(report)) throw new Error('Not a report.');
    return report;
  }

  const objectives = ({ layers }: Report): number[] =>
    layers.flatMap(({ systems }) => systems.map(({ trace }) => trace.objective.at(-1) ?? NaN));

  test('reaches the objectives of the processor on the sample, and says what ran where', async () => {
    const [alone, beside] = [await compressed('cpu'), await compressed('tfjs')];
    expect(alone.device.search).toBeUndefined();
    expect(beside.device.search).toMatchObject({ requested: 'tfjs', used: 'tfjs' });
    expect(beside.device.search?.device?.kind).toBe('gpu');
    const [wanted, reached] = [alone, beside].map(objectives);
    expect(reached).toHaveLength(128);
    const above = reached.map((value, s) => value / wanted[s] - 1);
    expect(Math.max(...above)).toBeLessThan(1e-9);
  });

  test('goes on without an engine that is not there, and says so', async () => {
    const report = await compressed('tfjs', directory);
    const why = /TensorFlow was asked for and cannot be used: .* is not installed/;
    expect(report.device.search).toMatchObject({ used: 'cpu' });
    expect(report.warnings.join('\n')).toMatch(why);
  });

  test('prints the engine with its JSON', async () => {
    const output = join(directory, 'small.safetensors');
    const { stdout } = await runCli(cli, [
      ...['compress', network, '--order', '2', '--force', '--json', '-o', output],
      ...[...answers, '--engine', 'tfjs', '--engines-folder', folder],
    ]);
    const { report } = JSON.parse(stdout) as { readonly report: Report };
    expect(report.device.search).toMatchObject({ used: 'tfjs', found: { searched: 8 } });
  });
});

describe('ssm curve --engine', { timeout: 120_000 }, () => {
  async function curve(engine: string, ...more: readonly string[]): Promise<Ended> {
    const asked = ['curve', network, ...answers, '--orders', '2,4', ...more];
    return runCli(cli, [...asked, '--engine', engine, '--engines-folder', folder]);
  }
  const traced = ({ code, stdout }: Ended): CurveResult => {
    expect(code).toBe(0);
    return JSON.parse(stdout) as CurveResult;
  };
  const took = { requested: 'tfjs', used: 'tfjs', device: { kind: 'gpu' } };

  test('searches for the errors of the layers, which are no larger, and is named in the JSON', async () => {
    const [beside, alone] = await Promise.all(
      ['tfjs', 'cpu'].map(async (engine) => traced(await curve(engine, '--json'))),
    );
    expect(beside.engine).toMatchObject(took);
    expect(alone.engine).toBeUndefined();
    expect(beside.points.map(({ order }) => order)).toEqual([2, 4]);
    beside.points.forEach(({ layerError }, i) => {
      expect(layerError).toBeLessThanOrEqual((alone.points[i].layerError ?? NaN) * (1 + 1e-9));
    });
  });

  test('searches for calibrated sizes, and is named in the JSON', async () => {
    const calibrated = ['--data', data, '--sequences', '4', '--orders', '2', '--json'];
    const { points, engine } = traced(await curve('tfjs', ...calibrated));
    expect(points.map(({ order }) => order)).toEqual([2]);
    expect(engine).toMatchObject({ ...took, found: { searched: 8 } });
  });

  test('says why an engine that was asked for is not used', async () => {
    const why = 'WebGPU was asked for and cannot be used: webgpu is not installed.';
    const { engine } = traced(await curve('webgpu', '--json'));
    expect(engine).toMatchObject({ requested: 'webgpu', used: 'cpu', why });
    expect((await curve('webgpu')).stdout).toContain(`Engine: CPU. ${why}`);
  });
});

test.each(['compress', 'curve'])('ssm %s knows its engines', async (command) => {
  const { code, stderr } = await runCli(cli, [command, sample, '--engine', 'quantum']);
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/auto, cpu, tfjs, webgpu/);
});
