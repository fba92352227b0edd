import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/worker/engine';
import { joinReductions } from '../../src/core/solve/reduceLayer';
import { splitSystems } from '../../src/core/systems/kernels';
import type { IndependentSystems } from '../../src/core/systems/layer';
import type { ModalBatch } from '../../src/core/systems/modal';
import { installLoops } from '../../src/worker/backends/cpu/install';
import { taskRunner } from '../../src/worker/tasks';
import { startEngine, threadCount } from '../../src/worker/threadPool';
import { exampleBatch } from '../support/batches';
import { bundleProgram, type Bundles } from '../support/bundle';

let bundles: Bundles;
let engine: Engine | undefined;

beforeAll(async () => {
  bundles = await bundleProgram();
  installLoops(join(bundles.directory, 'loops.wasm')); // so that the same bits come out here
});
afterEach(async () => {
  await engine?.stop();
});

async function start(count: number, file = bundles.thread): Promise<Engine> {
  return (engine = await startEngine(count, file));
}

/** A thread of its own making, to see what becomes of a run when it goes wrong. */
function threadThat(name: string, does: string): string {
  const file = join(bundles.directory, `${name}.cjs`);
  writeFileSync(
    file,
    `const { parentPort } = require('node:worker_threads');
     parentPort.on('message', (task) => { ${does} });
     parentPort.postMessage({ type: 'ready' });`,
  );
  return file;
}

function independent(batch: ModalBatch): IndependentSystems {
  return { kind: 'independent', batch, poles: 'complex' };
}

const request = { solver: 'balanced', slots: 2, horizon: 200 } as const;

describe('computing threads', () => {
  it('give what the same tasks give in one thread, in the right order', async () => {
    const systems = independent(exampleBatch(12, 6));
    const pool = await start(3);
    expect([pool.threads, pool.notes, pool.kernels]).toEqual([3, [], 'wasm-simd']);
    const parts = splitSystems(systems, 1);
    const outputs = await Promise.all(
      splitSystems(systems, 1).map((part) =>
        pool.run('reduce', { systems: part.systems, request }),
      ),
    );
    const whole = taskRunner.reduce({ systems, request });
    expect(joinReductions(parts, outputs)).toEqual(whole);

    const [original] = splitSystems(systems, 12);
    const [stored] = splitSystems(whole.reduced, 12);
    const { errors } = await pool.run('certify', {
      original: original.systems,
      stored: stored.systems,
      horizon: 200,
    });
    expect(errors).toEqual(
      taskRunner.certify({ original: systems, stored: whole.reduced, horizon: 200 }).errors,
    );
  });

  it('pass on what a task throws and go on with the next', async () => {
    const pool = await start(1);
    const tooMany = { ...request, slots: 7 };
    await expect(
      pool.run('reduce', { systems: independent(exampleBatch(1, 6)), request: tooMany }),
    ).rejects.toMatchObject({ name: 'SsmError', reason: 'bad-request' });
    await expect(
      pool.run('reduce', { systems: independent(exampleBatch(1, 6)), request }),
    ).resolves.toMatchObject({
      reduced: { batch: { slots: 2 } },
    });
  });

  it('stop in the midst of a task', async () => {
    const pool = await start(1, threadThat('endless', 'for (;;);'));
    const tasks = [1, 2].map(() =>
      pool.run('reduce', { systems: independent(exampleBatch(1, 6)), request }),
    );
    const outcome = Promise.allSettled(tasks);
    await pool.stop();
    expect((await outcome).map((one): unknown => one.status === 'rejected' && one.reason)).toEqual([
      expect.objectContaining({ reason: 'cancelled' }),
      expect.objectContaining({ reason: 'cancelled' }),
    ]);
    await expect(
      pool.run('reduce', { systems: independent(exampleBatch(1, 6)), request }),
    ).rejects.toMatchObject({
      reason: 'cancelled',
    });
  });

  it.each([
    ['ends', 'process.exit(3);'],
    ['throws', 'throw new Error("out of order");'],
  ])('fail the run when one %s', async (name, does) => {
    const pool = await start(2, threadThat(name, does));
    const tasks = [1, 2, 3].map(() =>
      pool.run('reduce', { systems: independent(exampleBatch(1, 6)), request }),
    );
    for (const outcome of await Promise.allSettled(tasks)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { reason: 'worker-lost' } });
    }
  });
});

describe('without threads', () => {
  it('everything is computed here, and the report is told', async () => {
    const local = await start(2, join(bundles.directory, 'missing.cjs'));
    expect(local.threads).toBe(1);
    expect(local.notes).toEqual([expect.stringContaining('could not be started')]);
    const systems = independent(exampleBatch(2, 6));
    const { reduced } = await local.run('reduce', { systems, request });
    expect(reduced).toEqual(taskRunner.reduce({ systems, request }).reduced);
  });

  it('a stop takes effect before the next task', async () => {
    const local = await start(1, join(bundles.directory, 'missing.cjs'));
    const tasks = [1, 2, 3].map(() =>
      local.run('reduce', { systems: independent(exampleBatch(1, 6)), request }),
    );
    await tasks[0];
    await local.stop();
    await expect(tasks[2]).rejects.toMatchObject({ reason: 'cancelled' });
    await Promise.allSettled(tasks);
  });
});

describe('the number of threads', () => {
  it('is the number of cores unless the environment says otherwise', () => {
    expect(threadCount({})).toBeGreaterThanOrEqual(1);
    expect(threadCount({ SSM_THREADS: '3' })).toBe(3);
    expect(threadCount({ SSM_THREADS: '' })).toBe(threadCount({}));
  });

  it.each(['0', '-2', 'many', '1.5'])('cannot be "%s"', (setting) => {
    expect(() => threadCount({ SSM_THREADS: setting })).toThrow(
      expect.objectContaining({ reason: 'bad-request' }),
    );
  });
});
