import type { LayerFacts } from './facts';
import { relationOf, showFigure, showOrders, worstOf } from './figures';
import type { NumberFormat, Translate } from './figures';
import type { Freshness } from './freshness';

/** The text at the end of a line: `64 → 24 · ≤ 0.0031`; of several layers the greatest error. */
export function hintText(
  layers: readonly LayerFacts[],
  freshness: Freshness,
  format: NumberFormat,
  t: Translate,
): string {
  const error = showFigure(worstOf(layers)?.relativeError ?? 0, format);
  const figure = `${showOrders(layers)} · ${relationOf(layers)} ${error}`;
  if (freshness === 'stale') return `${figure} · ${t('stale')}`;
  return freshness === 'missing' ? `${figure} · ${t('checkpoint missing')}` : figure;
}
