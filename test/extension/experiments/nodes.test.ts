import { describe, expect, it } from 'vitest';
import { createLiveRuns } from '../../../src/extension/compression/liveRuns';
import { buildNodes, nodeId } from '../../../src/extension/experiments/nodes';
import { usualOrder } from '../../../src/extension/experiments/runIndex';
import type { CompressParams } from '../../../src/protocol/worker';
import { sampleRun } from './sampleRuns';

const view = { filter: '', sort: usualOrder('date') };
const params: CompressParams = {
  file: '/models/net.safetensors',
  output: '/models/net.order8.safetensors',
  target: { order: 8 },
  solver: 'newton',
  overwrite: false,
};

describe('runs that have no report yet', () => {
  it('are listed from when they are queued until they have one', () => {
    const live = createLiveRuns();
    let changes = 0;
    const stop = live.onChange(() => changes++);
    const handle = live.add(params);
    expect(live.list().map(({ state }) => state.kind)).toEqual(['queued']);
    handle.started();
    handle.progress({ stage: 'reducing', fraction: 0.5, layersDone: 1, layersTotal: 2 });
    expect(live.list()[0]?.state).toMatchObject({ kind: 'running', progress: { fraction: 0.5 } });
    handle.ended();
    expect([live.list(), changes]).toEqual([[], 4]);
    stop();
    live.add(params);
    expect(changes).toBe(4);
  });

  it('stay when they failed, until they are dismissed', () => {
    const live = createLiveRuns();
    const handle = live.add(params);
    live.dismiss(live.list()[0].id);
    expect(live.list()).toHaveLength(1);
    handle.failed('The disk is full.');
    expect(live.list()[0].state).toEqual({ kind: 'failed', message: 'The disk is full.' });
    live.dismiss(live.list()[0].id);
    expect(live.list()).toEqual([]);
  });

  it('are cancelled one by one', () => {
    const live = createLiveRuns();
    const [first, second] = [live.add(params), live.add(params)];
    live.cancel(live.list()[1].id);
    expect([first.signal.aborted, second.signal.aborted]).toEqual([false, true]);
  });
});

describe('the rows of the tree', () => {
  const run = sampleRun('net.order16.safetensors');
  const other = sampleRun('z.order8.pt', {
    source: { ...run.summary.source, path: 'z.pt' },
  });
  const broken = { report: '/models/x.ssmreport.json', fault: 'This is not JSON.' };

  it('put what is at work first under its checkpoint, and what cannot be read last', () => {
    const live = createLiveRuns();
    live.add(params);
    live.add({ ...params, file: '/models/new.pt' });
    const rows = buildNodes([broken, other, run], live.list(), view);
    expect(rows.map(nodeId)).toEqual([
      'checkpoint:/models/new.pt',
      'checkpoint:/models/net.safetensors',
      'checkpoint:/models/z.pt',
      'run:/models/x.ssmreport.json',
    ]);
    const [, net] = rows;
    if (net.kind !== 'checkpoint') throw new Error('no checkpoint');
    expect(net.children.map(nodeId)).toEqual([
      'live:1',
      'run:/models/net.order16.safetensors.ssmreport.json',
    ]);
  });

  it('are filtered, but never what is at work', () => {
    const live = createLiveRuns();
    live.add({ ...params, file: '/models/new.pt' });
    const rows = buildNodes([broken, other, run], live.list(), { ...view, filter: 'z.pt' });
    expect(rows.map(nodeId)).toEqual(['checkpoint:/models/new.pt', 'checkpoint:/models/z.pt']);
  });
});
