import { tabIds } from './chartTabs';
import type { TabId } from './chartTabs';

/** What the panel remembers of itself while the page is gone. */
export interface RememberedPanel {
  readonly layer: string;
  readonly channel?: number;
  readonly tab: TabId;
  /** How the tab's chart is shown, where there are several ways. */
  readonly option?: string;
  /** The place that was chosen along the curve over orders. */
  readonly place?: number;
}

/** What was remembered, as far as it makes sense. */
export function rememberedPanel(state: unknown): RememberedPanel | undefined {
  if (typeof state !== 'object' || state === null) return undefined;
  const known = state as Partial<Record<keyof RememberedPanel, unknown>>;
  if (typeof known.layer !== 'string') return undefined;
  const { channel, option, place } = known;
  return {
    layer: known.layer,
    tab: tabIds.find((id) => id === known.tab) ?? 'poles',
    ...(isCount(channel) ? { channel } : {}),
    ...(typeof option === 'string' ? { option } : {}),
    ...(isCount(place) ? { place } : {}),
  };
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0;
}
