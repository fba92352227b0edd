import * as vscode from 'vscode';
import { showCount, showShare } from '../../protocol/shown';
import type {
  CompressionTarget,
  CompressParams,
  LayerSummary,
  OrderChoice,
} from '../../protocol/worker';
import { askText, back, choose } from '../platform/steps';
import type { Ask, Choice, Separator, StepPlace } from '../platform/steps';
import {
  orderForShare,
  parseCount,
  parseOrders,
  parseShare,
  proposedOrder,
  removedShare,
  suggestedOrders,
} from './choices';
import type { Choices } from './choices';
import { askLayerOrders } from './layerOrders';
import { orderComplaint } from './orderComplaint';
import type { KeptTarget } from './outputName';
import { askTolerance, boundItems, toleranceItems } from './tolerance';
import type { Tolerated } from './tolerance';
import type { OpenTradeoff } from './tradeoffBehind';

const { t } = vscode.l10n;
const { language } = vscode.env;

/** How small: what to ask of the worker, and the order that it comes to where that is known beforehand. */
export interface Size {
  readonly target: CompressionTarget;
  readonly order?: number;
  /** Orders of single layers by name, and how layers of different orders are stored. */
  readonly layers?: Pick<CompressParams, 'layerOrders' | 'exactSizes'>;
}

/** Several orders, each a run of its own. */
export interface Sweep {
  readonly orders: readonly number[];
}

/** `curve`: the trade-off is to be seen first. */
export type SizeAnswer = Size | Sweep | 'curve';

/** What a checkpoint can be compressed to, and with what. */
export interface SizeQuestion {
  readonly choices: Choices;
  readonly judgeable: Judgeable | undefined;
  /** The layers of a single checkpoint, whose orders may differ. */
  readonly layers: readonly LayerSummary[];
  /** Whether sample data weighs what is reduced, so that h² errors do not decide. */
  readonly weighed: boolean;
  /** Whether the network around the layers of a single checkpoint is known, so that its output's error has a bound. */
  readonly known: boolean;
  /** Opens the trade-off by itself while the question stands. */
  readonly behind?: OpenTradeoff;
}

/** What the results can be judged by: labels or the original's outputs alone, of one checkpoint or several. */
export interface Judgeable {
  readonly labelled: boolean;
  readonly several: boolean;
}

/** What a person types themselves. */
type Typed = 'order' | 'orders' | 'layers' | 'share' | Tolerated;
type Picked = Size | Typed | 'curve';
type Item = Choice<Picked> | Separator;

/**
 * Asks how small: an order, a share of the parameters, or, with sample data, what must be kept. A trade-off that stands
 * behind the question follows it, and can answer it.
 */
export function askSize(question: SizeQuestion): Ask<SizeAnswer> {
  return async (place) => {
    const elsewhere = new AbortController();
    let taken: Size | undefined;
    const behind = question.behind?.((order) => {
      taken = { target: { order }, order };
      elsewhere.abort();
    });
    const answer = await askHere(
      question,
      { ...place, answered: elsewhere.signal },
      behind === undefined
        ? undefined
        : (value) => {
            behind.mark(typeof value === 'object' ? value.order : undefined);
          },
    );
    behind?.close();
    return taken ?? answer;
  };
}

/** @param onActive hears which answer of the list Enter would take */
async function askHere(
  question: SizeQuestion,
  place: StepPlace,
  onActive: ((value: Picked | undefined) => void) | undefined,
): ReturnType<Ask<SizeAnswer>> {
  const { choices, judgeable, layers, weighed, known } = question;
  for (;;) {
    const items = [
      ...sizeItems(choices, layers),
      ...(weighed ? [] : [separator(t('Smallest That Keeps'))]),
      ...(weighed && judgeable === undefined ? [] : boundItems({ weighed, known })),
    ];
    const answer = await choose<Picked>(
      place,
      t('How small? The order is {0} now (d_state).', choices.order),
      withCurve(judgeable === undefined ? items : withTolerances(items, judgeable), question),
      onActive,
    );
    if (answer === undefined || typeof answer !== 'string' || answer === 'curve') return answer;
    const typed = await askTyped(answer, question, { ...place, canGoBack: true });
    if (typed !== back) return typed;
  }
}

/** The order of a result, or the tolerance that decides it: what the result is named after. */
export function sizeLabel({ target, order }: Size): number | KeptTarget {
  return order ?? ('order' in target || 'remove' in target ? 0 : target);
}

/**
 * What is lost at every size comes before the sizes, of a single checkpoint. With sample data Enter shows it, since no
 * size is a good guess there; without, Enter takes the proposed order. Where a curve opened by itself, another is last.
 */
function withCurve(
  items: readonly Item[],
  { layers, judgeable, weighed, behind }: SizeQuestion,
): Item[] {
  if (layers.length === 0 || (weighed && judgeable === undefined)) return items.slice();
  if (behind !== undefined) {
    const another: Item = {
      label: t('Another Trade-Off Curve…'),
      description: t('over another horizon, or with an order for each layer'),
      value: 'curve',
    };
    return [...items, separator(t('Trade-Off')), another];
  }
  const curve: Item = {
    label: t('Show the Trade-Off Curve First…'),
    description:
      judgeable === undefined
        ? t('h² errors of the layers at every order; nothing is written until you choose one')
        : t('calibrates at several orders; nothing is written until you choose one'),
    value: 'curve',
    preselected: judgeable !== undefined,
  };
  const others =
    judgeable === undefined
      ? items
      : items.map((item) => ('value' in item ? { ...item, preselected: false } : item));
  const first = others.at(0);
  const headed = first !== undefined && 'value' in first ? [separator(t('Order'))] : [];
  return [curve, ...headed, ...others];
}

/** With sample data the tolerances come before the orders. */
function withTolerances(items: readonly Item[], { labelled }: Judgeable): Item[] {
  return [
    separator(t('Smallest That Keeps, on Held-Out Data')),
    ...toleranceItems(labelled),
    separator(t('Order')),
    ...items,
  ];
}

function separator(label: string): Separator {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

/** Asks for the orders of a sweep alone. */
export function askSweep(choices: Choices): Ask<SizeAnswer> {
  return (place) => askOrders(choices, place);
}

function askTyped(
  what: Typed,
  { choices, layers }: SizeQuestion,
  place: StepPlace,
): ReturnType<Ask<SizeAnswer>> {
  switch (what) {
    case 'order':
      return askOrder(choices, place);
    case 'orders':
      return askOrders(choices, place);
    case 'layers':
      return askLayerOrders(choices, layers, place);
    case 'share':
      return askShare(choices, place);
    default:
      return askTolerance(what, place);
  }
}

function sizeItems(choices: Choices, layers: readonly LayerSummary[]): Item[] {
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
    {
      label: t('Several Orders…'),
      description: t('a sweep: one result for each, to be compared in the sidebar'),
      value: 'orders',
    },
    ...(layers.length < 2
      ? []
      : [{ label: t('Orders of Single Layers…'), value: 'layers' as const }]),
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

async function askOrders(
  choices: Choices,
  place: StepPlace,
): Promise<Sweep | typeof back | undefined> {
  const typed = await askText(place, {
    prompt: t('The orders of the results, in the unit of d_state: 8, 16, 32 or a range, 8-32.'),
    value: suggestedOrders(choices)
      .map(({ order }) => order)
      .join(', '),
    check: (text) =>
      parseOrders(text, choices) === undefined ? orderComplaint(choices) : undefined,
  });
  if (typed === undefined || typed === back) return typed;
  const orders = parseOrders(typed, choices);
  return orders === undefined ? undefined : { orders };
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
