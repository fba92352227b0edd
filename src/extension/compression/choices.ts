import type { CheckpointSummary, OrderChoice } from '../../protocol/worker';

/** What a choice of order means for one checkpoint or several together. */
export interface Choices {
  /** The highest order among the layers now. */
  readonly order: number;
  /** Parameters of all the models together. */
  readonly parameters: number;
  /** Orders that every checkpoint can be reduced to, ascending, with the parameters left in all of them. */
  readonly orders: readonly OrderChoice[];
}

/** The choices that all of the checkpoints have in common. */
export function commonChoices(
  summaries: readonly Pick<CheckpointSummary, 'layers' | 'parameters' | 'choices'>[],
): Choices {
  const total = new Map<number, { parameters: number; files: number }>();
  for (const { choices } of summaries) {
    for (const { order, parameters } of choices) {
      const sum = total.get(order) ?? { parameters: 0, files: 0 };
      total.set(order, { parameters: sum.parameters + parameters, files: sum.files + 1 });
    }
  }
  return {
    order: Math.max(0, ...summaries.flatMap(({ layers }) => layers.map(({ order }) => order))),
    parameters: summaries.reduce((sum, { parameters }) => sum + parameters, 0),
    orders: [...total]
      .filter(([, { files }]) => files === summaries.length)
      .map(([order, { parameters }]) => ({ order, parameters }))
      .sort((a, b) => a.order - b.order),
  };
}

/** The orders worth offering first: a half, a quarter, an eighth, a sixteenth of the present one, or the next below. */
export function suggestedOrders({ order, orders }: Choices): OrderChoice[] {
  const suggested = [2, 4, 8, 16].flatMap((part) => {
    const below = orders.filter((choice) => choice.order <= order / part);
    return below.slice(-1);
  });
  const distinct = suggested.filter((choice, i) => choice !== suggested[i - 1]);
  return distinct.length > 0 ? distinct : orders.slice(-1);
}

/** The order proposed to who has no wish, like the command line's: the largest that is at most a quarter of the present. */
export function proposedOrder({ order, orders }: Choices): number | undefined {
  return (orders.findLast((choice) => choice.order <= order / 4) ?? orders.at(0))?.order;
}

/** The share of the parameters that an order removes. */
export function removedShare({ parameters }: Choices, choice: OrderChoice): number {
  return parameters === 0 ? 0 : 1 - choice.parameters / parameters;
}

/** The highest order that removes at least the share of the parameters; undefined if none does. */
export function orderForShare(choices: Choices, share: number): OrderChoice | undefined {
  return choices.orders.findLast((choice) => removedShare(choices, choice) >= share);
}

/** A whole number ≥ 1 from what a person typed, thousands separators allowed; undefined if it is none. */
export function parseCount(text: string): number | undefined {
  const digits = text.trim().replace(/(?<=\d)[,_ '\u202f\u00a0](?=\d{3}\b)/g, '');
  const value = /^\d{1,15}$/.test(digits) ? Number(digits) : 0;
  return value >= 1 ? value : undefined;
}

/**
 * Several of the possible orders from what a person typed, "8, 16 32" or "8-32" for all from 8 to 32: each once,
 * descending; undefined where something else stands there.
 */
export function parseOrders(text: string, { orders }: Choices): number[] | undefined {
  const possible = orders.map(({ order }) => order);
  const chosen = text
    .trim()
    .split(/[\s,;]+/)
    .map((part): readonly number[] => {
      const [, from, , to = from] = /^(\d{1,9})((?:-|–|\.\.)(\d{1,9}))?$/.exec(part) ?? [];
      return possible.filter((order) => order >= Number(from) && order <= Number(to));
    });
  if (chosen.some((part) => part.length === 0)) return undefined;
  return [...new Set(chosen.flat())].sort((a, b) => b - a);
}

/** A share strictly between 0 and 1 from "40", "40 %", "37.5%" or "0.4"; undefined if it is none. */
export function parseShare(text: string): number | undefined {
  const match = /^(\d{1,3}(?:[.,]\d+)?|[.,]\d+)\s*(%?)$/.exec(text.trim());
  if (match === null) return undefined;
  const value = Number(match[1].replace(',', '.'));
  const share = match[2] === '%' || value >= 1 ? value / 100 : value;
  return share > 0 && share < 1 ? share : undefined;
}

/** A share of up to 1 from a number of percentage points, "0.5", "0,5" or "1 %"; undefined if it is none. */
export function parsePoints(text: string): number | undefined {
  const match = /^(\d{1,3}(?:[.,]\d+)?|[.,]\d+)\s*%?$/.exec(text.trim());
  const points = match === null ? NaN : Number(match[1].replace(',', '.'));
  return points >= 0 && points < 100 ? points / 100 : undefined;
}

/** A positive number from "0.05", "0,05" or "1e-3"; undefined if it is none. */
export function parsePositive(text: string): number | undefined {
  const match = /^(\d+(?:[.,]\d*)?|[.,]\d+)(e[+-]?\d{1,3})?$/i.exec(text.trim());
  const value = match === null ? NaN : Number(text.trim().replace(',', '.'));
  return value > 0 && Number.isFinite(value) ? value : undefined;
}
