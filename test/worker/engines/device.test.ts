import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openDevice } from '../../../src/worker/engines/device/client';
import { findNode } from '../../../src/worker/engines/device/findNode';
import type { SearchEngine } from '../../../src/worker/engines/searchEngine';
import { tryEngine } from '../../../src/worker/engines/trial';
import { bundleProgram, type Bundles } from '../../support/bundle';
import { fakeTensorFlow, folderWith } from '../../support/fakeTensorFlow';
import { goldenSystems, objectives, reducedBoth } from '../../support/searches';
import { tempDir } from '../../support/tempDir';

const gpuPackage = '@tensorflow/tfjs-node-gpu';
let bundles: Bundles;
const opened: SearchEngine[] = [];

beforeAll(async () => {
  bundles = await bundleProgram();
}, 60_000);

afterEach(async () => {
  await Promise.all(opened.splice(0).map((engine) => engine.dispose()));
});

async function open(code: string, requestMilliseconds = 60_000): Promise<SearchEngine> {
  const folder = folderWith(gpuPackage, code);
  const options = { folder, script: bundles.device, requestMilliseconds };
  const engine = await openDevice('tfjs', options);
  opened.push(engine);
  return engine;
}

describe('an engine in a process of its own', { timeout: 120_000 }, () => {
  test('passes its self-test and reaches the objective of the processor', async () => {
    const code = fakeTensorFlow(true);
    const { trial, engine } = await tryEngine('tfjs', () => open(code), ['plain']);
    expect(trial).toMatchObject({ usable: true, verdict: 'It passed its self-test.' });
    expect(trial.device?.kind).toBe('gpu');
    const [{ batch, horizon }] = goldenSystems;
    const both = await reducedBoth(engine!, batch, 4, horizon);
    const [[reached], [alone]] = [both.engine, both.alone].map(objectives);
    expect(reached).toBeLessThanOrEqual(alone * (1 + 1e-9));
  });

  test('names the libraries that TensorFlow did not find', async () => {
    const missing = `console.error("W tensorflow: Could not load dynamic library 'libcudart.so.11.0'; dlerror");`;
    const { device } = await open(fakeTensorFlow(false, missing));
    expect(device).toEqual({
      kind: 'cpu',
      name: 'TensorFlow fell back to the processor (not found: libcudart.so.11.0)',
    });
  });

  test('is kept from multiplying with fewer digits than single precision has', async () => {
    const coarse = `if (process.env.NVIDIA_TF32_OVERRIDE !== '0') throw new Error('TF32');`;
    expect((await open(fakeTensorFlow(true, coarse))).device.kind).toBe('gpu');
  });

  test('is not usable where it computes wrongly', async () => {
    const code = fakeTensorFlow(true, 'tf.exp = (x) => core.mul(core.exp(x), 1.001);');
    const { trial, engine } = await tryEngine('tfjs', () => open(code), ['plain']);
    expect(engine).toBeUndefined();
    expect(trial).toMatchObject({ usable: false, verdict: 'It failed its self-test.' });
    expect(trial.selfTest?.passed).toBe(false);
  });

  test('is not usable where its package is missing', async () => {
    const options = { folder: tempDir(), script: bundles.device };
    const { trial } = await tryEngine('tfjs', () => openDevice('tfjs', options));
    expect(trial).toEqual({
      engine: 'tfjs',
      usable: false,
      verdict: '@tensorflow/tfjs-node-gpu is not installed.',
    });
  });

  test('that crashes is an error of the request', async () => {
    const dying = `let left = 50; tf.square = (x) => { if (!left--) process.kill(process.pid, 'SIGKILL'); return core.square(x); };`;
    const { trial } = await tryEngine('tfjs', () => open(fakeTensorFlow(true, dying)));
    expect(trial.verdict).toBe('The process of the device ended (SIGKILL).');
  });

  test('that hangs is ended', async () => {
    const engine = await open(fakeTensorFlow(true, 'tf.square = () => { for (;;); };'), 300);
    const [{ batch, horizon }] = goldenSystems;
    await expect(reducedBoth(engine, batch, 1, horizon)).rejects.toMatchObject({
      reason: 'worker-lost',
    });
  });
});

describe('finding a Node', () => {
  function fakeNode(answer: string): string {
    const folder = tempDir();
    const file = join(folder, 'node');
    writeFileSync(file, `#!/bin/sh\necho '${answer}'\n`);
    chmodSync(file, 0o755);
    return folder;
  }
  const electron = { execPath: '/electron', electron: true, windows: false };

  test('takes the one that runs', async () => {
    expect(await findNode()).toBe(process.execPath);
  });

  test('passes over old ones, Electron, and what does not run', async () => {
    const folders = [tempDir(), fakeNode('18.1.0'), fakeNode('0'), fakeNode('22.3.4')];
    const path = folders.join(':');
    expect(await findNode({ ...electron, path })).toBe(join(folders[3], 'node'));
    expect(await findNode({ ...electron, path: folders.slice(0, 3).join(':') })).toBeUndefined();
  });

  test('says what is missing where there is none', async () => {
    const folder = folderWith('webgpu', '');
    const options = { folder, findNode: () => Promise.resolve(undefined) };
    await expect(openDevice('webgpu', options)).rejects.toThrow(/needs a Node/);
  });
});
