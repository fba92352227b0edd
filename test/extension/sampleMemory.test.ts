import { describe, expect, it } from 'vitest';
import { createSampleMemory } from '../../src/extension/samples/memory';
import { jsonStore as store } from '../support/jsonStore';

describe('remembered sample data', () => {
  it('belongs to its checkpoint, the latest use of it', async () => {
    const state = store();
    await createSampleMemory(state).remember('/a.pt', { data: '/x.npz' });
    await createSampleMemory(state).remember('/a.pt', {
      ...{ data: '/y.npz', dataSettings: { scale: '255' } },
      ...{ test: '/z.npz', sequences: 64, without: ['decoder'] },
    });
    const memory = createSampleMemory(state); // another session
    expect(memory.recall('/a.pt')).toEqual({
      ...{ data: '/y.npz', dataSettings: { scale: '255' } },
      ...{ test: '/z.npz', sequences: 64, without: ['decoder'] },
    });
    expect(memory.recall('/b.pt')).toBeUndefined();
  });

  it('is offered for other checkpoints too: each file once, newest first, five at most', async () => {
    const memory = createSampleMemory(store());
    for (let i = 0; i < 7; i++) await memory.remember(`/${i}.pt`, { data: `/${i}.npz` });
    await memory.remember('/again.pt', { data: '/5.npz', dataSettings: { scale: '2' } });
    const recent = memory.recent();
    expect(recent.map(({ data }) => data)).toEqual([
      '/5.npz',
      '/6.npz',
      '/4.npz',
      '/3.npz',
      '/2.npz',
    ]);
    expect(recent[0].dataSettings).toEqual({ scale: '2' });
  });

  it('is forgotten where it is oldest', async () => {
    const memory = createSampleMemory(store());
    for (let i = 0; i <= 200; i++) await memory.remember(`/${i}.pt`, { data: '/x.npz' });
    expect(memory.recall('/0.pt')).toBeUndefined();
    expect(memory.recall('/1.pt')).toEqual({ data: '/x.npz' });
  });
});
