import * as vscode from 'vscode';
import type { AllocationWeights } from '../../protocol/allocation';
import type { CompressParams, LayerSummary } from '../../protocol/worker';
import { choose } from '../platform/steps';
import type { Ask, Choice } from '../platform/steps';
import type { SizeAnswer } from './size';

const { t } = vscode.l10n;

/** One order for all layers, orders that a search finds for each, or the size shared out by a kind of evidence. */
export type Sharing = 'uniform' | 'layers' | Exclude<AllocationWeights, 'uniform'>;

/** What is known of the checkpoints when it is asked. */
export interface SharingQuestion {
  readonly models: readonly { readonly layers: readonly LayerSummary[] }[];
  /** Whether sample data can judge all of them. */
  readonly judged: boolean;
  /** Whether the network of a single checkpoint is known. */
  readonly known: boolean;
}

/** Only where there are layers whose orders could differ, and something is known to choose them by. */
export function sharingQuestion(
  size: SizeAnswer | undefined,
  { models, judged, known }: SharingQuestion,
): Ask<Sharing> | undefined {
  if (size === undefined || models.every(({ layers }) => layers.length < 2)) return undefined;
  const items = itemsFor(size, { judged, known });
  if (items.length < 2) return undefined;
  return (place) =>
    choose<Sharing>(place, t('One order for all layers, or an order for each?'), items);
}

/** How a run is told. */
export function sharingParams(
  sharing: Sharing | undefined,
): Pick<CompressParams, 'perLayer' | 'allocate'> {
  if (sharing === undefined || sharing === 'uniform') return {};
  return sharing === 'layers' ? { perLayer: true } : { allocate: sharing };
}

function itemsFor(
  size: SizeAnswer,
  { judged, known }: Pick<SharingQuestion, 'judged' | 'known'>,
): Choice<Sharing>[] {
  if (size === 'curve') return known ? [uniform(), ...weightItems(judged)] : [];
  if ('orders' in size || size.layers !== undefined) return [];
  const { target } = size;
  if ('outputBound' in target) return judged ? weightItems(judged, true) : [];
  if ('layerError' in target) return [uniform(), searched(t('each the smallest that keeps it'))];
  if ('accuracyLoss' in target) return [uniform(), searched(onHeldOut())];
  // without data the certified bound alone could weigh, which rarely helps: the trade-off shows what it would do
  const shared = known && judged ? weightItems(judged) : [];
  return 'outputError' in target
    ? [uniform(), searched(onHeldOut()), ...shared]
    : [uniform(), ...shared];
}

function onHeldOut(): string {
  return t('Each layer is tried alone, then the best of them together on held-out data.');
}

function uniform(): Choice<Sharing> {
  return {
    label: t('One Order for All Layers'),
    description: t('loads in the unchanged code'),
    value: 'uniform',
    preselected: true,
  };
}

function searched(detail: string): Choice<Sharing> {
  return {
    label: t('An Order for Each Layer'),
    description: t('fewer parameters where there are some; the result is loaded with a script'),
    detail,
    value: 'layers',
  };
}

/** What an order of a layer costs; without sample data only what is certified. */
function weightItems(judged: boolean, first = false): Choice<Sharing>[] {
  const certified: Choice<Sharing> = {
    label: t('Shared Out by the Certified Bound'),
    description: t('holds for every input; it often makes outputs worse than one order'),
    value: 'certified',
  };
  if (!judged) return [certified];
  return [
    {
      label: t('Shared Out by What the Output Measures'),
      description: t('each layer reduced alone, on the sample data; the usual choice'),
      value: 'measured',
      preselected: first,
    },
    {
      label: t('Shared Out to First Order'),
      description: t('the same by gradients of the original: fewer runs'),
      value: 'first-order',
    },
    {
      label: t('Shared Out by the Calibrated Bound'),
      description: t('a bound for inputs like the recorded ones'),
      value: 'calibrated',
    },
    certified,
  ];
}
