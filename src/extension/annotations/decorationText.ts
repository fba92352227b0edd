import type { CheckpointFacts } from './facts';
import {
  becameUnstable,
  exceedsCertified,
  overHorizon,
  relationOf,
  showFigure,
  showOrders,
  worstOf,
} from './figures';
import type { NumberFormat, Translate } from './figures';
import type { Freshness } from './freshness';

/** A badge of one character, or the Explorer shows none at all, and what it means. */
export interface DecorationText {
  /** ✓ compressed and certified, σ analysed, ! something is wrong. */
  readonly badge: '✓' | 'σ' | '!';
  readonly tooltip: string;
}

/** A file as the reports know it: as the result of a compression, or as what compressions started from. */
export type KnownFile =
  | { readonly facts: CheckpointFacts; readonly freshness: Freshness }
  | { readonly made: readonly CheckpointFacts[] };

/** The Explorer's word on a file; undefined where no report that is up to date speaks of it. */
export function decorationOf(
  file: KnownFile,
  format: NumberFormat,
  t: Translate,
): DecorationText | undefined {
  if ('made' in file) {
    const count = file.made.length;
    if (count === 0) return undefined;
    const tooltip = count === 1 ? t('SSM: compressed once') : t('SSM: compressed {0} times', count);
    return { badge: 'σ', tooltip };
  }
  const { facts, freshness } = file;
  const worst = worstOf(facts.layers);
  if (freshness !== 'fresh' || worst === undefined) return undefined;
  if (facts.layers.some(becameUnstable)) {
    return { badge: '!', tooltip: t('SSM: unstable after the reduction') };
  }
  if (exceedsCertified(facts)) {
    return { badge: '!', tooltip: t('SSM: the measured output error exceeds the certified bound') };
  }
  const relation = relationOf(facts.layers);
  const error = `${relation} ${showFigure(worst.relativeError, format)}`;
  const kind = relation === '≤' ? t('certified') : t('estimated');
  const smaller = (facts.sourceBytes / facts.bytes).toFixed(1);
  const tooltip = [
    t('SSM: order {0}', showOrders(facts.layers)),
    t('relative h² error {0} {1} ({2})', error, overHorizon(facts, t), kind),
    ...(facts.bytes > 0 ? [t('{0} times smaller', smaller)] : []),
  ].join(', ');
  return { badge: relation === '≤' ? '✓' : 'σ', tooltip };
}
