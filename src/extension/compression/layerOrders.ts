import * as vscode from 'vscode';
import { showName } from '../../protocol/shown';
import type { LayerSummary } from '../../protocol/worker';
import { pickText } from '../platform/noticeText';
import { askText, back, choose } from '../platform/steps';
import type { Ask, StepPlace } from '../platform/steps';
import { parseCount, proposedOrder } from './choices';
import type { Choices } from './choices';
import { orderComplaint } from './orderComplaint';
import type { Size } from './size';

const { t } = vscode.l10n;

/** Asks for the order of every layer, one by one in any sequence, and how layers of different orders are stored. */
export async function askLayerOrders(
  choices: Choices,
  layers: readonly LayerSummary[],
  place: StepPlace,
): ReturnType<Ask<Size>> {
  const proposed = proposedOrder(choices) ?? choices.order;
  const orders = new Map(layers.map(({ name, order }) => [name, Math.min(order, proposed)]));
  for (;;) {
    const picked = await choose<LayerSummary | 'done'>(
      place,
      t('Choose a layer to change its order, or continue.'),
      [
        { label: t('$(check) Continue'), value: 'done', preselected: true },
        ...layers.map((layer) => ({
          label: pickText(showName(layer.name, 80)),
          description: t('order {0}, now {1}', orders.get(layer.name) ?? 0, layer.order),
          value: layer,
        })),
      ],
    );
    if (picked === undefined || picked === back) return picked;
    if (picked === 'done') {
      const size = await storedSize(orders, place);
      if (size !== back) return size;
      continue;
    }
    const order = await askOrderOf(picked, choices, orders.get(picked.name) ?? 0, place);
    if (order === undefined) return undefined;
    if (order !== back) orders.set(picked.name, order);
  }
}

/** The order of one layer: one that the whole model could have, or the layer's present one, which leaves it alone. */
async function askOrderOf(
  { name, order: present }: LayerSummary,
  choices: Choices,
  value: number,
  place: StepPlace,
): ReturnType<Ask<number>> {
  const possible = (order: number | undefined): boolean =>
    order === present || (choices.orders.some((one) => one.order === order) && order! < present);
  const typed = await askText(
    { ...place, canGoBack: true },
    {
      prompt: t('The new order of {0}; {1} leaves it as it is.', showName(name, 80), present),
      value: String(value),
      check: (text) => (possible(parseCount(text)) ? undefined : orderComplaint(choices)),
    },
  );
  return typed === undefined || typed === back ? typed : parseCount(typed);
}

/** The size with these orders; where they differ, with the choice how that is stored. */
async function storedSize(
  orders: ReadonlyMap<string, number>,
  place: StepPlace,
): ReturnType<Ask<Size>> {
  const largest = Math.max(...orders.values());
  const size = { target: { order: largest }, order: largest };
  const others = [...orders].filter(([, order]) => order !== largest);
  if (others.length === 0) return size;
  const layerOrders = Object.fromEntries(others);
  const exactSizes = await choose<boolean>(
    { ...place, canGoBack: true },
    t('The layers get different orders. How shall they be stored?'),
    [
      {
        label: t('Padded to the Largest'),
        description: t('loads in the unchanged code with d_state = {0}', largest),
        value: false,
      },
      {
        label: t('Each at Its Own Order'),
        description: t('smaller; loads with load_compressed.py, written beside it'),
        value: true,
      },
    ],
  );
  if (exactSizes === undefined || exactSizes === back) return exactSizes;
  return { ...size, layers: { layerOrders, exactSizes } };
}
