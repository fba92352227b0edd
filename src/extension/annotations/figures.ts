import type { BoundEvidence } from '../../protocol/bound';
import type { MeasureId } from '../../protocol/evaluation';
import { showError, showScientific, showShare } from '../../protocol/shown';
import type { CheckpointFacts, LayerFacts, OutputFacts } from './facts';
import type { Freshness } from './freshness';

/** Translates an English text and puts values into its places {0}, {1}, …, as `vscode.l10n.t` does. */
export type Translate = (text: string, ...values: (string | number | boolean)[]) => string;

/** How errors are written: 0.45 as in pages and the sidebar, 4.5e-1, or 45 %. */
export type NumberFormat = 'auto' | 'scientific' | 'percent';

/** A relative error, rounded up so that a bound stays one. */
export function showFigure(value: number, format: NumberFormat): string {
  return format === 'percent' && value > 0
    ? `${showError(100 * value)} %`
    : showQuantity(value, format);
}

/** An error in a unit of its own, of which there is no percentage, rounded up likewise. */
export function showQuantity(value: number, format: NumberFormat): string {
  return format === 'scientific' ? showScientific(value) : showError(value);
}

/** A part of a whole; one too small for its digits is not shown as none. */
export function showPart(share: number): string {
  return share > 0 && share < 5e-4 ? '< 0.1 %' : showShare(share);
}

/** `64 → 24`, `64`, or `64 → 16 … 24` where layers differ. */
export function showOrders(layers: readonly LayerFacts[]): string {
  const before = showRange(layers.map(({ orderBefore }) => orderBefore));
  const after = showRange(layers.map(({ orderAfter }) => orderAfter));
  return before === after ? before : `${before} → ${after}`;
}

function showRange(values: readonly number[]): string {
  const least = Math.min(...values);
  const greatest = Math.max(...values);
  return least === greatest ? `${least}` : `${least} … ${greatest}`;
}

/** The layer with the greatest relative error; undefined of none. */
export function worstOf(layers: readonly LayerFacts[]): LayerFacts | undefined {
  return layers.reduce<LayerFacts | undefined>(
    (worst, layer) => ((worst?.relativeError ?? -1) < layer.relativeError ? layer : worst),
    undefined,
  );
}

/** ≤ in front of a bound, ≈ in front of an estimate. */
export function relationOf(layers: readonly LayerFacts[]): '≤' | '≈' {
  return layers.every(({ kind }) => kind === 'certified') ? '≤' : '≈';
}

/** What to think of a figure, in words; the icon of the same meaning stands before it and never alone. */
export interface Standing {
  readonly icon: string;
  readonly text: string;
}

export function standingOf(
  layers: readonly LayerFacts[],
  freshness: Freshness,
  t: Translate,
): Standing {
  if (freshness === 'missing') return { icon: 'warning', text: t('the checkpoint is missing') };
  if (freshness === 'stale') {
    return { icon: 'warning', text: t('stale: the checkpoint changed after its report') };
  }
  if (freshness === 'checking') {
    return { icon: 'watch', text: t('being checked against the checkpoint') };
  }
  return relationOf(layers) === '≤'
    ? { icon: 'verified', text: t('certified') }
    : { icon: 'beaker', text: t('estimated') };
}

/** "over 784 steps" */
export function overHorizon({ horizon }: CheckpointFacts, t: Translate): string {
  return horizon === null ? t('over infinite time') : t('over {0} steps', horizon);
}

/** Whether a pole of the result grows although none of the original did. */
export function becameUnstable({ slowestBefore = 0, slowestAfter = 0 }: LayerFacts): boolean {
  return slowestAfter > 1 && slowestBefore <= 1;
}

/** What a figure rests on, in a word. */
export function showEvidence(evidence: BoundEvidence, t: Translate): string {
  if (evidence === 'certified') return t('certified');
  return evidence === 'calibrated' ? t('calibrated') : t('measured');
}

/** What is known of the output's error: "≤ 0.050 (certified), 0.011 (measured)"; undefined of nothing. */
export function showOutput(
  { certified, calibrated, measured }: OutputFacts,
  format: NumberFormat,
  t: Translate,
): string | undefined {
  const known: string[] = [];
  const add = (relation: string, value: number | null, evidence: BoundEvidence): void => {
    if (value === null) return;
    known.push(`${relation}${showQuantity(value, format)} (${showEvidence(evidence, t)})`);
  };
  add('≤ ', certified, 'certified');
  add('≤ ', calibrated, 'calibrated');
  add('', measured ?? null, 'measured');
  return known.length === 0 ? undefined : known.join(', ');
}

/** Whether a sequence was measured whose error exceeds what was certified for all. */
export function exceedsCertified({ output }: CheckpointFacts): boolean {
  if (output === undefined || output.certified === null) return false;
  const measured = output.largest ?? output.measured ?? 0;
  return measured > output.certified * (1 + 1e-6); // both are sums of rounded numbers
}

/** A figure of the model before and after: "Accuracy 98.1 % → 97.9 %". */
export function showMeasure(id: MeasureId, before: number, after: number, t: Translate): string {
  const shares = id === 'accuracy' || id === 'auc';
  const show = (value: number): string =>
    shares ? `${(100 * value).toFixed(1)} %` : value.toPrecision(3);
  const titles: Readonly<Record<MeasureId, string>> = {
    accuracy: t('Accuracy'),
    auc: t('Area under the ROC curve'),
    loss: t('Loss'),
    nrmse: t('Normalised error of the output'),
  };
  return `${titles[id]} ${show(before)} → ${show(after)}`;
}

/** |λ| of a slow mode: as many digits as tell it from 1. */
export function showModulus(value: number): string {
  const distance = Math.abs(1 - value);
  const digits = distance > 0 ? Math.min(9, Math.max(3, 1 - Math.floor(Math.log10(distance)))) : 3;
  return value.toFixed(digits);
}
