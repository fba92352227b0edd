import * as tf from '@tensorflow/tfjs-core';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { familyOf } from '../../../src/families/recognise';
import { createLocalEngine } from '../../../src/worker/engine';
import { AcceleratedEngine } from '../../../src/worker/engines/acceleratedEngine';
import { openDevice } from '../../../src/worker/engines/device/client';
import type { SearchEngine, SearchKind } from '../../../src/worker/engines/searchEngine';
import { selfTest } from '../../../src/worker/engines/selfTest';
import { tryEngine } from '../../../src/worker/engines/trial';
import { taskRunner } from '../../../src/worker/tasks';
import { searchTargets } from '../../../src/core/calibrate/searchTargets';
import { createTfjsEngine } from '../../../src/worker/engines/tfjs/engine';
import { useWasm } from '../../support/tensorflow';
import { cutModalBatch } from '../../../src/core/systems/modal';
import { exampleBatch } from '../../support/batches';
import { bundleProgram, type Bundles } from '../../support/bundle';
import { fileLayers } from '../../support/layers';
import { folderWith } from '../../support/fakeTensorFlow';
import {
  calibratedBoth,
  calibratedRequest,
  goldenSystems,
  objectives,
  reducedBoth,
} from '../../support/searches';
import { hasSoftwareVulkan, noVulkan, softwareVulkan } from '../../support/softwareVulkan';
import { tempDir } from '../../support/tempDir';

const repository = join(import.meta.dirname, '../../..');
let bundles: Bundles;
const opened: SearchEngine[] = [];

afterAll(async () => {
  await Promise.all(opened.map((engine) => engine.dispose()));
});

async function open(folder = repository, env: NodeJS.ProcessEnv = softwareVulkan) {
  const engine = await openDevice('webgpu', { folder, env, script: bundles.device });
  opened.push(engine);
  return engine;
}

/** A folder with Dawn, whose devices a piece of code may change. */
function changedDawn(change: string): string {
  const dawn = pathToFileURL(join(repository, 'node_modules/webgpu/index.js')).href;
  return folderWith(
    'webgpu',
    `import { create as real } from '${dawn}';
     export function create(options) {
       const gpu = real(options);
       return { requestAdapter: async () => {
         const adapter = await gpu.requestAdapter();
         const { info, limits } = adapter;
         return { gpu, info, limits, requestDevice: async (wanted) => {
           const device = await adapter.requestDevice(wanted);
           ${change}
           return device;
         } };
       } };
     }`,
  );
}

/** Compiling takes a device in software seconds, and many where others compute too. */
const patient = { timeout: 240_000 };
const software = hasSoftwareVulkan();
/** Kernels are compiled once for all tests that need no changed ones. */
let engine: SearchEngine;

beforeAll(async () => {
  bundles = await bundleProgram();
  if (software) engine = await open();
}, 120_000);

describe.runIf(software)('the kernels on a device in software', patient, () => {
  test('pass the self-test, and the device is not called a GPU', async () => {
    expect(engine.device.kind).toBe('software');
    expect(engine.device.name).toMatch(/SwiftShader/);
    expect(await selfTest(engine)).toMatchObject({ passed: true });
  });

  test('search calibrated layers as well as the processor', async () => {
    const request = calibratedRequest(exampleBatch(2, 6), 3);
    const { engine: found, alone } = await calibratedBoth(engine, request);
    found.forEach((error, c) => {
      expect(error).toBeLessThanOrEqual(alone[c] * (1 + 1e-9));
    });
  });

  // of the order of the self-test, for which the kernel is compiled already
  test.each(goldenSystems)('$kind: the objective of the processor', async ({ horizon, batch }) => {
    const both = await reducedBoth(engine, batch, 3, horizon);
    const [[reached], [alone]] = [both.engine, both.alone].map(objectives);
    expect(reached).toBeLessThanOrEqual(alone * (1 + 1e-9));
  });

  test('the sample checkpoint: the objectives of the processor', async () => {
    const layers = await fileLayers(join(repository, 'media/samples/s4d-smnist.safetensors'));
    expect(layers.length).toBeGreaterThan(1);
    for (const { site, values } of layers) {
      const systems = familyOf(site.family).read(site, values, {});
      if (systems.kind !== 'independent') throw new Error('a layer of another kind');
      const both = await reducedBoth(engine, cutModalBatch(systems.batch, 0, 2), 3, 784);
      const [reached, alone] = [both.engine, both.alone].map(objectives);
      reached.forEach((error, c) => {
        expect(error).toBeLessThanOrEqual(alone[c] * (1 + 1e-9));
      });
    }
  });

  // what is wrong in the second decides only where a search goes on; more of what may be wrong is in selfTest.test.ts
  test.each<readonly [SearchKind, string, string, string]>([
    ['plain', 'a constant', '-2.0 * beta * slope.x', '-2.02 * beta * slope.x'],
    ['weighted', 'an index', 'job.own + c', 'c'],
  ])('%s kernels with %s made wrong on purpose are rejected: %s', async (kind, _, right, wrong) => {
    const changed = changedDawn(`
      const compile = device.createShaderModule.bind(device);
      device.createShaderModule = ({ code }) => {
        if (!code.includes('${right}')) throw new Error('the kernel has no such text');
        return compile({ code: code.replace('${right}', '${wrong}') });
      };`);
    const { trial } = await tryEngine('webgpu', () => open(changed), [kind]);
    expect(trial).toMatchObject({ usable: false, verdict: 'It failed its self-test.' });
  });

  test('without memory left are told so', async () => {
    const full = changedDawn(`
      device.createComputePipelineAsync = async () => ({});
      device.popErrorScope = async () => ({ message: 'no room for 4 GB' });`);
    const { trial } = await tryEngine('webgpu', () => open(full), ['plain']);
    expect(trial).toMatchObject({ usable: false, verdict: 'Out of memory: no room for 4 GB' });
  });

  test('lost in mid-run leave the rest to the processor', async () => {
    // a plain search over a horizon that the self-test does not have
    const dying = changedDawn(`
      const write = device.queue.writeBuffer.bind(device.queue);
      device.queue.writeBuffer = (buffer, offset, data) => {
        if (data.byteLength === 32 && new Float32Array(data.buffer)[4] === 128) device.destroy();
        write(buffer, offset, data);
      };`);
    const local = createLocalEngine(taskRunner);
    const accelerated = new AcceleratedEngine(local, {
      ...{ choice: 'webgpu', expected: 4 },
      open: () => open(dying),
    });
    const input = {
      systems: { kind: 'independent', batch: exampleBatch(4, 6), poles: 'complex' },
      request: { solver: 'newton', slots: 3, horizon: 128 },
    } as const;
    const { squaredErrors } = await accelerated.run('reduce', input);
    const alone = taskRunner.reduce(input);
    squaredErrors.forEach((error, s) => {
      expect(error).toBeLessThanOrEqual(alone.squaredErrors[s] * (1 + 1e-9) + 1e-15);
    });
    expect(accelerated.search).toMatchObject({ used: 'webgpu' });
    expect(accelerated.search.lost).toMatch(/^WebGPU on SwiftShader.* was lost/);
    expect(accelerated.notes.join()).toMatch(/The processor did what was left\./);
    await accelerated.stop();
  });
});

describe('WebGPU that cannot be had', () => {
  const verdictOf = async (folder: string, env?: NodeJS.ProcessEnv): Promise<string> =>
    (await tryEngine('webgpu', () => open(folder, env))).trial.verdict;

  test('is told why', async () => {
    expect(await verdictOf(tempDir())).toBe('webgpu is not installed.');
    const broken = folderWith('webgpu', 'throw new Error("GLIBC_2.34 not found");');
    expect(await verdictOf(broken)).toBe(
      'webgpu is installed but does not load: GLIBC_2.34 not found',
    );
    expect(await verdictOf(repository, noVulkan)).toMatch(
      /^There is no device that WebGPU can use/,
    );
  });
});

const modules = JSON.stringify(join(repository, 'node_modules'));

/** TensorFlow.js on its WebGPU back end, as the package for GPUs. */
const tensorFlowOnWebGpu = `
  const { createRequire } = require('node:module');
  const load = createRequire(${modules} + '/x.js');
  const tf = { ...load('@tensorflow/tfjs-core'), backend: () => ({}) };
  tf.ready = async () => {
    const { create, globals } = await import(require('node:url').pathToFileURL(${modules} + '/webgpu/index.js').href);
    Object.assign(globalThis, globals);
    const navigator = globalThis.navigator ?? {};
    Object.defineProperty(navigator, 'gpu', { value: create([]), configurable: true });
    Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
    load('@tensorflow/tfjs-backend-webgpu');
    if (!(await tf.setBackend('webgpu'))) throw new Error('no WebGPU');
  };
  module.exports = tf;
`;

describe.runIf(software)('the operations on the WebGPU back end of TensorFlow', patient, () => {
  let tensorFlow: SearchEngine;
  /** The same operations on the back end that computes in WebAssembly. */
  const wasm = createTfjsEngine(tf, { kind: 'cpu', name: 'test' });
  beforeAll(async () => {
    const folder = folderWith('@tensorflow/tfjs-node-gpu', tensorFlowOnWebGpu);
    const options = { folder, env: softwareVulkan, script: bundles.device };
    tensorFlow = await openDevice('tfjs', options);
    opened.push(tensorFlow);
    await useWasm();
  }, 120_000);

  const { batch, horizon } = goldenSystems[0];
  const searches = {
    ...{ systems: batch, horizon, slots: 3, systemOf: Int32Array.of(0, 0) },
    poleRe: Float64Array.of(-0.01, -0.03, -0.02, -0.04, -0.05, -0.02),
    poleIm: Float64Array.of(0.1, 0.9, 0.2, 0.8, 0.3, 0.5),
  };
  const all = async <T>(ask: (engine: SearchEngine) => Promise<T>): Promise<T[]> =>
    Promise.all([tensorFlow, wasm, engine].map(ask));

  test('give the values and gradients of the kernels, and of the other back ends', async () => {
    const [tf, ...others] = await all((one) => one.derivatives(searches));
    for (const { value, gradient } of others) {
      expectNear(tf.gradient, gradient, 1e-4);
      expectNear(tf.value, value, 1e-4);
    }
  });

  test('take the same step', async () => {
    const [tf, ...others] = await all((one) => one.search(searches, 1));
    expect(tf.poleRe).not.toEqual(searches.poleRe);
    for (const { value, poleRe, poleIm } of others) {
      expectNear(tf.poleRe, poleRe, 1e-3);
      expectNear(tf.poleIm, poleIm, 1e-3);
      expectNear(tf.value, value, 1e-3);
    }
  });

  test('give the weighted values of calibrated layers, and what to add to them', async () => {
    const targets = searchTargets(calibratedRequest(exampleBatch(2, 6), 3));
    const poles = { re: searches.poleRe, im: searches.poleIm };
    const [tf, ...others] = await all((one) => one.weightedDerivatives(targets, poles));
    for (const { value, gradient, costs, best } of others) {
      expectNear(tf.value, value, 1e-3);
      expectNear(tf.gradient, gradient, 1e-3);
      expectNear(tf.costs, costs, 1e-3);
      expect([...tf.best]).toEqual([...best]);
    }
  });
});

/** Numbers that differ by no more than such a share of the largest. */
function expectNear(
  found: Float32Array | Float64Array,
  wanted: Float32Array | Float64Array,
  share: number,
): void {
  const size = Math.max(...[...wanted].map(Math.abs));
  expect(found).toHaveLength(wanted.length);
  found.forEach((x, i) => {
    expect(Math.abs(x - wanted[i])).toBeLessThan(share * size);
  });
}
