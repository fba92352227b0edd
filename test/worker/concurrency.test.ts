import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { mapConcurrently } from '../../src/worker/concurrency';

it('keeps the order of the items and the limit', async () => {
  let atWork = 0;
  let most = 0;
  const results = await mapConcurrently([30, 1, 20, 1, 10], 2, async (pause) => {
    most = Math.max(most, ++atWork);
    await sleep(pause);
    atWork--;
    return pause * 2;
  });
  expect(results).toEqual([60, 2, 40, 2, 20]);
  expect(most).toBe(2);
});

it('begins nothing after a failure and waits for what is at work', async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const run = mapConcurrently([0, 1, 2, 3], 2, async (item) => {
    begun.push(item);
    if (item === 0) throw new Error('first');
    await sleep(20);
    ended.push(item);
  });
  await expect(run).rejects.toThrow('first');
  expect(begun).toEqual([0, 1]);
  expect(ended).toEqual([1]);
});

it('maps nothing', async () => {
  expect(await mapConcurrently([], 4, () => Promise.reject(new Error('never')))).toEqual([]);
});
