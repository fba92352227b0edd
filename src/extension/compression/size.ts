import * as vscode from 'vscode';
import { showCount, showShare } from '../../protocol/shown';
import type { CompressionTarget, OrderChoice, ToleranceTarget } from '../../protocol/worker';
import { askText, back, choose } from '../platform/steps';
import type { Ask, Choice, Separator, StepPlace } from '../platform/steps';
import {
  orderForShare,
  parseCount,
  parseShare,
  proposedOrder,
  removedShare,
  suggestedOrders,
} from './choices';
import type { Choices } from './choices';
import { askTolerance, toleranceItems } from './tolerance';

const { t } = vscode.l10n;
const { language } = vscode.env;

/** How small: what to ask of the worker, and the order that it comes to where that is known beforehand. */
export interface Size {
  readonly target: CompressionTarget;
  readonly order?: number;
}

/** What the results can be judged by: labels or the original's outputs alone, of one checkpoint or several. */
export interface Judgeable {
  readonly labelled: boolean;
  readonly several: boolean;
}

/** What a person types themselves. */
type Typed = 'order' | 'share' | 'accuracy' | 'error';
type Picked = Size | Typed | 'curve';
type Item = Choice<Picked> | Separator;

/** Asks how small: an order, a share of the parameters, or, with sample data, what must be kept. */
export function askSize(choices: Choices, judgeable: Judgeable | undefined): Ask<Size | 'curve'> {
  return async (place) => {
    for (;;) {
      const items = sizeItems(choices);
      const answer = await choose<Picked>(
        place,
        t('How small? The order is {0} now (d_state).', choices.order),
        judgeable === undefined ? items : withTolerances(items, judgeable),
      );
      if (answer === undefined || typeof answer !== 'string' || answer === 'curve') return answer;
      const typed = await askTyped(answer, choices, { ...place, canGoBack: true });
      if (typed !== back) return typed;
    }
  };
}

/** The order of a result, or the tolerance that decides it: what the result is named after. */
export function sizeLabel({ target, order }: Size): number | ToleranceTarget {
  return order ?? ('accuracyLoss' in target || 'outputError' in target ? target : 0);
}

/** With sample data the trade-off, of a single checkpoint, and the tolerances come first. */
function withTolerances(items: readonly Item[], { labelled, several }: Judgeable): Item[] {
  const curve: Item = {
    label: t('Show the Trade-Off Curve First…'),
    description: t('calibrates at several orders; nothing is written until you choose one'),
    value: 'curve',
    preselected: true,
  };
  return [
    ...(several ? [] : [curve]),
    { label: t('Smallest That Keeps, on Held-Out Data'), kind: vscode.QuickPickItemKind.Separator },
    ...toleranceItems(labelled),
    { label: t('Order'), kind: vscode.QuickPickItemKind.Separator },
    ...items.map((item) => ('value' in item && !several ? { ...item, preselected: false } : item)),
  ];
}

function askTyped(what: Typed, choices: Choices, place: StepPlace): ReturnType<Ask<Size>> {
  switch (what) {
    case 'order':
      return askOrder(choices, place);
    case 'share':
      return askShare(choices, place);
    case 'accuracy':
    case 'error':
      return askTolerance(what, place);
  }
}

function sizeItems(choices: Choices): Item[] {
  const suggested = suggestedOrders(choices).map((choice) => ({
    label: t('Order {0}', choice.order),
    description: describeChoice(choices, choice),
    value: { target: { order: choice.order }, order: choice.order },
    preselected: choice.order === proposedOrder(choices),
  }));
  return [
    ...suggested,
    { label: t('Other'), kind: vscode.QuickPickItemKind.Separator },
    { label: t('Another Order…'), value: 'order' },
    { label: t('A Share of the Parameters to Remove…'), value: 'share' },
  ];
}

function describeChoice(choices: Choices, choice: OrderChoice): string {
  return t(
    '{0} parameters left, {1} removed',
    showCount(choice.parameters, language),
    showShare(removedShare(choices, choice), language),
  );
}

async function askOrder(
  choices: Choices,
  place: StepPlace,
): Promise<Size | typeof back | undefined> {
  const find = (text: string): OrderChoice | undefined =>
    choices.orders.find(({ order }) => order === parseCount(text));
  const typed = await askText(place, {
    prompt: t('The new order, in the unit of d_state.'),
    value: String(proposedOrder(choices) ?? ''),
    check: (text) => (find(text) === undefined ? orderComplaint(choices) : undefined),
  });
  if (typed === undefined || typed === back) return typed;
  const order = find(typed)?.order;
  return order === undefined ? undefined : { target: { order }, order };
}

/** Which orders there are, shortly when they are evenly spaced. */
function orderComplaint({ orders }: Choices): string {
  const values = orders.map(({ order }) => order);
  const first = values.at(0);
  const second = values.at(1);
  const last = values.at(-1);
  if (first === undefined || last === undefined) return t('There is no smaller order.');
  const step = (second ?? first + 1) - first;
  return values.every((value, i) => value === first + i * step) && step > 1
    ? t('Possible orders: {0} to {1} in steps of {2}.', first, last, step)
    : t('Possible orders: {0} to {1}.', first, last);
}

async function askShare(
  choices: Choices,
  place: StepPlace,
): Promise<Size | typeof back | undefined> {
  const find = (text: string): OrderChoice | undefined => {
    const share = parseShare(text);
    return share === undefined ? undefined : orderForShare(choices, share);
  };
  const smallest = choices.orders.at(0);
  const most = smallest === undefined ? 0 : removedShare(choices, smallest);
  const typed = await askText(place, {
    prompt: t('How much of the parameters to remove, for example 40 % or 0.4.'),
    value: '40 %',
    selection: [0, 2],
    check: (text) => {
      if (parseShare(text) === undefined) return t('A share between 0 and 100 %, please.');
      return find(text) === undefined
        ? t(
            'At most {0} can be removed: the rest is outside the state-space layers.',
            showShare(most, language),
          )
        : undefined;
    },
  });
  if (typed === undefined || typed === back) return typed;
  const remove = parseShare(typed);
  const order = find(typed)?.order;
  if (remove === undefined || order === undefined) return undefined;
  return { target: { remove }, order };
}
