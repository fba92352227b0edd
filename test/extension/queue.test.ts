import { describe, expect, it } from 'vitest';
import { createQueue } from '../../src/extension/compression/queue';

const never = new AbortController().signal;

function task(log: string[], name: string): { run: () => Promise<string>; end: () => void } {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return {
    run: async () => {
      log.push(`${name} begins`);
      await ended;
      log.push(`${name} ends`);
      return name;
    },
    end: () => {
      end();
    },
  };
}

describe('a queue', () => {
  it('runs one task at a time, in order', async () => {
    const queue = createQueue();
    const log: string[] = [];
    const [a, b] = [task(log, 'a'), task(log, 'b')];
    const results = [queue.run(a.run, never), queue.run(b.run, never)];
    b.end();
    await new Promise(setImmediate);
    expect(log).toEqual(['a begins']);
    expect(queue.busy()).toBe(true);
    a.end();
    expect(await Promise.all(results)).toEqual(['a', 'b']);
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
    await new Promise(setImmediate);
    expect(queue.busy()).toBe(false);
  });

  it('goes on after a task that failed', async () => {
    const queue = createQueue();
    await expect(queue.run(() => Promise.reject(new Error('no')), never)).rejects.toThrow('no');
    expect(await queue.run(() => Promise.resolve(1), never)).toBe(1);
  });

  it('gives up a waiting task at once when it is cancelled, and never runs it', async () => {
    const queue = createQueue();
    const log: string[] = [];
    const a = task(log, 'a');
    const first = queue.run(a.run, never);
    const controller = new AbortController();
    const second = queue.run(task(log, 'b').run, controller.signal);
    controller.abort();
    await expect(second).rejects.toMatchObject({ reason: 'cancelled' });
    a.end();
    await first;
    await new Promise(setImmediate);
    expect(log).toEqual(['a begins', 'a ends']);
    expect(queue.busy()).toBe(false);
  });
});
