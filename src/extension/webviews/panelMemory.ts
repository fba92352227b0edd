import { randomUUID } from 'node:crypto';
import type { Store } from '../answers/memory';

/** Remembers what panels show that stands in no file, so that they come back when the window is reloaded. */
export interface PanelMemory {
  /** Keeps JSON; gives the name by which a page finds it again. */
  keep(contents: unknown): Promise<string>;
  /** Undefined for a name that is none of ours, or was forgotten. */
  recall(name: unknown): unknown;
}

const key = 'panels';
/** So many panels are remembered; the oldest are forgotten. */
const mostPanels = 20;

export function createPanelMemory(state: Store): PanelMemory {
  const all = (): readonly (readonly [string, unknown])[] =>
    state.get<readonly (readonly [string, unknown])[]>(key, []);
  return {
    async keep(contents) {
      const name = randomUUID();
      await state.update(key, [...all(), [name, contents]].slice(-mostPanels));
      return name;
    },
    recall: (name) => all().find(([known]) => known === name)?.[1],
  };
}

/** The name that a page remembered; it is its own, yet a page's word is checked like any other. */
export function rememberedPanel(state: unknown): unknown {
  return typeof state === 'object' && state !== null && 'panel' in state ? state.panel : undefined;
}
