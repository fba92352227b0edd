import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createWorkerClient } from '../../src/extension/workerClient';
import type { WorkerClient, WorkerClientOptions } from '../../src/extension/workerClient';

const clients: WorkerClient[] = [];
const logged: string[] = [];

function client(options: Partial<WorkerClientOptions> = {}): WorkerClient {
  const log = (message: string): void => void logged.push(message);
  const made = createWorkerClient({
    script: path.join(import.meta.dirname, 'fixtures/fakeWorker.mjs'),
    nodePath: () => undefined,
    log: { info: log, warn: log, error: log },
    ...options,
  });
  clients.push(made);
  return made;
}

afterEach(() => {
  for (const made of clients.splice(0)) made.stop('the test is over');
  logged.length = 0;
});

function isRunning(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('the worker client', () => {
  it('starts the worker at the first request and keeps it for the next', async () => {
    const worker = client();
    expect(worker.pid()).toBeUndefined();
    expect(await worker.request('inspect', { file: 'a' })).toMatchObject({ path: 'a' });
    const pid = worker.pid();
    expect(isRunning(pid)).toBe(true);
    await worker.request('inspect', { file: 'b' });
    expect(worker.pid()).toBe(pid);
  });

  it('passes on what the worker refuses, with the reason, the file and the place', async () => {
    await expect(client().request('inspect', { file: 'refuse' })).rejects.toMatchObject({
      name: 'SsmError',
      reason: 'bad-file',
      file: 'a.pt',
      place: 'byte 7',
    });
  });

  it.each(['crash', 'throw'])(
    'fails the requests at work when the worker ends by a %s, and starts a new one',
    async (how) => {
      const worker = client();
      await worker.request('inspect', { file: 'a' });
      const first = worker.pid();
      const waiting = worker.request('inspect', { file: 'hang' });
      waiting.catch(() => undefined);
      await expect(worker.request('inspect', { file: how })).rejects.toMatchObject({
        reason: 'worker-lost',
      });
      await expect(waiting).rejects.toMatchObject({ reason: 'worker-lost' });
      await worker.request('inspect', { file: 'a' });
      expect(worker.pid()).not.toBe(first);
    },
  );

  it('logs what the worker prints when it ends by an error', async () => {
    await client()
      .request('inspect', { file: 'throw' })
      .catch(() => undefined);
    await expect.poll(() => logged.join('\n')).toContain('an error that nobody caught');
  });

  it('ends a worker that does not answer a cancel, and calls that cancelled', async () => {
    const worker = client({ cancelMilliseconds: 100 });
    await worker.request('inspect', { file: 'a' });
    const pid = worker.pid();
    const controller = new AbortController();
    const answer = worker.request('inspect', { file: 'hang' }, { signal: controller.signal });
    await new Promise(setImmediate); // now it is on its way
    controller.abort();
    await expect(answer).rejects.toMatchObject({ reason: 'cancelled' });
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  it('does not believe a malformed answer', async () => {
    await expect(client().request('inspect', { file: 'nonsense' })).rejects.toMatchObject({
      reason: 'internal',
    });
    expect(logged.join('\n')).toContain('not a message of this protocol');
  });

  it('ends the worker when it is idle', async () => {
    const worker = client({ idleMilliseconds: 50 });
    await worker.request('inspect', { file: 'a' });
    const pid = worker.pid();
    await expect.poll(() => isRunning(pid)).toBe(false);
    expect(worker.pid()).toBeUndefined();
    await worker.request('inspect', { file: 'a' });
  });

  it('does not end a worker at work, however long it takes', async () => {
    const worker = client({ idleMilliseconds: 50 });
    await worker.request('inspect', { file: 'a' });
    const waiting = worker.request('inspect', { file: 'hang' });
    waiting.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(isRunning(worker.pid())).toBe(true);
  });

  it('says so when the worker cannot be started', async () => {
    const worker = client({ nodePath: () => '/no/such/node' });
    await expect(worker.request('inspect', { file: 'a' })).rejects.toMatchObject({
      reason: 'worker-lost',
    });
  });

  it('fails what is at work when it is stopped', async () => {
    const worker = client();
    const answer = worker.request('inspect', { file: 'hang' });
    answer.catch(() => undefined);
    await expect.poll(() => worker.pid()).toBeDefined();
    worker.stop('asked to');
    await expect(answer).rejects.toMatchObject({ reason: 'worker-lost' });
  });
});
