import type { BoundEvidence, BoundRecord, LayerContribution } from '../../src/protocol/bound';

/** What each layer adds to the error of the output by one kind of evidence; null where there is no bound of it. */
export interface EvidenceRow {
  readonly evidence: BoundEvidence;
  /** In the order of the network, the changes outside the layers last where there are any. */
  readonly contributions: readonly (number | null)[];
  /** Of the contributions; null where one is. */
  readonly total: number | null;
}

/** The rows of a record, strongest evidence last. A row without a single contribution above 0 says nothing. */
export function evidenceRows({
  layers,
  outside,
  calibrated,
  measured,
}: BoundRecord): EvidenceRow[] {
  const row = (
    evidence: BoundEvidence,
    of: (layer: LayerContribution) => number | null | undefined,
    beside: number | null | undefined,
  ): EvidenceRow => {
    const contributions = [...layers.map((layer) => of(layer) ?? null), beside ?? 0];
    return { evidence, contributions, total: sumOf(contributions) };
  };
  return [
    row('certified', (layer) => layer.certified.contribution, outside.certified),
    ...(calibrated === undefined
      ? []
      : [row('calibrated', (layer) => layer.calibrated?.contribution, outside.calibrated)]),
    ...(measured === undefined
      ? []
      : [row('measured', (layer) => layer.measured?.telescoping, measured.outside)]),
  ].filter(({ contributions }) => contributions.some((one) => one !== null && one > 0));
}

/** Null where one of them is. */
export function sumOf(values: readonly (number | null)[]): number | null {
  return values.reduce((sum, one) => (sum === null || one === null ? null : sum + one), 0);
}

/** Whether anything but the layers was changed, as far as the bounds see it. */
export function hasOutside(rows: readonly EvidenceRow[]): boolean {
  return rows.some(({ contributions }) => (contributions.at(-1) ?? 0) > 0);
}

/** Of the whole that is known: 0 … 1 each. */
export function sharesOf({ contributions }: EvidenceRow): number[] {
  const known = contributions.reduce<number>((sum, one) => sum + (one ?? 0), 0);
  return contributions.map((one) => (known > 0 ? (one ?? 0) / known : 0));
}

/** A piece of the bars: a layer, all that are too small to be seen taken together, or what is outside the layers. */
export interface BarPiece {
  readonly kind: 'layer' | 'others' | 'outside';
  /** Places among the contributions. */
  readonly members: readonly number[];
}

/** So many layers are drawn each by itself: more pieces can neither be seen nor be told apart. */
const mostPieces = 20;

/** The pieces of the bars: the layers that add most in any row, in the order of the network, then all others as one. */
export function barPieces(rows: readonly EvidenceRow[]): BarPiece[] {
  const shares = rows.map(sharesOf);
  const layers = shares[0].length - 1;
  const most = (layer: number): number => Math.max(...shares.map((row) => row[layer]));
  const ranked = Array.from({ length: layers }, (_, layer) => layer);
  if (layers > mostPieces) ranked.sort((a, b) => most(b) - most(a));
  const [shown, others] = [ranked.slice(0, mostPieces), ranked.slice(mostPieces)];
  return [
    ...shown.sort((a, b) => a - b).map((layer) => ({ kind: 'layer', members: [layer] }) as const),
    ...(others.length === 0 ? [] : [{ kind: 'others', members: others } as const]),
    ...(hasOutside(rows) ? [{ kind: 'outside', members: [layers] } as const] : []),
  ];
}

/** The rows as a CSV file, a layer a line. */
export function boundCsv({ layers }: BoundRecord, rows: readonly EvidenceRow[]): string {
  const head = ['layer', ...rows.map(({ evidence }) => evidence)];
  const names = [...layers.map(({ name }) => name), ...(hasOutside(rows) ? ['outside'] : [])];
  const lines = names.map((name, i) => [
    `"${name.replace(/"/g, '""')}"`,
    ...rows.map(({ contributions }) => String(contributions.at(i < layers.length ? i : -1) ?? '')),
  ]);
  return [head, ...lines].map((line) => line.join(',')).join('\n') + '\n';
}
