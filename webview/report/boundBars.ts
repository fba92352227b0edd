import type { BoundRecord } from '../../src/protocol/bound';
import { fillText, showCount, showError, showName, showShare } from '../../src/protocol/shown';
import type { BarPlot } from '../charts/barChart';
import { barView } from '../charts/barView';
import { element } from '../ui/dom';
import type { EvidenceRow } from './boundShares';
import { barPieces, boundCsv, hasOutside, sharesOf, sumOf } from './boundShares';
import type { ReportHost } from './view';

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
  const others = barPieces(rows).find(({ kind }) => kind === 'others')?.members.length ?? 0;
  const rest =
    others > 0 ? fillText(texts.boundOthersRemark, showCount(others, host.language)) : '';
  return [view.element, element('p', { class: 'remark' }, `${ranked} ${rest}`.trim())];
}

function plotOf(bound: BoundRecord, rows: readonly EvidenceRow[], host: ReportHost): BarPlot {
  const { texts, language } = host;
  const share = (value: number): string => showShare(value, language);
  const labels = rows.map(({ evidence }) => texts[`evidence-${evidence}`]);
  const pieces = barPieces(rows);
  const names = pieces.map(({ kind, members }) => {
    if (kind === 'others') return fillText(texts.boundOthers, showCount(members.length, language));
    return kind === 'outside' ? texts.boundOutside : showName(bound.layers[members[0]].name, 60);
  });
  const shares = rows.map((row) => {
    const single = sharesOf(row);
    return pieces.map(({ members }) => members.reduce((sum, member) => sum + single[member], 0));
  });
  const number = (value: number | null): string =>
    value === null ? texts.boundNone : showError(value);
  const locate = (place: number): readonly [number, number] => [
    place % pieces.length,
    Math.floor(place / pieces.length),
  ];
  const summary = shares.map((parts, row) => {
    const told = parts.flatMap((part, i) => (part > 0 ? [`${names[i]} ${share(part)}`] : []));
    return fillText(texts.boundSummary, labels[row], told.join(', '));
  });
  const others = pieces.findIndex(({ kind }) => kind === 'others');
  const listed = hasOutside(rows) ? bound.layers.length + 1 : bound.layers.length;
  return {
    rows: labels,
    pieces: pieces.map((_, piece) => shares.map((parts) => parts[piece])),
    labels: pieces.map(({ kind, members }) =>
      kind === 'layer' ? String(members[0] + 1) : kind === 'others' ? '…' : '',
    ),
    ...(others < 0 ? {} : { rest: others }),
    axis: { scale: 'linear', min: 0, max: 1, show: (value) => share(Number(value)) },
    zoomed: 'x',
    height: rows.length * 44 + 40,
    places: rows.length * pieces.length,
    locate,
    placeOf: (piece, row) => row * pieces.length + piece,
    read: (place) => {
      const [piece, row] = locate(place);
      const { contributions, total } = rows[row];
      const sum = sumOf(pieces[piece].members.map((member) => contributions[member]));
      const label = `${labels[row]}, ${names[piece]}`;
      return [
        fillText(texts.boundRow, label, number(sum), number(total), share(shares[row][piece])),
      ];
    },
    summary: `${texts.boundShares}. ${summary.join(' ')}`,
    table: {
      headings: [texts.layer, ...labels],
      rows: Array.from({ length: listed }, (_, at) => [
        bound.layers.at(at)?.name ?? texts.boundOutside,
        ...rows.map(({ contributions }) => contributions[at] ?? NaN),
      ]),
    },
    csv: () => boundCsv(bound, rows),
  };
}
