import { access } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { showCount, showShare } from '../../protocol/shown';
import type { CheckpointSummary, CompressionTarget, OrderChoice } from '../../protocol/worker';
import { pickText } from '../platform/noticeText';
import { askAll, askText, back, choose } from '../platform/steps';
import type { Ask, Choice, Separator, StepPlace } from '../platform/steps';
import {
  commonChoices,
  orderForShare,
  parseCount,
  parseShare,
  removedShare,
  proposedOrder,
  suggestedOrders,
} from './choices';
import type { Choices } from './choices';
import { askMethod } from './method';
import type { Method } from './method';
import { polesQuestion } from './poles';
import type { Poles } from './poles';
import { defaultOutputName, outputComplaint, resolveOutput } from './outputName';

const { t } = vscode.l10n;
const { language } = vscode.env;

/** How small: what to ask of the worker, and the order that it comes to. */
interface Size {
  readonly target: CompressionTarget;
  readonly order: number;
}

/** A number of steps, null for infinite, `own` for what each file records (or the default). */
type Horizon = number | null | 'own';

/** Everything the person decided. */
export interface Answers {
  readonly size: Size;
  readonly horizon: Horizon;
  readonly method: Method;
  /** Whether channels that share poles keep sharing them; only asked where a setting could change it. */
  readonly poles?: Poles;
  /** Path of the result; only asked for a single checkpoint. */
  readonly output: string;
}

/** Asks how to compress the checkpoints; undefined when the person left. Every first answer is a sensible default. */
export async function askHow(
  summaries: readonly CheckpointSummary[],
): Promise<Omit<Answers, 'output'> | Answers | undefined> {
  const single = summaries.at(0);
  if (single === undefined) return undefined;
  const choices = commonChoices(summaries);
  const common = {
    size: () => askSize(choices),
    horizon: () => askHorizon(summaries),
    method: () => askMethod,
    ...polesQuestion(summaries),
  };
  if (summaries.length > 1) {
    return askAll(t('Compress {0} checkpoints', summaries.length), common);
  }
  return askAll<Answers>(t('Compress {0}', path.basename(single.path)), {
    ...common,
    output: ({ size }) => askOutput(single.path, size?.order ?? choices.order),
  });
}

function askSize(choices: Choices): Ask<Size> {
  return async (place) => {
    for (;;) {
      const answer = await choose<Size | 'order' | 'share'>(
        place,
        t('How small? The order is {0} now (d_state).', choices.order),
        sizeItems(choices),
      );
      if (answer !== 'order' && answer !== 'share') return answer;
      const sub = { ...place, canGoBack: true };
      const typed = await (answer === 'order' ? askOrder : askShare)(choices, sub);
      if (typed !== back) return typed;
    }
  };
}

function sizeItems(choices: Choices): (Choice<Size | 'order' | 'share'> | Separator)[] {
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

function askHorizon(summaries: readonly CheckpointSummary[]): Ask<Horizon> {
  return async (place) => {
    for (;;) {
      const answer = await choose<Horizon | 'other'>(
        place,
        t('Over how many time steps must the impulse responses agree?'),
        horizonItems(summaries),
      );
      if (answer !== 'other') return answer;
      const typed = await askText(
        { ...place, canGoBack: true },
        {
          prompt: t('The horizon in time steps: the length of the sequences that the model sees.'),
          value: String(summaries.at(0)?.horizon.steps ?? ''),
          check: (text) =>
            parseCount(text) === undefined ? t('A whole number of at least 1, please.') : undefined,
        },
      );
      if (typed !== back) return typed === undefined ? undefined : parseCount(typed);
    }
  };
}

function horizonItems(summaries: readonly CheckpointSummary[]): Choice<Horizon | 'other'>[] {
  const steps = new Set(summaries.map(({ horizon }) => horizon.steps));
  const recorded = summaries.every(({ horizon }) => horizon.from === 'recorded');
  const first = [...steps].at(0);
  const own: Choice<Horizon> =
    steps.size === 1 && first !== undefined
      ? {
          label: t('{0} Steps', showCount(first, language)),
          description: recorded
            ? t('recorded in the checkpoint')
            : t('default; the checkpoint records no sequence length'),
          value: 'own',
        }
      : {
          label: t("Each Checkpoint's Own"),
          description: t('recorded in it, or the default'),
          value: 'own',
        };
  return [
    own,
    {
      label: t('Another Length…'),
      description: t('the length of the sequences that the model sees'),
      value: 'other',
    },
    {
      label: t('Infinite'),
      description: t('for sequences of any length; needs stable poles'),
      value: null,
    },
  ];
}

function askOutput(source: string, order: number): Ask<string> {
  return async (place) => {
    const name = defaultOutputName(source, order);
    const typed = await askText(place, {
      prompt: t('Name of the result. It is written beside the source, its report beside it.'),
      value: name,
      selection: [0, name.length - path.extname(name).length],
      check: (text) => explainOutput(source, text),
      button: {
        icon: { iconPath: new vscode.ThemeIcon('folder-opened'), tooltip: t('Browse…') },
        press: (text) => browse(source, text),
      },
    });
    if (typed === undefined || typed === back) return typed;
    return resolveOutput(source, typed);
  };
}

function explainOutput(source: string, text: string): string | undefined {
  switch (outputComplaint(source, text)) {
    case 'empty':
      return t('A file name, please.');
    case 'same-as-source':
      return t('The source stays as it is; the result needs another name.');
    case 'other-format':
      return t(
        'The result has the format of its source; keep the ending {0}.',
        path.extname(source),
      );
    case undefined:
      return undefined;
  }
}

async function browse(source: string, text: string): Promise<string | undefined> {
  const chosen = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.file(resolveOutput(source, text)),
    title: t('Compressed Checkpoint'),
  });
  return chosen?.fsPath;
}

/** Of the paths, those that exist. */
export async function existing(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    paths.map((file) =>
      access(file).then(
        () => true,
        () => false,
      ),
    ),
  );
  return paths.filter((_, i) => found[i]);
}

/** Asks before files are replaced. `replace` and `skip` are decisions; undefined leaves everything as it is. */
export async function askReplace(
  files: readonly string[],
  others: number,
): Promise<'replace' | 'skip' | undefined> {
  const replace = t('Replace');
  const skip = t('Skip');
  const first = files.at(0);
  const message =
    files.length === 1 && first !== undefined
      ? t('{0} exists already. Replace it and its report?', pickText(path.basename(first)))
      : t('{0} of the results exist already. Replace them and their reports?', files.length);
  const choice = await vscode.window.showWarningMessage(
    message,
    { modal: true },
    replace,
    ...(others > 0 ? [skip] : []),
  );
  return choice === replace ? 'replace' : choice === skip ? 'skip' : undefined;
}
