import type { BoundRecord } from '../../src/protocol/bound';
import { fillText, showError, showName, showShare } from '../../src/protocol/shown';
import type { BarPlot } from '../charts/barChart';
import { barView } from '../charts/barView';
import { element } from '../ui/dom';
import type { EvidenceRow } from './boundShares';
import { boundCsv, hasOutside, sharesOf } from './boundShares';
import type { ReportHost } from './view';

/** So many pieces of a bar are told in the chart's words. */
const mostTold = 20;

/**
 * A bar for each kind of evidence, cut into the pieces of the layers, the first layer on the left; in words, as a table,
 * and to take away.
 */
export function boundBars(
  bound: BoundRecord,
  rows: readonly EvidenceRow[],
  host: ReportHost,
): readonly Node[] {
  const { texts } = host;
  const title = element('h3', {}, texts.boundShares);
  const view = barView('output-bound', plotOf(bound, rows, host), host, { controls: [title] });
  requestAnimationFrame(() => {
    view.draw();
  });
  const ranked = fillText(texts.boundShareRemark, texts[`evidence-${bound.rankedBy}`]);
  return [view.element, element('p', { class: 'remark' }, ranked)];
}

function plotOf(bound: BoundRecord, rows: readonly EvidenceRow[], host: ReportHost): BarPlot {
  const { texts, language } = host;
  const share = (value: number): string => showShare(value, language);
  const shares = rows.map(sharesOf);
  const labels = rows.map(({ evidence }) => texts[`evidence-${evidence}`]);
  const name = (piece: number): string => bound.layers.at(piece)?.name ?? texts.boundOutside;
  const shown = hasOutside(rows) ? bound.layers.length + 1 : bound.layers.length;
  const number = (value: number | null): string =>
    value === null ? texts.boundNone : showError(value);
  const summary = shares.map((parts, row) => {
    const told = parts.flatMap((part, piece) =>
      part > 0 ? [`${showName(name(piece), 60)} ${share(part)}`] : [],
    );
    return fillText(texts.boundSummary, labels[row], told.slice(0, mostTold).join(', '));
  });
  return {
    rows: labels,
    pieces: shares[0].map((_, piece) => shares.map((parts) => parts[piece])),
    numbered: true,
    axis: { scale: 'linear', min: 0, max: 1, show: (value) => share(Number(value)) },
    zoomed: 'x',
    height: rows.length * 44 + 40,
    places: rows.length * shown,
    locate: (place) => [place % shown, Math.floor(place / shown)],
    placeOf: (piece, row) => row * shown + piece,
    read: (place) => {
      const [piece, row] = [place % shown, Math.floor(place / shown)];
      const { contributions, total } = rows[row];
      const label = `${labels[row]}, ${showName(name(piece), 60)}`;
      const part = share(shares[row][piece]);
      return [fillText(texts.boundRow, label, number(contributions[piece]), number(total), part)];
    },
    summary: `${texts.boundShares}. ${summary.join(' ')}`,
    table: {
      headings: [texts.layer, ...labels],
      rows: Array.from({ length: shown }, (_, piece) => [
        name(piece),
        ...rows.map(({ contributions }) => contributions[piece] ?? NaN),
      ]),
    },
    csv: () => boundCsv(bound, rows),
  };
}
