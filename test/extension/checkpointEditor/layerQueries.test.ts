import { expect, it } from 'vitest';
import type { CheckpointFacts } from '../../../src/extension/annotations/facts';
import { layerQueries } from '../../../src/extension/checkpointEditor/layerQueries';
import type { SsmContext } from '../../../src/extension/context';

const { signal } = new AbortController();
const asked = { signal, onProgress: () => undefined };

/** Queries over a worker that numbers its answers, and what it was asked. */
function queries(report?: () => string | undefined) {
  const requests: { method: string; params: unknown }[] = [];
  const context = {
    worker: {
      request: (method: string, params: unknown) => {
        requests.push({ method, params });
        return Promise.resolve(requests.length);
      },
    },
    answers: { recall: (_: string, fingerprint: string) => ({ disc: fingerprint }) },
    engines: { request: () => ({ choice: 'cpu' }) },
  } as unknown as Pick<SsmContext, 'worker' | 'answers' | 'engines'>;
  const computed = { statistics: new Map(), figures: new Map(), charts: new Map() };
  const summary = { fingerprint: 'zoh' } as never;
  const made = layerQueries(context, '/models/net.pt', {
    latest: () => ({ summary, computed }),
    known: () => {
      const path = report?.();
      return path === undefined
        ? undefined
        : ({ report: path, layers: [] } as unknown as CheckpointFacts);
    },
  });
  return { ...made, requests };
}

it('asks the worker for the layer of the file, with what was answered and the report that is known', async () => {
  const { layerCharts, layerCurve, requests } = queries(() => '/models/net.order8.ssmreport.json');
  await layerCharts.answer({ layer: 'a', channel: 3 }, asked);
  await layerCurve.answer({ layer: 'b' }, asked);
  const same = {
    engine: { choice: 'cpu' },
    file: '/models/net.pt',
    report: '/models/net.order8.ssmreport.json',
    answers: { remembered: { disc: 'zoh' } },
  };
  expect(requests).toEqual([
    { method: 'layerCharts', params: { layer: 'a', channel: 3, ...same } },
    { method: 'layerCurve', params: { layer: 'b', ...same } },
  ]);
});

it('has the answer at once for a page that is made again, until another report is known', async () => {
  const now: { report?: string } = {};
  const { layerCharts, requests } = queries(() => now.report);
  expect(await layerCharts.answer({ layer: 'a' }, asked)).toBe(1);
  expect(await layerCharts.answer({ layer: 'a' }, asked)).toBe(1);
  expect(await layerCharts.answer({ layer: 'a', channel: 0 }, asked)).toBe(2);
  now.report = '/models/new.ssmreport.json';
  expect(await layerCharts.answer({ layer: 'a' }, asked)).toBe(3);
  expect(requests).toHaveLength(3);
});

it('keeps but a few answers', async () => {
  const { layerCharts, requests } = queries();
  for (let channel = 0; channel < 40; channel++) {
    await layerCharts.answer({ layer: 'a', channel }, asked);
  }
  await layerCharts.answer({ layer: 'a', channel: 39 }, asked);
  expect(requests).toHaveLength(40);
  await layerCharts.answer({ layer: 'a', channel: 0 }, asked);
  expect(requests).toHaveLength(41);
});

it('refuses what names no layer', async () => {
  const { layerCharts } = queries();
  for (const params of [undefined, null, {}, { layer: 3 }]) {
    await expect(layerCharts.answer(params, asked)).rejects.toMatchObject({
      reason: 'bad-request',
    });
  }
});
