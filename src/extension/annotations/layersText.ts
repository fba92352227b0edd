import * as path from 'node:path';
import { showCount, showName } from '../../protocol/shown';
import type { CheckpointSummary } from '../../protocol/worker';
import type { CheckpointFacts, LayerFacts } from './facts';
import {
  overHorizon,
  relationOf,
  showFigure,
  showModulus,
  showOutput,
  showEvidence,
  showPart,
  standingOf,
} from './figures';
import type { NumberFormat, Translate } from './figures';
import type { Freshness } from './freshness';

/** The text of a layers document and where each layer stands in it. */
export interface LayersText {
  readonly text: string;
  readonly places: readonly LayerPlace[];
}

export interface LayerPlace {
  /** As in the file, not as it is shown. */
  readonly name: string;
  /** Lines, zero-based; `last` is the last one of its details. */
  readonly line: number;
  readonly last: number;
  /** Characters of its shown name, which begins the line. */
  readonly nameLength: number;
  /** What is to say of it in a word: its order. */
  readonly detail: string;
}

/** What the document says of a layer, in the words of a person. */
interface Row {
  readonly name: string;
  readonly cells: readonly string[];
  readonly details: readonly (readonly [string, string])[];
  readonly order: number;
}

interface Page {
  readonly title: string;
  readonly facts: readonly (readonly [string, string])[];
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

const nameLimit = 60;

/** Of a checkpoint that a compression wrote. */
export function resultText(
  facts: CheckpointFacts,
  freshness: Freshness,
  format: NumberFormat,
  t: Translate,
): LayersText {
  const output = facts.output === undefined ? undefined : showOutput(facts.output, format, t);
  const bounded = facts.layers.some(({ contribution }) => contribution !== undefined);
  return compose({
    title: titleOf(facts.result, facts.layers.length, t),
    facts: [
      [t('made from'), showName(path.basename(facts.source))],
      [
        t('parameters'),
        t('{0}, from {1}', showCount(facts.parametersAfter), showCount(facts.parametersBefore)),
      ],
      [t('error'), t('relative h² error of the impulse responses {0}', overHorizon(facts, t))],
      [t('share'), t('part of the sum of the layers’ squared h² errors')],
      ...(output === undefined ? [] : [[t('output'), t('output error {0}', output)] as const]),
      [t('status'), standingOf(facts.layers, freshness, t).text],
    ],
    columns: [
      t('layer'),
      t('family'),
      t('order'),
      t('before'),
      t('error'),
      t('share'),
      t('kind'),
      ...(bounded ? [t('of output error')] : []),
    ],
    rows: facts.layers.map((layer) => resultRow(layer, format, t)),
  });
}

function resultRow(layer: LayerFacts, format: NumberFormat, t: Translate): Row {
  const relation = relationOf([layer]);
  return {
    name: layer.name,
    cells: [
      layer.family,
      `${layer.orderAfter}`,
      `${layer.orderBefore}`,
      `${relation} ${showFigure(layer.relativeError, format)}`,
      layer.share === undefined ? '–' : showPart(layer.share),
      layer.kind === 'certified' ? t('certified') : t('estimated'),
      ...(layer.contribution === undefined
        ? []
        : [
            `${showPart(layer.contribution.share)} (${showEvidence(layer.contribution.evidence, t)})`,
          ]),
    ],
    details: details(layer, layer.slotsAfter, layer.parametersAfter, layer.slowestAfter, t),
    order: layer.orderAfter,
  };
}

/** Of a checkpoint that was compressed: what a report of it tells of its layers before. */
export function sourceText(facts: CheckpointFacts, t: Translate): LayersText {
  return compose({
    title: titleOf(facts.source, facts.layers.length, t),
    facts: [[t('parameters'), showCount(facts.parametersBefore)]],
    columns: [t('layer'), t('family'), t('order')],
    rows: facts.layers.map((layer) => ({
      name: layer.name,
      cells: [layer.family, `${layer.orderBefore}`],
      details: details(layer, layer.slotsBefore, layer.parametersBefore, layer.slowestBefore, t),
      order: layer.orderBefore,
    })),
  });
}

/** Of a checkpoint that no report speaks of: what its header tells. */
export function summaryText(summary: CheckpointSummary, t: Translate): LayersText {
  return compose({
    title: titleOf(summary.path, summary.layers.length, t),
    facts: [[t('parameters'), showCount(summary.parameters)]],
    columns: [t('layer'), t('family'), t('order')],
    rows: summary.layers.map((layer) => ({
      name: layer.name,
      cells: [layer.family, `${layer.order}`],
      details: details(layer, layer.slots, layer.parameters, undefined, t),
      order: layer.order,
    })),
  });
}

function details(
  { channels, tying }: Pick<LayerFacts, 'channels' | 'tying'>,
  slots: number,
  parameters: number,
  slowest: number | undefined,
  t: Translate,
): (readonly [string, string])[] {
  const stored = tying === 'independent' ? t('{0} per channel', slots) : `${slots}`;
  return [
    [t('channels'), showCount(channels)],
    [t('poles stored'), stored],
    [t('parameters'), showCount(parameters)],
    ...(slowest === undefined
      ? []
      : [[t('slowest mode'), `|λ| = ${showModulus(slowest)}`] as const]),
  ];
}

function titleOf(file: string, layers: number, t: Translate): string {
  const name = showName(path.basename(file));
  return layers === 1
    ? t('{0}: 1 state-space layer', name)
    : t('{0}: {1} state-space layers', name, layers);
}

/** Lays the page out: `#` lines first, then a line for each layer in columns, its details indented below. */
function compose({ title, facts, columns, rows }: Page): LayersText {
  const label = widest(facts.map(([name]) => name));
  const lines = [
    `# ${title}`,
    ...facts.map(([name, value]) => `# ${name.padEnd(label)}  ${value}`),
    '',
  ];
  // the first heading bears the mark of a comment, so that the columns stand below their headings
  const headings = columns.map((column, i) => (i === 0 ? `# ${column}` : column));
  const table = rows.map(({ name, cells }) => [showName(name, nameLimit), ...cells]);
  const widths = headings.map((heading, i) => widest([heading, ...table.map((row) => row[i])]));
  const align = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => cell.padEnd(widths[i]))
      .join('  ')
      .trimEnd();
  lines.push(align(headings));
  const places = rows.map((row, i) => {
    const line = lines.push(align(table[i])) - 1;
    const detailLabel = widest(row.details.map(([name]) => name));
    for (const [name, value] of row.details) {
      lines.push(`    ${name.padEnd(detailLabel)}  ${value}`);
    }
    return {
      name: row.name,
      line,
      last: lines.length - 1,
      nameLength: table[i][0].length,
      detail: `${row.order}`,
    };
  });
  return { text: `${lines.join('\n')}\n`, places };
}

function widest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, text.length), 0);
}
