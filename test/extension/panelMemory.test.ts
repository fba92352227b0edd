import { describe, expect, it } from 'vitest';
import { createPanelMemory, rememberedPanel } from '../../src/extension/webviews/panelMemory';
import { jsonStore } from '../support/jsonStore';

describe('what panels show', () => {
  it('is found again in another session by the name that its page remembers', async () => {
    const state = jsonStore();
    const first = await createPanelMemory(state).keep({ curve: [1, 2] });
    const second = await createPanelMemory(state).keep({ curve: [3] });
    const memory = createPanelMemory(state);
    expect(memory.recall(rememberedPanel({ panel: first, scroll: 0 }))).toEqual({ curve: [1, 2] });
    expect(memory.recall(rememberedPanel({ panel: second }))).toEqual({ curve: [3] });
  });

  it('is not found by what a page made up', async () => {
    const memory = createPanelMemory(jsonStore());
    await memory.keep({ secret: true });
    for (const state of [undefined, null, 'panel', {}, { panel: 0 }, { panel: '__proto__' }]) {
      expect(memory.recall(rememberedPanel(state))).toBeUndefined();
    }
  });

  it('is forgotten where it is oldest', async () => {
    const memory = createPanelMemory(jsonStore());
    const names: string[] = [];
    for (let i = 0; i <= 20; i++) names.push(await memory.keep(i));
    expect(memory.recall(names[0])).toBeUndefined();
    expect(names.slice(1).map((name) => memory.recall(name))).toEqual(
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
  });
});
