import type { Host } from '../api';
import { picker } from './controls';

/** What can be picked: what it is remembered by, and what stands in the list. */
export interface Pickable {
  readonly id: string;
  readonly label: string;
}

type Memory = Pick<Host<unknown, unknown, string>, 'recall' | 'remember'>;

/** The index of what was picked when the page was last seen; 0 where nothing was, or it is no longer there. */
export function pickedBefore(
  name: string,
  items: readonly Pick<Pickable, 'id'>[],
  { recall }: Pick<Memory, 'recall'>,
): number {
  const before = recall().picked?.[name];
  return Math.max(
    0,
    items.findIndex(({ id }) => id === before),
  );
}

/** A list of which one item is chosen, at first what was picked when the page was last seen. */
export function rememberedPicker(
  name: string,
  label: string,
  items: readonly Pickable[],
  memory: Memory,
  onPick: (index: number) => void,
): HTMLElement {
  const labels = items.map((item) => item.label);
  return picker(
    name,
    label,
    labels,
    (index) => {
      const { recall, remember } = memory;
      remember({ picked: { ...recall().picked, [name]: items[index].id } });
      onPick(index);
    },
    pickedBefore(name, items, memory),
  );
}
